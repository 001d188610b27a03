import { declarePart } from './part.ts';

declarePart('first');

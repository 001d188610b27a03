import { declarePart } from './part.ts';

declarePart('second');

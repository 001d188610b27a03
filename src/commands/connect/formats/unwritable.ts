import { WizardError } from '../../../core/errors.ts';

/** The error for a value that a format cannot hold so that it is read back as it was; the value itself is not told. */
export const unwritable = (what: string, format: string): WizardError =>
  new WizardError('target-value', `${format} cannot hold the value of ${what} so that it is read back.`);

import { WizardError } from '../../core/errors.ts';
import { joinWords } from '../../core/text.ts';
import type { ConnectRun } from './connect-run.ts';

/**
 * Refuses a credential that the target cannot use, a cloud that it does not know, and a config file that it cannot read.
 * Throws WizardError.
 */
export function requireFit({ target, config, format, cloud }: ConnectRun): void {
  const { kind } = config.credential;
  const { title, credentials, clouds, formats } = target;
  if (!credentials.includes(kind)) {
    const message = `${title} cannot use a credential of kind ${kind}: it takes ${joinWords(credentials)}.`;
    throw new WizardError('target-credential', message, {
      remedy: `Make one in a file of its own: \`reporting-setup --credential ${credentials[0]} --output <file>\``,
    });
  }
  if (!clouds.includes(cloud.name)) {
    const message = `${title} does not know the cloud ${cloud.name}: it reaches ${joinWords(clouds)}.`;
    throw new WizardError('target-cloud', message);
  }
  if (formats?.includes(format) === false) {
    const message = `What is made for ${title} reads the config file itself, in the ${joinWords(formats)} format alone.`;
    throw new WizardError('target-format', message);
  }
}

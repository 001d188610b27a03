import type { Settings } from '../../cli/settings.ts';
import type { Cloud } from '../../entra/clouds.ts';
import {
  gitHubIssuer,
  parseGitHub,
  parseIssuer,
  parseSubject,
} from '../../tenant/credential/github-subject.ts';
import type { Have, Trust } from '../../tenant/model.ts';
import type { Prompt } from '../../terminal/prompt.ts';
import { defaultAudience } from '../shared/open-credential.ts';

/** Asks for what a federated credential needs; where nobody answers, the plan tells what is missing. */
async function askText(message: string, fallback: string, parse: (text: string) => unknown, prompt: Prompt) {
  const validate = (text: string): string | undefined => {
    try {
      parse(text);
      return undefined;
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      return error.message;
    }
  };
  return prompt.text({ message, fallback, validate });
}

/** Where it runs says whose tokens are trusted; of GitHub a repository says the rest. */
async function askTrust(prompt: Prompt): Promise<Pick<Trust, 'issuer' | 'subject'>> {
  const place = await prompt.select<'github' | 'other'>({
    message: 'Where will it run?',
    choices: [
      { value: 'github', label: 'GitHub Actions' },
      { value: 'other', label: 'Other (Kubernetes, another CI, another cloud)' },
    ],
    fallback: 'github',
  });
  if (place === 'other') {
    const issuer = await askText('Issuer of the tokens (iss)', '', parseIssuer, prompt);
    return { issuer, subject: await askText('Subject of the tokens (sub)', '', parseSubject, prompt) };
  }
  const repository = await askText(
    'Repository, and what runs there (owner/repo, owner/repo:environment:production)',
    '',
    parseGitHub,
    prompt,
  );
  // Where nobody answers there is no repository, and no subject: the plan tells.
  const { issuer, subject } =
    repository === '' ? { issuer: gitHubIssuer, subject: '' } : parseGitHub(repository);
  return { issuer, subject };
}

/** Whose tokens are trusted: by flags, else as the file says, else as somebody answers. */
export async function chooseTrust(
  settings: Settings,
  have: Have,
  cloud: Cloud,
  prompt: Prompt,
): Promise<Trust> {
  const held = have.config.status === 'ok' ? have.config.config.credential : undefined;
  const { github } = settings;
  const saved = held?.kind === 'federated' && settings.credential === undefined ? held : undefined;
  const audience = settings.audience ?? saved?.audience ?? defaultAudience(cloud);
  const issuer = settings.issuer ?? github?.issuer ?? saved?.issuer;
  const subject = settings.subject ?? github?.subject ?? saved?.subject;
  if (issuer === undefined && subject === undefined) return { ...(await askTrust(prompt)), audience };
  return {
    issuer: issuer ?? (await askText('Issuer of the tokens (iss)', gitHubIssuer, parseIssuer, prompt)),
    subject: subject ?? (await askText('Subject of the tokens (sub)', '', parseSubject, prompt)),
    audience,
  };
}

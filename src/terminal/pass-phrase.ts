import type { Readable } from 'node:stream';
import { WizardError } from '../core/errors.ts';
import type { Redactor } from '../core/redact.ts';

/** Where a pass phrase may come from. */
export interface PassPhraseSource {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  /** `--certificate-password-stdin` was given. */
  readonly fromStdin: boolean;
  /** Asks a person without showing what is typed; undefined where nobody can be asked. */
  readonly ask: ((message: string) => Promise<string>) | undefined;
  readonly redactor: Redactor;
}

/** Characters; whatever is longer is no pass phrase but a file sent by mistake. */
const longest = 4_096;

async function readStdin(stdin: PassPhraseSource['stdin']): Promise<string> {
  if (stdin.isTTY) {
    throw new WizardError(
      'invalid-options',
      '--certificate-password-stdin takes the pass phrase from a pipe.',
      {
        remedy: 'Pipe it in, or leave the option out to be asked for it.',
      },
    );
  }
  let text = '';
  for await (const chunk of stdin) {
    text += String(chunk);
    if (text.length > longest) break;
  }
  const phrase = text.replace(/\r?\n$/, '');
  if (phrase !== '' && phrase.length <= longest && !/[\r\n]/.test(phrase)) return phrase;
  throw new WizardError('invalid-options', 'Standard input holds no pass phrase: it takes one line.');
}

/**
 * Gives pass phrases of private keys: the one on standard input, read once, or what a person answers. They are kept in
 * memory only. Rejects with WizardError naming the option where there is neither.
 */
export function createPassPhrases(source: PassPhraseSource): (message: string) => Promise<string> {
  let piped: Promise<string> | undefined;
  return async (message) => {
    if (!source.fromStdin && !source.ask) {
      throw new WizardError(
        'missing-options',
        'A private key needs its pass phrase, and nobody can be asked here. Missing: --certificate-password-stdin',
      );
    }
    if (source.fromStdin) piped ??= readStdin(source.stdin);
    const phrase = await (piped ?? source.ask?.(message) ?? '');
    source.redactor.add(phrase);
    return phrase;
  };
}

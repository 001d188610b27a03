import { WizardError } from '../core/errors.ts';
import { joinWords } from '../core/text.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** The words of NODE_OPTIONS, quotes taken off (Node.js docs, cli.md "NODE_OPTIONS"). */
const wordsOf = (text: string): string[] =>
  [...text.matchAll(/(?:"(?:\\.|[^"\\])*"|\S)+/g)].map(([word]) => word.replaceAll('"', ''));

/** Options of Node that open this process, or what it sends, to somebody else (Node.js docs, cli.md). */
const unsafeOptions: readonly (readonly [option: RegExp, does: string])[] = [
  [/^--inspect(?:-brk|-wait)?$/, 'lets every program of this machine look into this one'],
  [/^--tls-keylog$/, 'records the keys of each connection'],
  [/^--trace-tls$/, 'shows what goes over each connection'],
  [
    /^--report-(?:on-signal|on-fatalerror|uncaught-exception)$/,
    'writes secrets of the environment to a report',
  ],
  [/^--heapsnapshot-(?:signal|near-heap-limit)$/, 'writes secrets in memory to a file'],
];

/** Node takes `_` for `-` in the names of its options. */
function unsafeOption(word: string): string | undefined {
  const name = word.replace(/=.*$/s, '').replaceAll('_', '-');
  const [, does] = unsafeOptions.find(([option]) => option.test(name)) ?? [];
  return does === undefined ? undefined : `${name} ${does}`;
}

function unsafeSwitches(env: Environment, execArgv: readonly string[]): string[] {
  const set = (name: string): string => env[name]?.trim() ?? '';
  const variables = [
    set('NODE_TLS_REJECT_UNAUTHORIZED') === '0' &&
      'NODE_TLS_REJECT_UNAUTHORIZED=0 leaves certificates unchecked',
    set('NODE_DEBUG') !== '' && 'NODE_DEBUG shows tokens and secrets',
  ].filter((text) => text !== false);
  const words = [...execArgv, ...wordsOf(set('NODE_OPTIONS'))];
  const options = words.map(unsafeOption).filter((text) => text !== undefined);
  return [...new Set([...variables, ...options])];
}

/**
 * Throws WizardError `unsafe-environment` where the process was started so that somebody in between, or whoever reads
 * its output and files, gets tokens and secrets. `execArgv` is what stood before the program's name. Pure.
 */
export function requireSafeProcess(env: Environment, execArgv: readonly string[]): void {
  const found = unsafeSwitches(env, execArgv);
  if (found.length === 0) return;
  throw new WizardError('unsafe-environment', `Nothing was sent: ${joinWords(found)}.`, {
    remedy: `Run the command again without ${found.length > 1 ? 'them' : 'it'}. Where a proxy inspects TLS, NODE_EXTRA_CA_CERTS names its certificate authority; --debug shows each request without secrets.`,
  });
}

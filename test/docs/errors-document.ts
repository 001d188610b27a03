import { connectErrors } from '../../src/core/connect-errors.ts';
import type { Reading } from '../../src/core/errors.ts';
import { type CatalogueEntry, exitCodeMeanings } from '../../src/core/exit-codes.ts';
import { inTerminal } from '../../src/core/remedy.ts';
import { serviceErrors, signInErrors, usageErrors } from '../../src/core/run-errors.ts';
import { tenantErrors } from '../../src/core/tenant-errors.ts';
import { aadstsReadings, oauthReadings } from '../../src/entra/entra-readings.ts';
import { graphReadings, graphTexts, statusReadings } from '../../src/graph/graph-readings.ts';

const parts: readonly (readonly [title: string, entries: Readonly<Record<string, CatalogueEntry>>])[] = [
  ['The command line and the config file', usageErrors],
  ['What takes the credential', connectErrors],
  ['Signing in', signInErrors],
  ['The tenant', tenantErrors],
  ['Network, service and the end of a run', serviceErrors],
];

interface Source {
  readonly name: string;
  readonly reading: Reading;
}

const sourcesIn = (table: Readonly<Record<string, Reading>>, name: (key: string) => string): Source[] =>
  Object.entries(table).map(([key, reading]) => ({ name: name(key), reading }));

const sources: readonly Source[] = [
  ...sourcesIn(aadstsReadings, (number) => `AADSTS${number}`),
  ...sourcesIn(oauthReadings, (error) => `OAuth \`${error}\``),
  ...sourcesIn(graphReadings, (code) => `Graph \`${code}\``),
  ...graphTexts.map((reading) => ({ name: `Graph says ${reading.shown}`, reading })),
  ...sourcesIn(statusReadings, (status) => `Graph HTTP ${status}`),
];

/** Causes of Graph's complete "could not <purpose>: …"; here each stands alone. */
const asSentence = (cause: string): string => {
  const text = cause.replace(/^it /, 'Microsoft Graph ');
  return text.charAt(0).toUpperCase() + text.slice(1);
};
const cell = (text: string): string => text.replaceAll('|', '\\|');

/** One row for all that mean the same. */
function sourceRows(code: string, remedy: string): string[] {
  const rows = new Map<string, string[]>();
  for (const { name, reading } of sources.filter((source) => source.reading.code === code)) {
    const own = reading.remedy === undefined || reading.remedy === remedy ? '' : reading.remedy;
    const meaning = `${cell(asSentence(reading.cause))} | ${cell(own)}`;
    rows.set(meaning, [...(rows.get(meaning) ?? []), cell(name)]);
  }
  if (rows.size === 0) return [];
  const body = [...rows].map(([meaning, names]) => `| ${names.join(', ')} | ${meaning} |`);
  return ['', '| What Microsoft says | Cause | What to do, where it differs |', '|---|---|---|', ...body];
}

/** Codes behind which other tables stand as well. */
const notes: Partial<Record<string, string>> = {
  'sign-in-client':
    'The AADSTS numbers under `credential-rejected` and `service-principal-disabled` come here where a person signs in (`--auth browser`, `device-code` or `azure-cli`): they concern the program used for that.',
  'sign-in-credential':
    'The AADSTS numbers under `credential-rejected`, `credential-expired` and `service-principal-disabled` come here where a job signs in (`--auth environment` or `workload-identity`): they concern its own application.',
};

/** What only tells the program how to spell a command is no word of it. */
const asTyped = (remedy: string): string =>
  remedy.replaceAll(`reporting-setup ${inTerminal}`, 'reporting-setup');

function section([code, { exitCode, when, remedy }]: readonly [string, CatalogueEntry]): string[] {
  return [
    '',
    `### ${code}`,
    '',
    `When ${when}. Exit code ${exitCode}.`,
    '',
    `**What to do:** ${asTyped(remedy)}`,
    ...(notes[code] === undefined ? [] : ['', notes[code]]),
    ...sourceRows(code, remedy),
  ];
}

/** The reference of errors as Markdown, made from the catalogue and the tables behind it. */
export function errorsDocument(): string {
  const lines = [
    '# Errors',
    '',
    '<!-- Made from the catalogue in src/core, and what src/entra and src/graph read, by `npm run docs`; change it there. -->',
    '',
    'Whatever goes wrong has a code. People see it behind the sentence and the remedy; `--json` shows it as `error.code`, or as `code` of the check that found it. Codes and exit codes are stable: scripts may branch on them. A remedy may be more exact where the program knows more.',
    '',
    "What Microsoft reports is kept: the AADSTS number or Graph's code stands in brackets behind the sentence, and the request-id (Entra's trace id) below it. Microsoft support asks for it. A number or code that is not listed here is shown in Microsoft's own words, with secrets taken out; report it together with what `--debug` prints.",
    '',
    '## Exit codes',
    '',
    '| Exit code | Meaning |',
    '|---|---|',
    ...exitCodeMeanings.map(([code, meaning]) => `| ${code} | ${meaning} |`),
    '',
    'A warning alone ends with 6. Where several checks fail, the exit code is that of the one that most needs somebody to act.',
    ...parts.flatMap(([title, entries]) => ['', `## ${title}`, ...Object.entries(entries).flatMap(section)]),
  ];
  return `${lines.join('\n')}\n`;
}

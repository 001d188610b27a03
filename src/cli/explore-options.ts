import { parseMoment } from '../core/moment.ts';
import { choice, file, type OptionDefinition } from './option-definition.ts';
import { parseColumns, parseCount, parseODataFilter, parseText } from './option-parsers.ts';

/** Ways of showing rows, as `--format` of explore spells them. */
const exploreFormats = ['summary', 'table', 'json', 'ndjson', 'csv'] as const;
export type ExploreFormat = (typeof exploreFormats)[number];

/** Kinds of sign-in, as `--type` spells them. */
const exploreTypes = [
  'interactive',
  'non-interactive',
  'service-principal',
  'managed-identity',
  'all',
] as const;

const which = { explore: 'Which rows' } as const;
const how = { explore: 'How they are shown' } as const;

/** The options that explore alone has, in the order of its help. */
export const exploreOptions = {
  since: {
    flag: '--since <duration or time>',
    describe:
      'from when on: 30m, 24h, 7d, today, 2026-11-20, 2026-11-20T14:30Z; a date alone is its midnight here',
    commands: which,
    fallback: '24h',
    parse: parseMoment,
  },
  until: {
    flag: '--until <time>',
    describe: 'up to when, written likewise',
    commands: which,
    fallback: 'now',
    parse: parseMoment,
  },
  signInType: {
    flag: '--type <kind>',
    describe: `kinds of sign-in, repeatable: ${exploreTypes.join(', ')}; all but interactive come from the beta of Microsoft Graph`,
    commands: which,
    fallback: 'interactive',
    repeatable: true,
    ...choice(exploreTypes),
  },
  user: {
    flag: '--user <who>',
    describe: 'whose: user principal name, object ID, or how the display name begins',
    commands: which,
    parse: parseText,
  },
  app: {
    flag: '--app <which>',
    describe: 'of which application: client ID or display name',
    commands: which,
    parse: parseText,
  },
  failed: {
    flag: '--failed',
    describe:
      'what did not succeed; sign-ins that were interrupted for a second factor and the like are none',
    commands: which,
  },
  rowId: {
    flag: '--id <id>',
    describe: 'request or correlation ID from an error screen',
    commands: which,
    parse: parseText,
  },
  rowFilter: {
    flag: '--filter <OData>',
    describe: 'as Microsoft Graph has it: status/errorCode eq 50126; what it refuses is filtered here',
    commands: which,
    parse: parseODataFilter,
  },
  rowFormat: {
    flag: '--format <how>',
    describe: exploreFormats.join(', '),
    commands: how,
    fallback:
      'summary without a log and table with one in a terminal, else ndjson; for --output by its extension',
    ...choice(exploreFormats),
  },
  limit: {
    flag: '--limit <n>',
    describe: 'so many rows at most, the newest ones',
    commands: how,
    fallback: '20 in a table, 1000 with --json, else all',
    parse: parseCount,
  },
  columns: {
    flag: '--columns <names>',
    describe: 'columns of a table or page with commas between, as status.errorCode,location.city',
    commands: how,
    parse: parseColumns,
  },
  utc: { flag: '--utc', describe: 'times of a table or page in UTC', commands: how },
  follow: {
    flag: '--follow',
    describe: 'go on with what comes, until Ctrl-C; late and changed rows are marked',
    commands: how,
  },
  exportFile: {
    flag: '--output <file>',
    describe: 'write them to a file; the same command goes on with what was cut',
    commands: { explore: 'Output' },
    ...file,
  },
  pageFile: {
    flag: '--html <file>',
    describe: 'write one page with charts and rows, which needs nothing from elsewhere',
    commands: { explore: 'Output' },
    ...file,
  },
  restart: {
    flag: '--restart',
    describe: 'begin that file anew, whatever was begun',
    commands: { explore: 'Output' },
  },
} as const satisfies Record<string, OptionDefinition>;

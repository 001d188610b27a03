import { badRequest, invalidSelect } from '../refusal.ts';
import { type Filter, parseFilter } from './filter.ts';

export interface Expansion {
  readonly property: string;
  readonly select?: readonly string[];
}

export interface Ordering {
  readonly property: string;
  readonly descending: boolean;
}

/** The system query options of a request. */
export interface Query {
  readonly select?: readonly string[];
  readonly expand: readonly Expansion[];
  readonly filter?: Filter;
  readonly orderBy?: Ordering;
  readonly search?: string;
  readonly top?: number;
  readonly skip?: number;
  readonly count: boolean;
  readonly skipToken?: string;
  /** Whether the client accepts `ConsistencyLevel: eventual`. */
  readonly eventual: boolean;
}

const known = new Set([
  'select',
  'expand',
  'filter',
  'orderby',
  'search',
  'top',
  'skip',
  'count',
  'skiptoken',
  'format',
]);

/** System options by name without `$`, which v1.0 lets clients leave out. */
function optionsOf(url: URL): Map<string, string> {
  const options = new Map<string, string>();
  for (const [key, value] of url.searchParams) {
    const name = key.replace(/^\$/, '').toLowerCase();
    if (known.has(name)) {
      if (options.has(name)) {
        throw badRequest(
          `Query option '$${name}' was specified more than once, but it must be specified at most once.`,
          'BadRequest',
        );
      }
      options.set(name, value);
    } else if (key.startsWith('$')) {
      throw badRequest(`The query parameter '${key}' is not supported.`, 'BadRequest');
    }
  }
  return options;
}

function names(text: string): string[] {
  return text.split(',').map((part) => part.trim());
}

function parseExpand(text: string): Expansion[] {
  const items = [...text.matchAll(/\s*([\w.]+)(?:\(\$?select=([\w,\s]*)\))?\s*(,|$)/gy)];
  if (items.map(([whole]) => whole).join('') !== text) {
    throw badRequest('Parsing OData Select and Expand failed.', 'BadRequest');
  }
  return items.map(([, property = '', select]) => ({
    property,
    ...(select === undefined ? {} : { select: names(select) }),
  }));
}

function parseNumber(option: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw badRequest(
    `Invalid value '${text}' for $${option} query option found. The $${option} query option requires a non-negative ` +
      'integer value.',
    'BadRequest',
  );
}

function parseOrderBy(text: string): Ordering {
  const match = /^([\w/]+)(?:\s+(asc|desc))?$/.exec(text.trim());
  if (match?.[1] === undefined) throw badRequest(`Syntax error in '${text}'.`, 'BadRequest');
  return { property: match[1], descending: match[2] === 'desc' };
}

function parseCount(text: string): boolean {
  if (text === 'true' || text === 'false') return text === 'true';
  throw badRequest(
    `Invalid value '${text}' for $count query option found. Valid values are 'true' or 'false'.`,
    'BadRequest',
  );
}

function parseSelect(text: string): readonly string[] | undefined {
  const selected = names(text);
  const empty = selected.find((name) => name === '');
  if (empty !== undefined && selected.length > 1) throw invalidSelect('', 'microsoft.graph.entity');
  return selected.includes('*') || empty !== undefined ? undefined : selected;
}

function parsed<T, K extends string>(
  key: K,
  text: string | undefined,
  parse: (text: string) => T,
): { [P in K]?: T } {
  const result: { [P in K]?: T } = {};
  if (text !== undefined) result[key] = parse(text);
  return result;
}

/** Reads a request's system query options. Throws 400 for one that is unknown, doubled or malformed. */
export function parseQuery(url: URL, consistencyLevel: string | undefined): Query {
  const options = optionsOf(url);
  const select = options.get('select');
  const selected = select === undefined ? undefined : parseSelect(select);
  return {
    ...(selected === undefined ? {} : { select: selected }),
    expand: parseExpand(options.get('expand') ?? ''),
    ...parsed('filter', options.get('filter'), parseFilter),
    ...parsed('orderBy', options.get('orderby'), parseOrderBy),
    ...parsed('search', options.get('search'), (text) => text),
    ...parsed('top', options.get('top'), (text) => parseNumber('top', text)),
    ...parsed('skip', options.get('skip'), (text) => parseNumber('skip', text)),
    count: parseCount(options.get('count') ?? 'false'),
    ...parsed('skipToken', options.get('skiptoken'), (text) => text),
    eventual: consistencyLevel?.toLowerCase() === 'eventual',
  };
}

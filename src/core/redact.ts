import { safeText } from './text.ts';

/** Takes secrets out of whatever is about to be printed. */
export interface Redactor {
  /** Registers a secret; texts under six characters are ignored, as they would turn up by chance. */
  add(secret: string): void;
  /** The text with every registered secret, and whatever looks like one, replaced by `[redacted]`. */
  redact(text: string): string;
}

const marker = '[redacted]';
const shortest = 6;

type Range = readonly [start: number, end: number];

const names =
  'client_?secret|client_?assertion|secret_?text|refresh_?token|access_?token|id_?token|device_?code|code_?verifier|password';

/** Secrets are recognised by where they stand; group 1 is what goes. */
const patterns: readonly RegExp[] = [
  /\bBearer\s+(?!(?:token|authentication|realm|error|authorization_uri)\b)([^\s"',;]+)/gi,
  // The look-ahead makes a long word without a dot cost one pass.
  /(?<![\w-])(?=[\w-]+\.[\w-])[\w-]*?(eyJ[\w-]{4,}\.[\w-]+(?:\.[\w-]*)*)/g,
  new RegExp(`(?:${names})(?:=|%3D)(?!['"])([^&\\s"'#;,]+)`, 'gi'),
  new RegExp(`(?:${names})["']?\\s*[:=]\\s*"((?:[^"\\\\]|\\\\.)+)`, 'gi'),
  new RegExp(`(?:${names})["']?\\s*[:=]\\s*'((?:[^'\\\\]|\\\\.)+)`, 'gi'),
  new RegExp(`(?:${names})\\\\+"\\s*:\\s*\\\\+"([^"\\\\]+)`, 'gi'),
  /(?:^|[?&#"']|%3F|%26|\s(?=code=\S{16}))code(?:=|%3D)([^&\s"'#;,]+)/gi,
];

/** Base64 of the text where it stands 0, 1 or 2 bytes into a longer one: what does not depend on its neighbours. */
function base64Cores(text: string): string[] {
  const bytes = Buffer.from(text);
  return [0, 1, 2].map((offset) => {
    const whole = Buffer.concat([Buffer.alloc(offset), bytes]);
    const sextets = Math.floor((whole.length * 8) / 6);
    return whole.toString('base64').slice(Math.ceil((offset * 8) / 6), sextets);
  });
}

const urlSafe = (base64: string): string => base64.replaceAll('+', '-').replaceAll('/', '_');
const lowerHex = (encoded: string): string => encoded.replace(/%[0-9A-F]{2}/g, (hex) => hex.toLowerCase());
const inJson = (text: string): string => JSON.stringify(text).slice(1, -1);

const hex = (character: string): string => (character.codePointAt(0) ?? 0).toString(16).toUpperCase();
const named: Readonly<Record<string, string>> = { '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot' };

/** How pages and .NET services write what has a meaning in HTML; they differ about the signs that need it least. */
function inHtml(text: string): string[] {
  const quotes = text.replace(/[&<>"]/g, (character) => `&${named[character]};`);
  return [
    quotes,
    quotes.replaceAll("'", '&#39;'),
    text.replace(/[&<>"'+]/g, (character) =>
      character in named ? `&${named[character]};` : `&#x${hex(character)};`,
    ),
    ...[/[&<>'+]/g, /[&<>'+]|\\"/g].map((signs) =>
      inJson(text).replace(signs, (sign) => `\\u00${hex(sign.slice(-1))}`),
    ),
  ];
}

/** The shapes in which a secret may turn up. */
function formsOf(secret: string): string[] {
  const wellFormed = secret.replace(/\p{Cs}/gu, '\ufffd');
  const percent = encodeURIComponent(wellFormed);
  const form = new URLSearchParams([['', wellFormed]]).toString().slice(1);
  const base64 = [Buffer.from(secret).toString('base64'), ...base64Cores(secret)];
  const json = inJson(secret);
  return [
    secret,
    ...[percent, form].flatMap((encoded) => [encoded, lowerHex(encoded)]),
    json,
    inJson(json),
    ...inHtml(secret),
    // What is shown was made safe before it was redacted.
    safeText(secret, secret.length * 10),
    ...base64.flatMap((encoded) => [encoded, urlSafe(encoded)]),
  ].filter((shape) => shape.length >= shortest);
}

function literalRanges(text: string, literal: string): Range[] {
  const ranges: Range[] = [];
  for (let at = text.indexOf(literal); at !== -1; at = text.indexOf(literal, at + 1)) {
    ranges.push([at, at + literal.length]);
  }
  return ranges;
}

/** Fewer characters than these are no help to anybody. */
const shortestCut = 4;

/** What is left of a literal before each ellipsis: a text that was cut before it was redacted. */
function cutRanges(text: string, literal: string): Range[] {
  const ranges: Range[] = [];
  for (let end = text.indexOf('…'); end !== -1; end = text.indexOf('…', end + 1)) {
    for (let length = Math.min(end, literal.length - 1); length >= shortestCut; length -= 1) {
      if (literal[length - 1] !== text[end - 1] || !literal.startsWith(text.slice(end - length, end)))
        continue;
      ranges.push([end - length, end]);
      break;
    }
  }
  return ranges;
}

function patternRanges(text: string, pattern: RegExp): Range[] {
  return [...text.matchAll(pattern)].flatMap((match) => {
    const value = match[1];
    if (!value) return [];
    const start = match.index + match[0].length - value.length;
    return [[start, start + value.length] as const];
  });
}

/** Replaces each stretch of overlapping ranges by one marker, so that no end of a longer secret stays behind. */
function replaceRanges(text: string, ranges: readonly Range[]): string {
  let result = '';
  let done = 0;
  for (const [start, end] of [...ranges].sort((a, b) => a[0] - b[0])) {
    if (start >= done) result += text.slice(done, start) + marker;
    done = Math.max(done, end);
  }
  return result + text.slice(done);
}

/** A redactor that knows no secret yet but recognises the usual places of one. */
export function createRedactor(): Redactor {
  const literals = new Set<string>([marker]);
  const once = (text: string): string =>
    replaceRanges(text, [
      ...[...literals].flatMap((literal) => [...literalRanges(text, literal), ...cutRanges(text, literal)]),
      ...patterns.flatMap((pattern) => patternRanges(text, pattern)),
    ]);
  return {
    add(secret) {
      if (secret.length < shortest) return;
      for (const form of formsOf(secret)) literals.add(form);
    },
    redact(text) {
      let before = text;
      let after = once(before);
      // What stands next to a marker may complete another secret: until nothing changes.
      while (after !== before) {
        before = after;
        after = once(before);
      }
      return after;
    },
  };
}

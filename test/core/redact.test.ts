import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRedactor } from '../../src/core/redact.ts';
import { safeText } from '../../src/core/text.ts';

const secrets = fc
  .string({
    unit: fc.oneof(fc.constantFrom(...'abAB1~._-/+="\\$&%é '), fc.string({ minLength: 1, maxLength: 1 })),
    minLength: 6,
    maxLength: 40,
  })
  .filter((secret) => !'[redacted]'.includes(secret) && !secret.includes('['));

const codeOf = (sign: string): string => sign.charCodeAt(0).toString(16).toUpperCase();
const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** How a secret may be written somewhere. */
const encodings: readonly ((text: string) => string)[] = [
  (text) => text,
  encodeURIComponent,
  (text) => encodeURIComponent(text).replace(/%../g, (hex) => hex.toLowerCase()),
  (text) => new URLSearchParams({ x: text }).toString().slice(2),
  (text) => JSON.stringify(text).slice(1, -1),
  (text) => JSON.stringify(JSON.stringify(text)).slice(3, -3),
  (text) =>
    JSON.stringify(text)
      .slice(1, -1)
      .replace(/[&<>'+]/g, (sign) => `\\u00${codeOf(sign)}`),
  (text) =>
    text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;').replaceAll('>', '&gt;'),
  (text) => text.replace(/[&<>"'+]/g, (sign) => entities[sign] ?? `&#x${codeOf(sign)};`),
  (text) => safeText(text, 1_000),
  (text) => Buffer.from(text).toString('base64'),
  (text) => Buffer.from(text).toString('base64url'),
];

function redactorFor(...known: string[]) {
  const redactor = createRedactor();
  for (const secret of known) redactor.add(secret);
  return redactor;
}

describe('registered secrets', () => {
  it('survive in no encoding and no surroundings', () => {
    const surroundings = fc.string({ maxLength: 20 });
    fc.assert(
      fc.property(
        secrets,
        fc.constantFrom(...encodings),
        surroundings,
        surroundings,
        (secret, encode, before, after) => {
          const output = redactorFor(secret).redact(before + encode(secret) + after);
          expect(output).not.toContain(encode(secret));
          expect(output).not.toContain(secret);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('do not survive where they overlap, contain each other or follow each other', () => {
    const small = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 6, maxLength: 10 });
    fc.assert(
      fc.property(
        fc.array(small, { minLength: 1, maxLength: 5 }),
        fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 60 }),
        (known, text) => {
          const output = redactorFor(...known).redact([text, ...known, text].join(''));
          for (const secret of known) expect(output).not.toContain(secret);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('leave no end behind when one overlaps another', () => {
    expect(redactorFor('abcdefgh', 'efghijkl').redact('x abcdefghijkl y')).toBe('x [redacted] y');
    expect(redactorFor('secret-one', 'secret-one-and-more').redact('secret-one-and-more')).toBe('[redacted]');
    expect(redactorFor('ababab').redact('xabababababx')).toBe('x[redacted]x');
  });

  it('are found inside the base64 of something longer', () => {
    for (const user of ['', 'a', 'ab', 'abc', 'client']) {
      const header = Buffer.from(`${user}:plainly-fake-secret:tail`).toString('base64');
      const output = redactorFor('plainly-fake-secret').redact(`Basic ${header}`);
      expect(output).toContain('[redacted]');
      expect(output).not.toContain(header.slice(14, 30));
    }
  });

  it('redacting twice is redacting once', () => {
    const texts = fc.string({
      unit: fc.oneof(
        fc.constantFrom(
          'client_secret=',
          '"',
          '[redacted]',
          'Bearer ',
          '&',
          'code=',
          'aaaaaa',
          ']aaaaa',
          'eyJabcdef.x.',
        ),
        fc.string({ maxLength: 4 }),
      ),
      maxLength: 12,
    });
    fc.assert(
      fc.property(
        texts,
        fc.array(fc.oneof(secrets, fc.constantFrom('redacted', ']aaaaa', 'aaaaaa', '[redac')), {
          maxLength: 4,
        }),
        (text, known) => {
          const redactor = redactorFor(...known);
          const output = redactor.redact(text + known.join(''));
          expect(redactor.redact(output)).toBe(output);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('leave nothing but a few characters where a text was cut in the middle of one', () => {
    const secret = 'Plainly~Fake-Secret.Of_Forty_Characters!';
    for (let room = 0; room <= secret.length; room += 1) {
      const cut = safeText(`${'x'.repeat(50)} ${secret} and more`, 52 + room);
      const output = redactorFor(secret).redact(`${cut} (and a word)`);
      expect(output).not.toContain(secret.slice(0, 4));
      expect(output).toContain('…');
    }
  });

  it('are found where much was cut, before the test has to give up', () => {
    const known = Array.from({ length: 30 }, (_none, index) => `${'a'.repeat(1_500)}${index}`);
    const text = `${'a'.repeat(100)}…`.repeat(20);
    expect(redactorFor(...known).redact(text)).not.toContain('aaaa');
  });

  it('may be too short to be told from ordinary words', () => {
    expect(redactorFor('', 'a', 'token').redact('a token')).toBe('a token');
  });
});

it.each(['eyJ', 'password', 'password="', 'Bearer ', 'code=', 'a', ' ', 'eyJabcdef.'])(
  'gets to the end of a long text, which would outlast the test if it were looked through once more for each part: %j',
  (part) => {
    const secret = 'plainly-fake-secret';
    const redacted = redactorFor(secret).redact(`${part.repeat(100_000)} ${secret}`);
    expect(redacted.endsWith('[redacted]')).toBe(true);
  },
);

describe('secrets nobody registered', () => {
  const jwt = 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJmYWtlIn0.c2lnbmF0dXJl';

  it.each([
    ['Authorization: Bearer abc.def-ghi', 'Authorization: Bearer [redacted]'],
    [`got ${jwt}, then`, 'got [redacted], then'],
    [`token%3D${jwt}`, 'token%3D[redacted]'],
    [`line\\n${jwt}`, 'line\\n[redacted]'],
    [`${jwt.slice(0, -11)}`, '[redacted]'],
    ['client_id=x&client_secret=a~b.c_d-e&scope=y', 'client_id=x&client_secret=[redacted]&scope=y'],
    ['client_assertion=abc', 'client_assertion=[redacted]'],
    ['{"secretText":"a\\"b","keyId":"k"}', '{"secretText":"[redacted]","keyId":"k"}'],
    ['{"body":"{\\"secretText\\":\\"abc\\"}"}', '{"body":"{\\"secretText\\":\\"[redacted]\\"}"}'],
    [
      '{ "access_token" : "abc", "expires_in": 3599 }',
      '{ "access_token" : "[redacted]", "expires_in": 3599 }',
    ],
    ['{"refresh_token":"0.AX', '{"refresh_token":"[redacted]'],
    ['"clientSecret": "abc"', '"clientSecret": "[redacted]"'],
    ["AZURE_CLIENT_SECRET='a b'", "AZURE_CLIENT_SECRET='[redacted]'"],
    ['AZURE_CLIENT_SECRET=abc', 'AZURE_CLIENT_SECRET=[redacted]'],
    [inspect({ secretText: 'abc', keyId: 'k' }), "{ secretText: '[redacted]', keyId: 'k' }"],
    ['grant_type=x&device_code=abc', 'grant_type=x&device_code=[redacted]'],
    ['code_verifier=abc', 'code_verifier=[redacted]'],
    ['GET http://localhost:1234/?code=0.AXo&state=s', 'GET http://localhost:1234/?code=[redacted]&state=s'],
    ['redirect%3Fcode%3D0.AXo%26state', 'redirect%3Fcode%3D[redacted]'],
    ['code=0.AXoAbcdefghijklmno', 'code=[redacted]'],
  ])('%s', (text, redacted) => {
    expect(createRedactor().redact(text)).toBe(redacted);
  });

  it.each([
    'exit code=3, error_codes: [7000222]',
    'Bearer authentication is required',
    'WWW-Authenticate: Bearer realm="", error="invalid_token"',
    '{"passwordCredentials":[],"clientId":"7c9e6679-7425-40de-944b-e07fc1f90ae7"}',
    'AADSTS7000215: Invalid client secret provided. Ensure the secret being sent is the client secret value.',
  ])('leaves alone: %s', (text) => {
    expect(createRedactor().redact(text)).toBe(text);
  });
});

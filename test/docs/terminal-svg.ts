/** A run of text in one look: SGR numbers as a terminal got them, none for plain text. */
interface Span {
  readonly text: string;
  readonly classes: readonly string[];
}

/** The looks that the program uses; a theme gives each its colour. */
const looks: Readonly<Record<string, string>> = {
  1: 'bold',
  2: 'dim',
  31: 'red',
  32: 'green',
  33: 'yellow',
  34: 'blue',
  35: 'magenta',
  36: 'cyan',
  90: 'dim',
};

const sequence = new RegExp(`${String.fromCharCode(27)}\\[([\\d;]*)m`);
const colours = Object.entries(looks).flatMap(([code, look]) => (Number(code) > 2 ? [look] : []));

/** The looks after an SGR number. Throws Error for one that the picture does not know. */
function afterCode(before: readonly string[], code: string): readonly string[] {
  if (code === '' || code === '0') return [];
  if (code === '22') return before.filter((look) => look !== 'bold' && look !== 'dim');
  // Nothing is ever drawn on another ground.
  if (code === '49') return before;
  if (code === '39') return before.filter((look) => !colours.includes(look));
  const look = looks[code];
  if (look === undefined) throw new Error(`The picture has no look for SGR ${code}.`);
  return [...before.filter((other) => other !== look), look];
}

/** Splits lines where their look changes, which goes on from one line to the next. */
function spansOf(lines: readonly string[]): Span[][] {
  let classes: readonly string[] = [];
  return lines.map((line) =>
    line.split(sequence).flatMap((part, index): Span[] => {
      if (index % 2 === 0) return part === '' ? [] : [{ text: part, classes }];
      classes = part.split(';').reduce(afterCode, classes);
      return [];
    }),
  );
}

const markup = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** CSS pixels. */
const cell = { width: 8.4, height: 19, margin: 16, size: 14 };

const themes = {
  light: {
    paper: '#ffffff',
    text: '#1f2328',
    dim: '#59636e',
    red: '#cf222e',
    green: '#116329',
    yellow: '#7d4e00',
    blue: '#0550ae',
    magenta: '#8250df',
    cyan: '#1b7c83',
  },
  dark: {
    paper: '#0d1117',
    text: '#e6edf3',
    dim: '#9198a1',
    red: '#ff7b72',
    green: '#56d364',
    yellow: '#e3b341',
    blue: '#79c0ff',
    magenta: '#d2a8ff',
    cyan: '#56d4dd',
  },
};

const stylesOf = ({ paper, text, ...colours }: (typeof themes)['light']): string =>
  [
    `.paper{fill:${paper};stroke:${colours.dim}}`,
    `text{fill:${text}}`,
    ...Object.entries(colours).map(([name, colour]) => `.${name}{fill:${colour}}`),
  ].join('');

/**
 * A picture of what a terminal showed, light and dark as the reader has it, with text that can be selected. `lines` have
 * SGR sequences as the terminal gives them back; `title` is read out in place of the picture.
 */
export function terminalSvg(lines: readonly string[], columns: number, title: string): string {
  const width = Math.ceil(columns * cell.width + 2 * cell.margin);
  const height = lines.length * cell.height + 2 * cell.margin;
  const rows = spansOf(lines).map((line, index) => {
    const spans = line.map(({ text, classes }) =>
      classes.length === 0 ? markup(text) : `<tspan class="${classes.join(' ')}">${markup(text)}</tspan>`,
    );
    const y = cell.margin + (index + 0.75) * cell.height;
    return `<text x="${cell.margin}" y="${y}" xml:space="preserve">${spans.join('')}</text>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${markup(title)}">`,
    `<title>${markup(title)}</title>`,
    '<style>',
    `text{font:${cell.size}px ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace;white-space:pre}.bold{font-weight:600}`,
    stylesOf(themes.light),
    `@media (prefers-color-scheme:dark){${stylesOf(themes.dark)}}`,
    '</style>',
    `<rect class="paper" x=".5" y=".5" width="${width - 1}" height="${height - 1}" rx="8"/>`,
    ...rows.filter((row) => !row.endsWith('"></text>')),
    '</svg>',
    '',
  ].join('\n');
}

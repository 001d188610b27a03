// Bundles the program and everything it needs into dist/, so that an install downloads nothing else, and gathers the
// licences and the list (SBOM) of what went in.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';
import sbom from 'rollup-plugin-sbom';

const root = fileURLToPath(new URL('..', import.meta.url));
const modules = `${sep}node_modules${sep}`;

/** The folder of the package that a bundled module belongs to; undefined for our own. */
function packageFolder(moduleId) {
  const at = moduleId.lastIndexOf(modules);
  if (at < 0) return undefined;
  const [scope, name] = moduleId.slice(at + modules.length).split(sep);
  return join(moduleId.slice(0, at + modules.length), scope.startsWith('@') ? join(scope, name) : scope);
}

/** Name, version and licence text of a package. Throws where a package brings no licence at all. */
function licenceOf(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  if (file === undefined && license === undefined) throw new Error(`${name} brings no licence`);
  const text = file === undefined ? '' : readFileSync(join(folder, file), 'utf8').trim();
  return { title: `${name} ${version} (${license ?? 'see below'})`, text };
}

/** Packages under one and the same text are listed together. */
function licences(folders) {
  const byText = new Map();
  for (const { title, text } of [...folders].sort().map(licenceOf)) {
    byText.set(text, [...(byText.get(text) ?? []), title]);
  }
  return [...byText]
    .map(([text, titles]) => `${titles.join('\n')}\n\n${text}\n`)
    .join(`\n${'-'.repeat(80)}\n\n`);
}

/** inquirer's editor prompt is never asked, and what it needs to open an editor would be a quarter of the package. */
const withoutEditor = {
  name: 'without-editor',
  resolveId: (id) => (id === '@inquirer/external-editor' ? '\0no-editor' : null),
  load: (id) => (id === '\0no-editor' ? 'export const editAsync = undefined;' : null),
};

/** What libraries do at once although it takes long and is seldom needed, and what does the same when it is. */
const later = [
  {
    // Used for text beyond ASCII alone.
    file: /node_modules.(string-width|wrap-ansi).index\.js$/,
    now: 'new Intl.Segmenter()',
    late: '{ segment(text) { return (this.made ??= new Intl.Segmenter()).segment(text); } }',
  },
  {
    // The first look at FormData loads the whole of Node's fetch; a text is none.
    file: /ts-http-runtime.dist.esm.formData\.js$/,
    now: 'typeof FormData !== "undefined"',
    late: 'typeof body === "object" && typeof FormData !== "undefined"',
  },
];

const lateWork = {
  name: 'late-work',
  transform(code, id) {
    const found = later.find(({ file }) => file.test(id));
    if (!found) return null;
    const [before, after, more] = code.split(found.now);
    if (after === undefined || more !== undefined) throw new Error(`${id} is not what it was`);
    return before + found.late + after;
  },
};

/** What went in, as CycloneDX: the same for the same sources, so without a time. */
const bill = sbom({ outDir: '.', outFilename: 'sbom.cdx', saveTimestamp: false, includeWellKnown: false });

process.chdir(root);
const { output } = await build({
  input: { main: 'src/main.ts' },
  platform: 'node',
  // The list tells what it finds as it goes: what came of it is tested.
  onLog: (level, log, tell) => log.plugin !== 'rollup-plugin-sbom' && tell(level, log),
  plugins: [withoutEditor, lateWork, bill],
  output: {
    dir: 'dist',
    format: 'esm',
    minify: true,
    cleanDir: true,
    chunkFileNames: '[name]-[hash].js',
    // What every start needs is one file: each further one costs a start as much as what is in it.
    codeSplitting: { groups: [{ name: 'start', tags: ['$initial'] }] },
  },
});
const folders = output.flatMap((chunk) => chunk.moduleIds ?? []).map(packageFolder);
writeFileSync('dist/LICENSES.txt', licences(new Set(folders.filter((folder) => folder !== undefined))));

// Asks the registry whether anything that went into dist/ has a known vulnerability, by `npm audit` and the list of what
// went in. Development tools are left aside. Ends with 1 where there is one; "skipped" where the registry does not answer.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));

const say = (line) => process.stdout.write(`${line}\n`);
const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'));

/** What `npm audit` prints, or why it could not. It ends with 1 in both cases. */
function audit() {
  return new Promise((resolve) => {
    execFile(
      'npm',
      ['audit', '--json'],
      { maxBuffer: 1e8, shell: process.platform === 'win32' },
      (error, stdout) => {
        try {
          const report = JSON.parse(stdout);
          resolve(report.vulnerabilities ? { found: report.vulnerabilities } : { skipped: report.message });
        } catch {
          resolve({ skipped: error?.message ?? 'npm audit printed no report' });
        }
      },
    );
  });
}

const { components } = readJson('dist/sbom.cdx.json');
const bundled = new Set(
  components.map(({ group, name, version }) => `${group ? `${group}/` : ''}${name}@${version}`),
);
const { packages } = readJson('package-lock.json');

/** `name@version` of each place in node_modules that is concerned, where it went into dist/. */
const placesOf = ({ name, nodes }) =>
  [...new Set(nodes.map((node) => `${name}@${packages[node]?.version}`))].filter((place) =>
    bundled.has(place),
  );

const { found, skipped } = await audit();
if (skipped !== undefined) {
  say(`npm audit: skipped, the registry does not answer it (${skipped})`);
} else {
  const all = Object.values(found);
  const concerned = all.flatMap((vulnerability) =>
    placesOf(vulnerability).map((place) => ({ ...vulnerability, place })),
  );
  for (const { place, severity, via } of concerned) {
    const why = via.map((cause) =>
      typeof cause === 'string' ? `through ${cause}` : `${cause.title} ${cause.url}`,
    );
    say(`${place}: ${severity}: ${why.join('; ')}`);
  }
  say(`npm audit: ${concerned.length} of ${bundled.size} bundled packages have a known vulnerability`);
  process.exitCode = concerned.length > 0 ? 1 : 0;
}

import { createHash } from 'node:crypto';
import { readdir, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { htmlText, scriptJson } from '../../../src/commands/explore/html/html-text.ts';
import { signInCharts } from '../../../src/commands/explore/html/page-sections.ts';
import { groupHours, summingSignIns } from '../../../src/commands/explore/summary.ts';
import { parseJson } from '../../../src/core/fields.ts';
import { streamsOf } from '../../../src/tenant/logs/log-streams.ts';
import { exploreWorld, logRequests } from './explore-world.ts';

const day = 86_400_000;

/** The rows that a page holds of a log. */
function rowsIn(page: string, log: string): unknown[] {
  const text = new RegExp(`id="data-${log}">([^<]*)</script>`).exec(page)?.[1] ?? '';
  const rows = parseJson(text);
  return Array.isArray(rows) ? rows : [];
}

const hashesOf = (page: string, name: string): string[] =>
  [...page.matchAll(new RegExp(`<${name}>([^]*?)</${name}>`, 'g'))].map(
    ([, text = '']) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`,
  );

const inOneLine = (text: string): string => text.replace(/\s+/g, ' ');

describe('explore --html', () => {
  it('writes one page of its own, readable by nobody else, and nothing on stdout', async () => {
    const world = await exploreWorld('default');
    const run = await world.run(['explore', '--since', '7d', '--html', 'logs.html', '--sandbox']);
    expect([run.code, run.stdout], run.stderr).toEqual([0, '']);
    expect((await stat(join(world.folder, 'logs.html'))).mode & 0o777).toBe(0o600);
    const page = await world.read('logs.html');
    const written = rowsIn(page, 'sign-ins').length + rowsIn(page, 'audits').length;
    expect(rowsIn(page, 'sign-ins').length).toBeGreaterThan(50);
    expect(inOneLine(run.stderr)).toContain(`✔ ${written} rows in the page`);
    const [policy = ''] = /Content-Security-Policy" content="([^"]+)"/.exec(page)?.slice(1) ?? [];
    expect(policy.split('; ')).toEqual([
      "default-src 'none'",
      `script-src ${hashesOf(page, 'script').join(' ')}`,
      `style-src ${hashesOf(page, 'style').join(' ')}`,
      "base-uri 'none'",
      "form-action 'none'",
    ]);
    // No address, so nothing from elsewhere; no style and no handler that the policy would have to allow.
    expect(page).not.toMatch(/https?:|\bsrc=|\bstyle=|\son[a-z]+=|<link|@import/);
    expect(page.match(/url\([^)]*\)/g)?.every((one) => one === 'url(#stripes)')).toBe(true);

    const again = await world.run(['explore', 'audits', '--html', 'logs.html', '--sandbox', '--json']);
    expect(again.json()).toMatchObject({
      ok: true,
      signIns: null,
      audits: { isComplete: true },
      html: { path: join(world.folder, 'logs.html') },
    });
    expect(again.json()).not.toHaveProperty('rows');
    expect(rowsIn(await world.read('logs.html'), 'sign-ins')).toEqual([]);
    const both = ['explore', 'provisioning', '--since', '30d', '--html', 'p.html', '--format', 'csv'];
    const shown = await world.run([...both, '--sandbox']);
    expect(rowsIn(await world.read('p.html'), 'provisioning')).toHaveLength(
      shown.stdout.trimEnd().split('\r\n').length - 1,
    );
    const limited = await world.run(
      ['explore', 'sign-ins', '--since', '7d', '--html', 'few.html', '--limit', '5', '--sandbox'].concat(
        '--columns',
        'id,time,appliedConditionalAccessPolicies',
      ),
    );
    expect(limited.code, limited.stderr).toBe(0);
    const few = await world.read('few.html');
    expect(few).toContain('Sign-ins: a sample, the newest rows alone, from ');
    expect(rowsIn(few, 'sign-ins')).toHaveLength(5);
    expect(rowsIn(few, 'sign-ins')[0]).toHaveLength(5);
    expect(few).toMatch(/<tr><th scope="col"><button type="button">id<.*<th scope="col" data-time aria-sort/);
    expect(rowsIn(few, 'sign-ins')[0]).toContain('not permitted to see');
    expect((await readdir(world.folder)).filter((name) => /\.(tmp|lock|part)$/.test(name))).toEqual([]);
  });

  it('replaces pages of its own alone, and leaves nothing of one that was cut', async () => {
    const world = await exploreWorld('default');
    await writeFile(join(world.folder, 'mine.html'), '<!doctype html><p>mine');
    await symlink('mine.html', join(world.folder, 'link.html'));
    const names = await readdir(world.folder);
    const before = logRequests(world).length;
    for (const [name, code] of [
      ['mine.html', 'output-not-ours'],
      ['reporting-setup.json', 'output-not-ours'],
      ['link.html', 'output-unusable'],
      ['.', 'output-unusable'],
      ['nowhere/x.html', 'output-unusable'],
    ] as const) {
      const run = await world.run(['explore', '--html', name, '--sandbox']);
      expect([run.code === 0, run.error, run.stdout], name).toMatchObject([
        false,
        { code, remedy: expect.stringContaining('--html') },
        '',
      ]);
    }
    expect(logRequests(world)).toHaveLength(before);
    expect(await world.read('mine.html')).toBe('<!doctype html><p>mine');
    let stop = (): void => undefined;
    world.sandbox.faults.add({
      when: 'before',
      fault: { kind: 'reset' },
      matches: ({ request }) => {
        const isRow = request.url.pathname.includes('directoryAudits');
        if (isRow) stop();
        return isRow;
      },
    });
    const onStop = (end: () => void): void => {
      stop = end;
    };
    const cut = await world.run(['explore', '--html', 'cut.html', '--sandbox'], { onStop });
    expect([cut.code, cut.stderr.includes('✖ The page was not written')]).toEqual([130, true]);
    expect(await readdir(world.folder)).toEqual(names);
  });

  it('says what goes with it and what does not', async () => {
    const world = await exploreWorld('default');
    const refused = async (...argv: readonly string[]): Promise<string> => {
      const run = await world.run(['explore', ...argv, '--html', 'x.html', '--sandbox']);
      expect(run.code, argv.join(' ')).toBe(2);
      return inOneLine(run.stderr);
    };
    expect(await refused('audits', '--follow')).toContain('leave --html out');
    expect(await refused('audits', '--output', 'x.html')).toContain('name the same file');
    expect(await refused('--columns', 'id')).toContain('name a log');
    expect(await refused('--format', 'csv')).toContain('one of sign-ins');
    expect(await readdir(world.folder)).not.toContain('x.html');
  });

  it('has what can be read where something cannot, and says what is missing', async () => {
    const world = await exploreWorld('no-premium');
    const here = (...argv: readonly string[]) => world.run(['explore', '--sandbox', 'no-premium', ...argv]);
    const run = await here('--html', 'logs.html', '--since', '20d');
    expect([run.code, run.stdout], run.stderr).toEqual([6, '']);
    const page = await world.read('logs.html');
    const leftOut = /<section class="note" aria-labelledby="left-out">.*?<\/section>/s.exec(page)?.[0];
    expect(leftOut).toContain('Could not read the interactive sign-ins');
    expect(leftOut).toContain('for 7 days without');
    expect([rowsIn(page, 'sign-ins').length, rowsIn(page, 'audits').length > 0]).toEqual([0, true]);
    const alone = await here('sign-ins', '--html', 'none.html');
    expect([alone.code, alone.error]).toMatchObject([6, { code: 'licence-missing' }]);
    expect(await readdir(world.folder)).not.toContain('none.html');
  });

  it('has no rows of empty logs', async () => {
    const world = await exploreWorld('no-logs');
    const run = await world.run(['explore', 'sign-ins', '--html', 'logs.html', '--sandbox', 'no-logs']);
    expect([run.code, run.stdout], run.stderr).toEqual([0, '']);
    const page = await world.read('logs.html');
    expect(page).toContain('No rows in this time.');
    expect(rowsIn(page, 'sign-ins')).toEqual([]);
  });
});

const at = Date.parse('2026-11-28T09:14:00Z');
const times = { offsetOf: () => 0, zone: 'UTC' };

function chartsOf(...risks: readonly (string | undefined)[]): string {
  const summing = summingSignIns();
  const [stream] = streamsOf('sign-ins', ['interactive']);
  if (!stream) throw new Error('There is no list of interactive sign-ins');
  for (const risk of risks) {
    summing.add(risk === undefined ? {} : { riskLevelDuringSignIn: risk }, at, stream);
  }
  const charts = signInCharts(summing.value({ from: at - day, until: at, isComplete: true }), times);
  return /<h3 id="risk">.*?<\/div>/s.exec(charts)?.[0] ?? '';
}

describe('what a page says', () => {
  it('tells risk that is hidden from none', () => {
    expect(chartsOf('none', 'none')).toContain('>2</td>');
    expect(chartsOf('none', 'none')).not.toContain('Not permitted');
    const hidden = chartsOf('hidden', 'hidden', 'hidden');
    expect(hidden).toContain('Not permitted to see: Microsoft hides the risk of 3 sign-ins');
    expect(hidden).not.toMatch(/<tr>|None\./);
    const mixed = chartsOf('high', 'hidden', undefined);
    expect(mixed).toContain('high');
    expect(mixed).toContain('the risk of 1 sign-ins');
    expect(mixed).toContain('Of 1 nothing is said');
  });

  it('escapes whatever a tenant holds', () => {
    const hostile = '</script><!--<script>"\'&\u0000\u202e\u2028\ud800';
    const raw = ['<', '>', '"', "'", '\u0000', '\u202e', '\u2028', '\ud800'];
    const escaped = htmlText(hostile);
    expect(raw.filter((sign) => escaped.includes(sign))).toEqual([]);
    expect(escaped).not.toMatch(/&(?!lt;|gt;|amp;|quot;|#39;)/);
    const json = scriptJson([hostile]);
    expect(['<', '>', '&', '\u0000', '\u2028', '\ud800'].filter((sign) => json.includes(sign))).toEqual([]);
    expect(JSON.parse(json)).toEqual([hostile]);
  });

  it('keeps the latest hours of a range that is too long, and puts neighbours together', () => {
    const summing = summingSignIns();
    const [stream] = streamsOf('sign-ins', ['interactive']);
    if (stream) summing.add({}, at, stream);
    const { byHour } = summing.value({ from: at - 400 * day, until: at, isComplete: true });
    expect([byHour.length, byHour.at(-1)]).toMatchObject([2_208, { total: 1 }]);
    const grouped = groupHours(byHour, 168);
    expect(grouped.length).toBeLessThanOrEqual(168);
    expect(grouped.reduce((sum, { total }) => sum + total, 0)).toBe(1);
  });
});

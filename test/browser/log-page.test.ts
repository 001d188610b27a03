import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import {
  pageFoot,
  pageHead,
  type RowResult,
  rowsEnd,
  rowsStart,
  rowText,
} from '../../src/commands/explore/html/log-page-text.ts';
import { signInCharts } from '../../src/commands/explore/html/page-sections.ts';
import { summingSignIns } from '../../src/commands/explore/summary.ts';
import { streamsOf } from '../../src/tenant/logs/log-streams.ts';
import { exploreWorld } from '../commands/explore/explore-world.ts';
import { useFolder } from '../helpers/temp-folder.ts';
import { hasChromium, launch } from './sign-in.ts';

const title = hasChromium
  ? 'the page of explore'
  : 'the page of explore (skipped: Chromium is not installed)';
const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const inFolder = useFolder();
const root = join(import.meta.dirname, '../..');

/** What Chromium says of a page, and where it went for it. */
interface Opened {
  readonly page: Page;
  readonly complaints: string[];
  readonly requests: string[];
}

async function open(browser: Browser, path: string, width = 1_280): Promise<Opened> {
  const context = await browser.newContext({ viewport: { width, height: 900 } });
  onTestFinished(() => context.close());
  const page = await context.newPage();
  const [complaints, requests]: [string[], string[]] = [[], []];
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => requests.push(request.url()));
  await page.goto(pathToFileURL(path).href);
  return { page, complaints, requests };
}

interface Axe {
  run(options: {
    readonly resultTypes: readonly string[];
    readonly runOnly?: readonly string[];
  }): Promise<{ violations: readonly { id: string; nodes: readonly { html: string }[] }[] }>;
}

/** What axe-core finds wrong, each with where. */
async function faultsOf(page: Page, rules?: readonly string[]): Promise<string[]> {
  await page.evaluate(await readFile(axe, 'utf8'));
  const { violations } = await page.evaluate(
    (runOnly) =>
      (globalThis as unknown as { axe: Axe }).axe.run({
        resultTypes: ['violations'],
        ...(runOnly && { runOnly }),
      }),
    rules,
  );
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`));
}

const status = (page: Page): Promise<string | null> => page.locator('[data-status]').first().textContent();
const column = (page: Page, number: number): Promise<string[]> =>
  page.locator(`[data-body] td:nth-child(${number})`).allTextContents();
const isSorted = (texts: readonly string[]): boolean =>
  texts.every((text, index) => index === 0 || (texts[index - 1] ?? '') <= text);

/** Names of applications and browsers are whatever an attacker wrote. */
const hostile = [
  '</script><script>globalThis.ran = 1</script>',
  '<img src=x onerror="globalThis.ran = 1">',
  '<!--<script>',
  '"><svg onload=globalThis.ran=1>',
  'NUL \u0000, line \u2028 and \u2029, turned \u202eround\u202c, half \ud800',
  "{{globalThis.ran = 1}} javascript:globalThis.ran=1//'",
  '=HYPERLINK("x")',
  'W'.repeat(5_000),
];

/** A page of so many rows, made of hostile texts. */
function hostilePage(count: number): string {
  const summing = summingSignIns();
  const [stream] = streamsOf('sign-ins', ['interactive']);
  if (!stream) throw new Error('There is no list of interactive sign-ins');
  const end = Date.parse('2026-11-28T09:14:00Z');
  const results: readonly RowResult[] = ['succeeded', 'failed', 'interrupted'];
  const rows = Array.from({ length: count }, (_, index) => {
    const text = hostile[index % hostile.length] ?? '';
    const at = end - index * 60_000;
    const status = { errorCode: index % 3 === 0 ? 0 : 999_000 + (index % 7), failureReason: text };
    const location = { countryOrRegion: text };
    summing.add(
      { appDisplayName: text, userPrincipalName: text, clientAppUsed: text, status, location },
      at,
      stream,
    );
    return rowText(
      at,
      results[index % 3] ?? 'failed',
      [text, new Date(at).toISOString(), `${index}`],
      index === 0,
    );
  });
  const range = { from: end - count * 60_000, until: end, isComplete: true };
  const section = {
    log: 'sign-ins',
    title: hostile[1] ?? '',
    charts: signInCharts(summing.value(range), { offsetOf: () => 0, zone: 'UTC' }),
    columns: [
      { title: hostile[3] ?? '', isTime: false },
      { title: 'Time', isTime: true },
      { title: 'Number', isTime: false },
    ],
    rows: count,
    total: count,
    results,
  } as const;
  return [
    pageHead({ title: hostile[0] ?? '', facts: hostile.map((text) => ['Label', text]), isSandbox: false }),
    rowsStart('sign-ins'),
    ...rows,
    rowsEnd,
    pageFoot([section], { leftOut: hostile, unsaid: hostile }),
  ].join('');
}

describe.skipIf(!hasChromium)(title, { timeout: 60_000 }, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch();
  }, 60_000);
  afterAll(() => browser?.close());

  it('finds, sorts and leafs through 10,000 rows, for everybody', async () => {
    const scenario = 'many-rows:10000,unthrottled';
    const world = await exploreWorld(scenario);
    const argv = ['explore', 'sign-ins', '--since', '30d', '--html', 'logs.html', '--sandbox', scenario];
    const run = await world.run(argv);
    expect([run.code, run.stdout], run.stderr).toEqual([0, '']);
    const { page, complaints, requests } = await open(browser, join(world.folder, 'logs.html'));
    expect(await status(page)).toBe('10,000 rows, rows 1 to 100 shown.');
    const newest = await column(page, 1);
    expect([newest.length, isSorted([...newest].reverse())]).toEqual([100, true]);
    // By keyboard alone.
    await page.getByRole('button', { name: 'User' }).focus();
    await page.keyboard.press('Enter');
    expect(
      await page.locator('.rows th[aria-sort]').evaluateAll((all) => all.map((th) => th.textContent)),
    ).toEqual(['User']);
    expect(isSorted(await column(page, 2))).toBe(true);
    await page.keyboard.press('Enter');
    expect(isSorted((await column(page, 2)).reverse())).toBe(true);
    await page.getByRole('button', { name: 'Last' }).click();
    expect(await status(page)).toBe('10,000 rows, rows 9,901 to 10,000 shown.');
    await page.getByRole('button', { name: 'Next' }).focus();
    await page.keyboard.press('Enter');
    expect(await status(page)).toContain('9,901');
    const [address = '', user = ''] = [(await column(page, 5))[3], (await column(page, 2))[3]];
    await page.getByLabel('Search in every column').fill(`${address.toUpperCase()} ${user.slice(0, 4)}`);
    const found = await column(page, 5);
    expect([found.length > 0, found.every((text) => text.includes(address))]).toEqual([true, true]);
    await page.getByLabel('Search in every column').fill('there is no such thing');
    expect(await status(page)).toBe('0 of 10,000 rows match.');
    await page.getByLabel('Search in every column').fill('');
    await page.locator('[data-result]').selectOption('interrupted');
    expect(await status(page)).toMatch(/ of 10,000 rows match, rows 1 to 100 shown\.$/);
    expect((await column(page, 4)).every((text) => text.startsWith('interrupted '))).toBe(true);

    // What holds for 25 rows does for more.
    await page.getByLabel('Rows at once').selectOption('25');
    expect(await faultsOf(page)).toEqual([]);
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await faultsOf(page, ['color-contrast'])).toEqual([]);
    expect(complaints).toEqual([]);
    expect(requests).toEqual([pathToFileURL(join(world.folder, 'logs.html')).href]);
  });

  it('shows hostile texts as they are, and runs none of 40,000', async () => {
    const path = inFolder('hostile.html');
    await writeFile(path, hostilePage(40_000));
    const { page, complaints, requests } = await open(browser, path, 400);
    expect(await status(page)).toBe('40,000 rows, rows 1 to 100 shown.');
    expect((await column(page, 1)).slice(0, 5)).toEqual([
      ...hostile.slice(0, 4),
      'NUL \\u{0}, line \\u{2028} and \\u{2029}, turned \\u{202e}round\\u{202c}, half \\u{d800}',
    ]);
    expect(await page.title()).toBe(hostile[0]);
    await page.locator('.rows th button').first().click();
    expect(new Set(await column(page, 1)).size).toBe(1);
    await page.getByRole('button', { name: 'Time' }).click();
    expect((await column(page, 3)).slice(0, 2)).toEqual(['0', '1']);
    // What scrolls aside does so in a part of its own.
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(400);
    const ran = await page.evaluate(() => {
      const script = document.createElement('script');
      script.textContent = 'globalThis.ran = 2';
      document.body.append(script);
      return 'ran' in globalThis;
    });
    expect(ran).toBe(false);
    expect(complaints.filter((text) => !text.includes('Content Security Policy'))).toEqual([]);
    expect([complaints.length, requests.length]).toEqual([1, 1]);
  });

  it('prints what was found', async () => {
    const path = inFolder('print.html');
    await writeFile(path, hostilePage(400));
    const { page } = await open(browser, path);
    await page.getByLabel('Search in every column').fill('HYPERLINK');
    await page.getByLabel('Rows at once').selectOption('25');
    await page.evaluate(() =>
      addEventListener('beforeprint', () => {
        document.title = String(document.querySelectorAll('[data-body] tr').length);
      }),
    );
    expect((await page.pdf()).subarray(0, 5).toString()).toBe('%PDF-');
    expect([await page.title(), (await column(page, 1)).length]).toEqual(['50', 25]);
  });

  it.runIf(process.env['UPDATE_DOCS'])('looks like its picture (npm run docs writes it)', async () => {
    const world = await exploreWorld('default');
    const argv = ['explore', 'sign-ins', '--type', 'all', '--since', '7d', '--utc', '--html', 'logs.html'];
    expect((await world.run([...argv, '--sandbox'])).code).toBe(0);
    const { page } = await open(browser, join(world.folder, 'logs.html'), 1_200);
    await page.screenshot({
      path: join(root, 'docs/screens/explore-page.png'),
      fullPage: true,
      clip: { x: 0, y: 0, width: 1_200, height: 1_400 },
    });
  });
});

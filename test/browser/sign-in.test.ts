import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Built, build } from '../pty/built.ts';
import { hasChromium, launch, startSignIn } from './sign-in.ts';

const title = hasChromium ? 'in a real browser' : 'in a real browser (skipped: Chromium is not installed)';
const graphTools = '14d82eec-204b-4c2f-b7e8-296a70dab67e';

const heading = (page: Page): Promise<string | null> => page.locator('h1').textContent();
const press = (page: Page, name: string | RegExp): Promise<void> =>
  page.getByRole('button', { name }).click();

describe.skipIf(!hasChromium).concurrent(title, { timeout: 120_000 }, () => {
  let built: Built;
  let browser: Browser;
  beforeAll(async () => {
    [built, browser] = await Promise.all([build(), launch()]);
  }, 60_000);
  afterAll(() => Promise.all([built?.remove(), browser?.close()]));

  it('signs in whoever is picked and says that the window can be closed', async ({ onTestFinished }) => {
    const flags = ['--auth', 'browser'];
    const { page, said, ended, files } = await startSignIn({ built, browser, flags }, onTestFinished);
    expect(said()).toContain('A browser opens for you to sign in.');
    expect(await heading(page)).toBe('Pick an account');
    await press(page, /Ada Admin/);
    await page.waitForURL(/^http:\/\/localhost:\d+\/$/);
    expect(await page.title()).toBe('You can close this window - reporting-setup');
    expect(await page.locator('main').textContent()).toContain('The sign-in goes on in the terminal');
    expect(await ended).toBe(0);
    expect(said()).toContain('✔ Signed in\n');
    expect(said()).toContain('ada@contoso.com (Global Administrator)');
    expect(await files()).toEqual(['reporting-setup.json']);
  });

  it('asks for consent where the client was given none', async ({ onTestFinished }) => {
    const flags = ['--auth', 'browser', '--login-client-id', graphTools];
    const { page, ended } = await startSignIn({ built, browser, flags }, onTestFinished);
    await press(page, /Ada Admin/);
    await page.getByText('would like to:').waitFor();
    expect(await page.locator('main').textContent()).toContain('ada@contoso.com');
    expect(await page.locator('li').count()).toBeGreaterThan(0);
    await page.getByLabel('Consent on behalf of your organization').check();
    await press(page, 'Accept');
    await page.waitForURL(/^http:\/\/localhost:\d+\/$/);
    expect(await heading(page)).toBe('You can close this window');
    expect(await ended).toBe(0);
  });

  it('says so on the page and in the terminal when consent is declined', async ({ onTestFinished }) => {
    const flags = ['--auth', 'browser', '--login-client-id', graphTools];
    const { page, said, ended, files } = await startSignIn({ built, browser, flags }, onTestFinished);
    await press(page, /Ada Admin/);
    await press(page, 'Cancel');
    await page.getByText('The sign-in did not succeed').waitFor();
    expect(await page.locator('main').textContent()).toContain(
      'The terminal where you started reporting-setup says why',
    );
    expect(await ended).toBe(4);
    expect(said()).toMatch(/^✖ .*(declined|consent)/im);
    expect(await files()).toEqual([]);
  });

  it('lets somebody else be picked when an account is disabled', async ({ onTestFinished }) => {
    const flags = ['--auth', 'browser'];
    const { page, said, ended, files } = await startSignIn({ built, browser, flags }, onTestFinished);
    await press(page, /Dana Disabled/);
    expect(await heading(page)).toBe('Sign-in failed');
    expect(await page.getByRole('alert').textContent()).toContain('AADSTS50057');
    await press(page, 'Use another account');
    await press(page, /Rita Reader/);
    await page.waitForURL(/^http:\/\/localhost:\d+\/$/);
    expect(await ended).toBe(5);
    expect(said()).toContain('rita@contoso.com (Security Reader)');
    expect(said()).not.toContain('dana@contoso.com');
    expect(await files()).toContain('reporting-setup.json');
  });

  it('can be stopped when the window was closed', async ({ onTestFinished }) => {
    const flags = ['--auth', 'browser'];
    const run = await startSignIn({ built, browser, flags }, onTestFinished);
    await run.page.close();
    run.interrupt();
    expect(await run.ended).toBe(130);
    expect(run.said()).toContain('✖ Cancelled during sign-in.');
    expect(await run.files()).toEqual([]);
  });

  it('takes a device code, and asks again for one that is wrong', async ({ onTestFinished }) => {
    const flags = ['--auth', 'device-code'];
    const { page, said, ended, sandbox } = await startSignIn({ built, browser, flags }, onTestFinished);
    expect(page.url()).toContain(sandbox.authorityHost);
    await page.getByLabel(/Enter the code/).fill('WRONGCODE');
    await press(page, 'Next');
    expect(await page.getByRole('alert').textContent()).toContain("That code didn't work");
    await page.getByLabel(/Enter the code/).fill(/^ {4}code {2}(\S+)$/m.exec(said())?.[1] ?? '');
    await press(page, 'Next');
    await press(page, /Ada Admin/);
    expect(await heading(page)).toMatch(/^Sign in to /);
    await press(page, 'Continue');
    await page.getByText('You may now close this window.').waitFor();
    expect(await ended).toBe(0);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  neverIssued,
  parseAudience,
  parseGitHub,
  parseIssuer,
  parseSubject,
} from '../../../src/tenant/credential/github-subject.ts';

describe('the preset for GitHub Actions', () => {
  it.each([
    ['octo/app', 'repo:octo/app:ref:refs/heads/main'],
    ['octo/app:production', 'repo:octo/app:environment:production'],
    ['octo/app:environment:Production West', 'repo:octo/app:environment:Production West'],
    ['octo/app:environment:pull_request', 'repo:octo/app:environment:pull_request'],
    ['octo/app:refs/heads/release/1.x', 'repo:octo/app:ref:refs/heads/release/1.x'],
    ['Octo/My.App:ref:refs/tags/v1', 'repo:Octo/My.App:ref:refs/tags/v1'],
    ['octo/app:pull_request', 'repo:octo/app:pull_request'],
    ['octo@12/app@345:production', 'repo:octo@12/app@345:environment:production'],
  ])('makes %s the subject %s', (text, subject) => {
    expect(parseGitHub(text)).toMatchObject({ subject, isImmutable: text.includes('@') });
  });

  it.each([
    'octo',
    'octo/',
    '/app',
    'octo/app/',
    'octo/app:',
    'octo/app:ref:main',
    'octo/app:refs/x',
    'octo/app:a:b',
  ])('refuses %s', (text) => {
    expect(() => parseGitHub(text)).toThrow(RangeError);
  });

  it.each(['octo@1/app', 'octo/app@1', 'octo/app: production', '-octo/app', 'octo/a b'])(
    'refuses %s',
    (text) => {
      expect(() => parseGitHub(text)).toThrow('is not a GitHub repository');
    },
  );

  it('either refuses a text or keeps every character of it, case too', () => {
    const name = fc.string({ unit: fc.constantFrom(...'aB1-._/:@ é\n'), maxLength: 20 });
    fc.assert(
      fc.property(name, name, (repository, rest) => {
        const text = `octo/${repository}:environment:${rest}`;
        try {
          expect(parseGitHub(text).subject).toBe(`repo:${text}`);
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
      }),
    );
  });
});

describe('a subject that GitHub never issues', () => {
  const issuer = 'https://token.actions.githubusercontent.com';

  it.each([
    ['repo:octo/app', 'what runs there'],
    ['repo:octo/app:', 'what runs there'],
    ['repo:octo/app:main', 'ref:refs/heads/<branch>'],
    ['repo:octo/app:refs/heads/main', 'ref:refs/heads/<branch>'],
    ['repo:octo/app:ref:main', 'a branch is written as'],
    ['repo:octo/app:branch:main', 'ref:refs/heads/<branch>'],
    ['repo:octo/app:pull-request', 'pull_request'],
    ['repo:octo/app:ref:refs/heads/*', 'wildcards'],
    ['repo:octo/*:pull_request', 'wildcards'],
    ['repo:octo/app:environment:*', 'wildcards'],
    ['repo:octo', 'owner/repository'],
    ['octo/app:pull_request', 'begins with repo:'],
    ['https://github.com/octo/app', 'begins with repo:'],
  ])('%s', (subject, why) => {
    expect(neverIssued(issuer, subject)).toContain(why);
  });

  it('goes with an issuer that is spelled exactly', () => {
    expect(neverIssued(`${issuer}/`, 'repo:octo/app:pull_request')).toContain('spelled exactly');
  });

  it.each([
    'repo:octo/app:ref:refs/heads/main',
    'repo:octo/app:ref:refs/tags/v1',
    'repo:octo@1/app@2:environment:a b*c',
    'repo:octo/app:pull_request',
    'repo:octo/app:job_workflow_ref:octo/flows/.github/workflows/x.yml@refs/heads/main',
    'repository_owner:octo',
    'repository_id:1:environment:production',
  ])('is none: %s', (subject) => {
    expect(neverIssued(issuer, subject)).toBeUndefined();
    expect(neverIssued('https://id.example', 'x')).toBeUndefined();
  });

  it('is none that --github puts together', () => {
    for (const text of [
      'octo/app',
      'octo/app:production',
      'octo@1/app@2:refs/tags/v1',
      'octo/app:pull_request',
    ]) {
      const { subject } = parseGitHub(text);
      expect(neverIssued(issuer, subject)).toBeUndefined();
    }
  });
});

describe('issuer, subject and audience', () => {
  it('are taken byte for byte', () => {
    expect(parseIssuer('https://id.example/Realm/')).toBe('https://id.example/Realm/');
    expect(parseIssuer('https://ID.example')).toBe('https://ID.example');
    expect(parseSubject('repo:O/r:environment:é')).toBe('repo:O/r:environment:é');
    expect(parseAudience('api://AzureADTokenExchange')).toBe('api://AzureADTokenExchange');
  });

  it.each([
    'http://id.example',
    'id.example',
    'https://u:p@id.example',
    'https://id.example?x=1',
    ' https://id.example',
  ])('no issuer: %s', (text) => {
    expect(() => parseIssuer(text)).toThrow(RangeError);
  });

  it.each(['', ' x', 'x ', 'a\nb', 'x'.repeat(601)])('no subject: %j', (text) => {
    expect(() => parseSubject(text)).toThrow(RangeError);
  });
});

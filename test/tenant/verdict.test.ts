import { describe, expect, it } from 'vitest';
import type { Finding } from '../../src/core/findings.ts';
import {
  cannotTell,
  fail,
  hiddenFrom,
  judge,
  judgeIfThere,
  listed,
  notChecked,
  pass,
  type Seen,
  skip,
  type Verdict,
  warn,
} from '../../src/tenant/verdict.ts';

describe('a verdict', () => {
  it.each<[string, Verdict, Verdict]>([
    ['pass', pass('it is so'), { status: 'pass', evidence: 'it is so' }],
    ['skip', skip('left out'), { status: 'skip', evidence: 'left out' }],
    [
      'cannot tell',
      cannotTell('why'),
      { status: 'skip', reason: 'cannot-tell', evidence: 'cannot tell: why' },
    ],
    ['not checked', notChecked('why'), { status: 'skip', evidence: 'not checked: why' }],
    ['hidden', hiddenFrom('why'), { status: 'skip', reason: 'cannot-tell', evidence: 'not checked: why' }],
    [
      'warn',
      warn('guest-account', 'seen', 'do'),
      { status: 'warn', evidence: 'seen', remedy: 'do', code: 'guest-account' },
    ],
    [
      'fail',
      fail('role-missing', 'seen', 'do'),
      { status: 'fail', evidence: 'seen', remedy: 'do', code: 'role-missing' },
    ],
  ])('%s', (_name, verdict, expected) => {
    expect(verdict).toStrictEqual(expected);
  });
});

describe('judging', () => {
  const check = { id: 'a.b', title: 'What it is called' };
  const told = (evidence: string, more: Partial<Finding> = {}): Finding => ({
    ...check,
    status: 'pass',
    evidence,
    ...more,
  });
  const hidden = told('not checked: why', { status: 'skip', reason: 'cannot-tell' });
  const absent = told('not checked: there is none', { status: 'skip' });

  it.each<[string, Seen<string | undefined>, Finding, Finding]>([
    ['what was seen', { value: 'x' }, told('seen x'), told('seen x')],
    ['something empty', { value: '' }, told('seen '), told('seen ')],
    ['what is not there', { value: undefined }, told('seen undefined'), absent],
    ['what is hidden', { hidden: 'why' }, hidden, hidden],
  ])('%s', (_name, seen, judged, ifThere) => {
    const verdict = (value: string | undefined): Verdict => pass(`seen ${value}`);
    expect(judge(check, seen, verdict)).toStrictEqual(judged);
    expect(judgeIfThere(check, seen, 'there is none', verdict)).toStrictEqual(ifThere);
  });
});

it.each([
  [[], ''],
  [['1'], '1'],
  [['1', '2'], '1 and 2'],
  [['1', '2', '3', '4', '5'], '1, 2, 3, 4 and 5'],
  [['1', '2', '3', '4', '5', '6'], '1, 2, 3, 4, 5 and 1 more'],
  [['1', '2', '3', '4', '5', '6', '7'], '1, 2, 3, 4, 5 and 2 more'],
])('a list of %j', (items, expected) => {
  expect(listed(items)).toBe(expected);
});

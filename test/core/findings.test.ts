import { describe, expect, it } from 'vitest';
import { documentOf } from '../../src/commands/shared/run-outcome.ts';
import { countFindings, exitCodeFor, type Finding } from '../../src/core/findings.ts';

const finding = (status: Finding['status'], reason?: 'cannot-tell'): Finding => ({
  id: `some.${status}`,
  title: 'Something',
  evidence: 'seen',
  status,
  ...(reason && { reason }),
});

describe('findings that cannot be told', () => {
  it('change no exit code', () => {
    expect(exitCodeFor([finding('pass'), finding('skip', 'cannot-tell')])).toBe(0);
  });

  it.each([
    [[finding('pass')], '1 pass'],
    [[finding('pass'), finding('skip', 'cannot-tell')], '1 pass, 1 cannot be told'],
    [[finding('pass'), finding('skip')], '1 pass, 1 was left out'],
    [
      [finding('skip', 'cannot-tell'), finding('skip'), finding('skip'), finding('fail'), finding('warn')],
      '0 pass, 1 cannot be told, 2 were left out',
    ],
  ])('are counted apart (%#)', (findings, text) => {
    expect(countFindings(findings)).toBe(text);
  });

  it('say so in the document, and only they do', () => {
    const document = documentOf('verify', {
      exitCode: 0,
      checks: [finding('skip', 'cannot-tell'), finding('skip')],
      changes: [],
    });
    expect(JSON.parse(JSON.stringify(document)).checks).toEqual([
      { id: 'some.skip', status: 'skip', reason: 'cannot-tell', title: 'Something', evidence: 'seen' },
      { id: 'some.skip', status: 'skip', title: 'Something', evidence: 'seen' },
    ]);
  });
});

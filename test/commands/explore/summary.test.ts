import { describe, expect, it } from 'vitest';
import { auditCharts, signInCharts } from '../../../src/commands/explore/html/page-sections.ts';
import { summingAudits, summingSignIns } from '../../../src/commands/explore/summary.ts';
import { summaryScreen } from '../../../src/commands/explore/summary-screen.ts';
import { tableColumns } from '../../../src/commands/explore/table-columns.ts';
import { auditStream, type LogStream, streamsOf } from '../../../src/tenant/logs/log-streams.ts';
import { columnsOf } from '../../../src/terminal/text-width.ts';
import { exploreWorld, logRequests } from './explore-world.ts';

const [stream = auditStream] = streamsOf('sign-ins', ['interactive']);
const from = Date.parse('2026-11-27T09:14:00Z');
const until = from + 86_400_000;

const signIn = (app: string, user: string, errorCode: number, country = 'NL') => ({
  appDisplayName: app,
  userPrincipalName: user,
  clientAppUsed: 'Browser',
  riskLevelDuringSignIn: errorCode === 53_003 ? 'high' : 'hidden',
  location: { countryOrRegion: country },
  status: { errorCode, failureReason: 'Odd words.' },
});

describe('a summary', () => {
  const summing = summingSignIns();
  const hostile = '\u001b[2J\u202eevil';
  const rows = [
    signIn('Teams', 'a@x', 0),
    signIn('Teams', 'b@x', 50_126),
    signIn('Teams', 'b@x', 50_074),
    signIn(hostile, 'c@x', 53_003, 'GB'),
    signIn('Portal', 'c@x', 999_999),
  ];
  for (const [index, row] of rows.entries()) summing.add(row, from + index * 3_600_000, stream);
  const signIns = summing.value({ from, until, isComplete: true });

  it('adds rows up, interruptions apart, with error codes in words', () => {
    expect(signIns).toMatchObject({ total: 5, failed: 3, interrupted: 1, isComplete: true });
    expect(signIns.byHour).toHaveLength(25);
    expect(signIns.byHour[1]).toEqual({
      hour: '2026-11-27T10:00:00.000Z',
      total: 1,
      failed: 1,
      interrupted: 0,
      unknown: 0,
    });
    expect(signIns.topApps[0]).toEqual({ name: 'Teams', total: 3, failed: 1 });
    expect(signIns.topErrors.map(({ code, isInterruption }) => [code, isInterruption])).toEqual([
      [50_074, true],
      [50_126, false],
      [53_003, false],
      [999_999, false],
    ]);
    expect(signIns.topErrors[1]?.meaning).toBe('The user name or the password is wrong');
    expect(signIns.topErrors[3]?.meaning).toBe('Odd words');
    expect(signIns.byCountry.map(({ name }) => name)).toEqual(['NL', 'GB']);
    expect(signIns.byRisk).toEqual([{ name: 'high', total: 1, failed: 1 }]);
  });

  it('counts what does not say how it ended apart, and not as a success', () => {
    const summing = summingSignIns();
    const rows = [{}, { status: null }, { status: { errorCode: null } }, { status: { errorCode: 0 } }];
    for (const row of rows) summing.add(row, from, stream);
    const silent = summing.value({ from, until, isComplete: true });
    expect(silent).toMatchObject({ total: 4, failed: 0, interrupted: 0, unknown: 3, topErrors: [] });
    expect(silent.byHour[0]).toMatchObject({ total: 4, unknown: 3 });
    const audits = summingAudits();
    audits.add({ result: null }, from, auditStream);
    const style = { room: 120, offsetOf: () => 0, hasUnicode: true, bold: (text: string) => text };
    const changes = audits.value({ from, until, isComplete: true });
    const lines = summaryScreen({ signIns: silent, audits: changes }, style).join('\n');
    expect(lines).toContain('4 sign-ins: 1 succeeded, 0 failed, 0 interrupted, 3 unknown');
    expect(lines).toContain('1 changes in the directory, 0 failed, 1 unknown');
    const times = { offsetOf: () => 0, zone: 'UTC' };
    expect(signInCharts(silent, times)).toContain('1 succeeded, 0 interrupted, 0 failed, 3 unknown');
    expect(signInCharts(signIns, times)).not.toContain('unknown');
    expect(auditCharts(changes, times)).toContain('0 succeeded');
    const results = (log: LogStream) => tableColumns([log]).find(({ title }) => title === 'Result');
    expect(rows.map((row) => results(stream)?.cell(row, stream))).toEqual([
      ...['unknown', 'unknown', 'unknown', 'success'],
    ]);
    expect(results(auditStream)?.cell({}, auditStream)).toBe('unknown');
  });

  it.each([80, 40, 24])('fits into %s columns and shows nothing that a terminal acts on', (room) => {
    const audits = summingAudits();
    const row = {
      activityDisplayName: 'Add user',
      result: 'failure',
      initiatedBy: { app: { displayName: hostile } },
    };
    audits.add(row, from, auditStream);
    const style = { room, offsetOf: () => 60, hasUnicode: true, bold: (text: string) => text };
    const both = { signIns, audits: audits.value({ from, until, isComplete: false }) };
    const lines = summaryScreen(both, style);
    expect(lines.filter((line) => columnsOf(line) > room)).toEqual([]);
    expect(lines.join('\n')).not.toMatch(/(?!\n)[\p{Cc}\p{Bidi_Control}]/u);
    expect(lines.join(' ')).toContain('a sample');
    expect(lines.filter((line) => line !== line.trimEnd())).toEqual([]);
    // The most of an hour is told whole or not at all.
    expect(lines.join('\n')).not.toMatch(/:\d\d {2}(?!most \d+$)[^ ]/m);
    if (room === 80) expect(lines.length).toBeLessThan(22);
  });

  it('of many rows is a sample, said as one, and read in few requests', async () => {
    const scenario = 'many-rows:400000';
    const world = await exploreWorld(scenario);
    world.pass(20_000);
    const before = [logRequests(world).length, world.slept()];
    const run = await world.run(['explore', '--sandbox', scenario], { stdoutIsTerminal: true });
    expect([run.code, run.stdout], run.stderr).toEqual([0, expect.stringContaining('a sample')]);
    expect(run.stdout).toContain('2,997 sign-ins');
    expect(logRequests(world).length - (before[0] ?? 0)).toBeLessThan(12);
  }, 30_000);
});

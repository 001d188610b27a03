import { existsSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { exploreWorld, idsIn, logRequests, objectsIn } from './explore-world.ts';

const explore = (...argv: readonly string[]): string[] => ['explore', ...argv, '--sandbox'];

describe('explore in a tenant with logs', () => {
  it('shows rows in every way, those of Graph untouched', async () => {
    const world = await exploreWorld('default');
    const since = ['--since', '30d'];
    const lines = await world.run(explore('sign-ins', ...since));
    expect([lines.code, lines.stderr.includes('✖')]).toEqual([0, false]);
    const rows = objectsIn(lines.stdout);
    expect(rows.length).toBeGreaterThan(100);
    const times = rows.map((row) => String(row['createdDateTime']));
    expect(times).toEqual([...times].sort());
    expect(logRequests(world).every(({ url }) => url.includes('/v1.0/'))).toBe(true);

    const array = await world.run(explore('sign-ins', ...since, '--format', 'json'));
    expect(JSON.parse(array.stdout)).toEqual(rows);
    const document = await world.run(explore('sign-ins', ...since, '--json', '--limit', '3'));
    expect(document.json()).toMatchObject({ command: 'explore', ok: true, hasMore: true, leftOut: [] });
    expect(document.json().tenant).toEqual({
      id: world.sandbox.tenantId,
      domain: expect.any(String),
      cloud: 'sandbox',
    });
    expect(Reflect.get(document.json(), 'rows')).toEqual(rows.slice(-3).reverse());

    const table = await world.run(
      explore('sign-ins', ...since, '--format', 'table', '--utc', '--limit', '4'),
      {
        stdoutIsTerminal: true,
        env: { NO_COLOR: '1' },
      },
    );
    const [head = '', ...shown] = table.stdout.trimEnd().split('\n');
    expect(head).toMatch(/^Time \(UTC\) +User +Appl/);
    expect(shown).toHaveLength(4);
    expect(shown[0]?.slice(0, 19)).toBe(times.at(-1)?.replace('T', ' ').slice(0, 19));
    expect(table.stdout.split('\n').every((line) => line.length <= 80)).toBe(true);
    const narrow = await world.run(explore('sign-ins', ...since, '--format', 'table'), {
      stdoutIsTerminal: true,
      env: { NO_COLOR: '1' },
      columns: 30,
    });
    expect(narrow.stdout.split('\n').every((line) => line.length <= 30)).toBe(true);
    const named = await world.run(
      explore(
        'sign-ins',
        '--format',
        'table',
        '--columns',
        'id,status.errorCode,appliedConditionalAccessPolicies',
      ),
      { columns: 200 },
    );
    expect(named.stdout).toContain('not permitted to see');
    expect(named.stderr).not.toContain('No row here has');
    const mistyped = ['--format', 'table', '--columns', 'time,type,status.errorcode,id', '--limit', '1'];
    const one = await world.run(explore('sign-ins', ...since, ...mistyped));
    const told = one.stderr.replace(/\s+/g, ' ');
    expect(told).toContain('No row here has status.errorcode.');
    expect(told).toContain('The newest row; --limit');
    const page = await world.run(explore('sign-ins', '--html', 'page.html', '--columns', 'time,id,nothing'));
    expect(page.stderr).toContain('No row here has nothing.');
  });

  it('has every kind of sign-in, each in a list of its own', async () => {
    const world = await exploreWorld('default');
    const run = await world.run(explore('sign-ins', '--type', 'all', '--since', '7d', '--format', 'csv'));
    const types = run.stdout.split('\r\n').map((line) => line.split(',')[0] ?? '');
    expect(new Set(types)).toEqual(
      new Set(['type', '', 'interactive', 'non-interactive', 'service-principal', 'managed-identity']),
    );
    const filters = logRequests(world).map(({ url }) => decodeURIComponent(url));
    for (const filter of filters.filter((url) => url.includes('servicePrincipal'))) {
      expect(filter).not.toContain('User');
    }
    expect(
      filters.filter((url) => url.includes('/v1.0/')).every((url) => !url.includes('signInEventTypes')),
    ).toBe(true);
    const columns = run.stdout.split('\r\n')[0]?.split(',');
    const alone = await world.run(explore('sign-ins', '--type', 'managed-identity', '--format', 'csv'));
    const times = (stderr: string, words: string) => stderr.replace(/\s+/g, ' ').split(words).length - 1;
    const beta = 'Through beta: sign-ins of managed identities, which';
    const hidden = 'An empty appliedConditionalAccessPolicies means "not permitted to see" here';
    expect([times(alone.stderr, beta), times(alone.stderr, hidden)]).toEqual([1, 1]);
    const plain = await world.run(explore('sign-ins'));
    expect([times(plain.stderr, 'Through beta'), times(plain.stderr, hidden)]).toEqual([0, 1]);
    const table = await world.run(
      explore('sign-ins', '--type', 'managed-identity', '--format', 'table', '--limit', '2'),
    );
    expect([times(table.stderr, beta), times(table.stderr, hidden)]).toEqual([1, 0]);
    const audits = await world.run(explore('audits', '--format', 'csv'));
    expect([times(audits.stderr, 'Through beta'), times(audits.stderr, hidden)]).toEqual([0, 0]);
    expect(alone.stdout.split('\r\n')[0]?.split(',')).toEqual(columns);
  });

  it('filters by who, which application, what failed and which id', async () => {
    const world = await exploreWorld('strict-filters');
    const read = async (...argv: readonly string[]) => {
      const run = await world.run(['explore', '--sandbox', 'strict-filters', ...argv, '--since', '30d']);
      expect(run.code, run.stderr).toBe(0);
      return { rows: objectsIn(run.stdout), said: run.stderr.replace(/\s+/g, ' ') };
    };
    const { rows: all } = await read('sign-ins');
    const [some = {}] = all;
    const upn = String(some['userPrincipalName']);
    const same = (key: string) => all.filter((row) => row[key] === some[key]);
    expect((await read('sign-ins', '--user', upn.toUpperCase())).rows).toEqual(same('userPrincipalName'));
    expect((await read('sign-ins', '--user', String(some['userId']))).rows).toEqual(same('userId'));
    const first = String(some['userDisplayName']).slice(0, 3);
    expect((await read('sign-ins', '--user', first)).rows).toEqual(
      all.filter((row) => String(row['userDisplayName']).startsWith(first)),
    );
    expect((await read('sign-ins', '--app', String(some['appDisplayName']))).rows).toEqual(
      same('appDisplayName'),
    );
    expect((await read('sign-ins', '--id', String(some['correlationId']))).rows).toEqual(
      same('correlationId'),
    );
    const code = (row: (typeof all)[number]): number =>
      Number(Reflect.get(Object(row['status']), 'errorCode'));
    const failed = await read('sign-ins', '--failed');
    expect(failed.rows).toEqual(
      all.filter((row) => code(row) !== 0 && code(row) !== 50074 && code(row) !== 50140),
    );
    expect(failed.said).toContain('by --failed: they are filtered here');
    const filtered = await read('sign-ins', '--filter', 'status/errorCode gt 50000');
    expect(filtered.rows).toEqual(all.filter((row) => code(row) > 50_000));
    expect(filtered.said).toContain('by --filter');

    const { rows: audits } = await read('audits');
    expect((await read('audits', '--failed')).rows).toEqual(
      audits.filter(({ result }) => result !== 'success'),
    );
    expect(audits.every((row) => 'activityDateTime' in row)).toBe(true);
    // They name people by user principal name alone, mostly: no row is no answer then.
    const named = await read('audits', '--user', 'Ada');
    expect(named.said).toContain('lack the display name of who made the change');
    const byName = await read('audits', '--user', 'ada@contoso.com');
    expect([byName.rows.length > 10, byName.said.includes('display name')]).toEqual([true, false]);
    const { rows: provisioning } = await read('provisioning');
    expect(provisioning.length).toBeGreaterThan(50);
    expect((await read('provisioning', '--failed')).rows.length).toBeLessThan(20);
    const wrong = await world.run([
      'explore',
      'sign-ins',
      '--sandbox',
      'strict-filters',
      '--filter',
      'nothing eq 1',
    ]);
    expect([wrong.code, wrong.stdout]).toEqual([2, '']);
    expect(wrong.stderr).toContain('--filter');
  });

  it('says at once what does not go together, and what is missing', async () => {
    const world = await exploreWorld('default');
    const before = world.sandbox.requests.length;
    const refused = async (...argv: readonly string[]): Promise<string> => {
      const run = await world.run(explore(...argv));
      expect([run.code, run.stdout], argv.join(' ')).toEqual([2, '']);
      return run.stderr.replace(/\s+/g, ' ');
    };
    expect(await refused()).toContain('--format summary');
    expect(await refused('signins')).toContain('sign-ins, audits, provisioning');
    expect(await refused('sign-ins', '--type', 'service-principal', '--user', 'x')).toContain('--user');
    expect(await refused('audits', '--type', 'all')).toContain('--type');
    expect(await refused('audits', '--follow', '--until', 'today')).toContain('--until');
    expect(await refused('audits', '--follow', '--format', 'json')).toContain('--follow');
    expect(await refused('audits', '--columns', 'id')).toContain('--columns');
    expect(await refused('audits', '--output', 'x', '--format', 'table')).toContain('--output');
    for (const filter of ['a eq 1) or (b eq 1', '(a eq 1', "a eq 'x", ')(']) {
      expect(await refused('audits', '--filter', filter)).toContain('--filter');
    }
    expect(await refused('audits', '--restart')).toContain('--restart');
    expect(await refused('audits', '--since', '2026-02-30')).toContain('2026-02-30');
    expect(world.sandbox.requests.slice(before).filter(({ kind }) => kind === 'graph')).toEqual([]);
  });

  it('leaves one kind out that is refused, with commands that name the file', async () => {
    const world = await exploreWorld('default');
    const headers = { 'content-type': 'application/json' };
    const body = '{"error":{"code":"Authorization_RequestDenied","message":"Insufficient privileges."}}';
    world.sandbox.faults.add({
      when: 'before',
      fault: { kind: 'answer', answer: () => ({ status: 403, headers, body }) },
      matches: ({ request }) => /t eq 'servicePrincipal'/.test(request.url.searchParams.get('$filter') ?? ''),
    });
    await rename(join(world.folder, 'reporting-setup.json'), join(world.folder, 'own.json'));
    const file = ['--config', 'own.json'];
    const run = await world.run([...explore('sign-ins', '--type', 'all'), 'default', ...file]);
    expect(run.code, run.stderr).toBe(6);
    const said = run.stderr.replace(/\s+/g, ' ');
    expect(said).toMatch(/Left out: Could not read the sign-ins of service principals: .*privileges/);
    expect(said).toMatch(/reporting-setup verify --sandbox --config own\.json/);
    expect(said).not.toContain('`');
  });

  it('has numbers in its document as Graph wrote them', async () => {
    const world = await exploreWorld('default');
    const number = '12345678901234567890';
    const row = `{"id":"a","createdDateTime":"${new Date(Date.now() - 3_600_000).toISOString()}","status":{"errorCode":0},"n":${number}}`;
    const headers = { 'content-type': 'application/json' };
    world.sandbox.faults.add({
      when: 'before',
      fault: { kind: 'answer', answer: () => ({ status: 200, headers, body: `{"value":[${row}]}` }) },
      matches: ({ request }) => request.url.pathname.includes('/auditLogs/'),
    });
    const run = await world.run(['explore', 'sign-ins', '--sandbox', 'default', '--json']);
    expect([run.code, run.stdout], run.stderr).toEqual([0, expect.stringContaining(`"n": ${number}\n`)]);
  });

  it('ends well where nobody reads on', async () => {
    const world = await exploreWorld('default');
    const run = await world.run(explore('sign-ins'), { lostStdout: 'EPIPE' });
    expect([run.code, run.stderr.includes('✖')]).toEqual([0, false]);
    for (const argv of [
      ['sign-ins', '--format', 'csv'],
      ['sign-ins', '--format', 'table'],
      ['--format', 'summary'],
    ]) {
      const full = await world.run(explore(...argv), { lostStdout: 'ENOSPC' });
      expect([full.code, full.error], full.stderr).toMatchObject([1, { code: 'output-not-saved' }]);
      const said = full.stderr.replace(/\s+/g, ' ');
      expect(said).toContain('standard output: the disk is full. What was written is not whole.');
      expect(said).toContain('--output');
      expect(said).not.toContain('bug');
    }
  });
});

describe('explore that is cut on the way to standard output', () => {
  const broken = {
    status: 200,
    headers: { 'content-type': 'application/json', 'request-id': 'a-request' },
    body: '{"value":[',
  };

  it.each([
    ['ndjson', true],
    ['csv', true],
    ['table', false],
  ])('says as %s that it begins anew, and what was printed: %s', async (format, isPrinted) => {
    const scenario = 'many-rows:3000,unthrottled';
    const world = await exploreWorld(scenario);
    let pages = 0;
    world.sandbox.faults.add({
      when: 'before',
      fault: { kind: 'answer', answer: () => broken },
      matches: ({ request }) => {
        if (!request.url.pathname.includes('/auditLogs/')) return false;
        pages += 1;
        return pages > 1;
      },
    });
    const many = ['--since', '30d', ...(format === 'table' ? ['--limit', '2500'] : [])];
    const run = await world.run(['explore', 'sign-ins', ...many, '--format', format, '--sandbox', scenario]);
    const said = run.stderr.replace(/\s+/g, ' ');
    expect([run.code, run.stdout !== ''], said).toEqual([7, isPrinted]);
    expect(said.includes('What was printed is not whole.')).toBe(isPrinted);
    expect(said).toContain('it begins anew');
    expect(said).not.toContain('continues where this one stopped');
    expect(said).toContain('--output');
    const summary = await world.run(['explore', 'sign-ins', '--format', 'summary', '--sandbox', scenario]);
    expect([summary.code, summary.stdout], summary.stderr).toEqual([7, '']);
    expect(summary.stderr).not.toContain('continues where this one stopped');
    if (isPrinted) expect(said).toContain(`explore sign-ins --since 30d --format ${format} `);
  });
});

describe('explore where something is missing', () => {
  it('leaves sign-ins out without a licence, and shows the rest', async () => {
    const world = await exploreWorld('no-premium');
    const here = (...argv: readonly string[]) => world.run(['explore', '--sandbox', 'no-premium', ...argv]);
    const summary = await here('--format', 'summary', '--json');
    expect(summary.json()).toMatchObject({ ok: true, exitCode: 6, signIns: null });
    expect(Reflect.get(summary.json(), 'audits')).toMatchObject({ isComplete: true });
    const rows = await here('sign-ins');
    expect([rows.code, rows.stdout, rows.error]).toMatchObject([6, '', { code: 'licence-missing' }]);
    const ways = [[], ['--output', 'all.csv'], ['--follow', '--format', 'ndjson'], ['--json']];
    for (const way of ways) {
      const all = await here('sign-ins', '--type', 'all', ...way);
      const written = existsSync(join(world.folder, 'all.csv'));
      expect([all.code, all.error, written]).toMatchObject([6, { code: 'licence-missing' }, false]);
    }
    const old = await here('audits', '--since', '20d');
    expect([old.code, idsIn(old.stdout).length > 0]).toEqual([6, true]);
    expect(old.stderr.replace(/\s+/g, ' ')).toContain('for 7 days without Microsoft Entra ID P1 or P2');
  });

  it('shows nothing of empty logs, and says what is not kept', async () => {
    const world = await exploreWorld('no-logs');
    const here = (...argv: readonly string[]) => world.run(['explore', '--sandbox', 'no-logs', ...argv]);
    expect(await here('sign-ins')).toMatchObject({ code: 0, stdout: '' });
    expect((await here('sign-ins', '--format', 'csv')).stdout.split('\r\n')).toHaveLength(2);
    expect(JSON.parse((await here('sign-ins', '--format', 'json')).stdout)).toEqual([]);
    const old = await here('sign-ins', '--since', '90d');
    expect(old.code).toBe(6);
    expect(old.stderr.replace(/\s+/g, ' ')).toContain('for 30 days with Microsoft Entra ID P1 or P2');
    const summary = await world.run(['explore', '--sandbox', 'no-logs'], { stdoutIsTerminal: true });
    expect([summary.code, summary.stdout]).toEqual([0, expect.stringContaining('0 sign-ins')]);
  });

  it('needs a config file', async () => {
    const world = await exploreWorld('default');
    const run = await world.run(explore('audits', '--config', 'other.json'));
    expect([run.code, run.error]).toMatchObject([3, { code: 'config-missing' }]);
  });
});

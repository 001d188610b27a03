import { describe, expect, it } from 'vitest';
import { roleIds } from '../../src/sandbox/seed/well-known.ts';
import { automationToken, type Started, start } from './start.ts';

const day = 86_400_000;

/** A sandbox whose clock the test moves, and a client that is the automation application. */
async function begin(): Promise<{
  started: Started;
  advance: (milliseconds: number) => void;
  send: (method: string, path: string, body?: unknown) => Promise<{ status: number; body: { id: string } }>;
}> {
  let time = Date.parse('2026-11-24T10:00:00Z');
  const started = await start({ now: () => time });
  return {
    started,
    advance: (milliseconds) => {
      time += milliseconds;
    },
    send: async (method, path, body) => {
      const headers = {
        authorization: `Bearer ${await automationToken(started)}`,
        'content-type': 'application/json',
      };
      const content = body === undefined ? {} : { body: JSON.stringify(body) };
      const reply = await started.call(`/v1.0${path}`, { method, headers, ...content });
      const text = await reply.text();
      return { status: reply.status, body: text === '' ? {} : JSON.parse(text) };
    },
  };
}

describe('the recycle bin', () => {
  it('keeps an application for 30 days, and its uniqueName reserved as long', async () => {
    const { send, advance } = await begin();
    const wanted = { displayName: 'Mine', uniqueName: 'mine' };
    const { body: first } = await send('POST', '/applications', wanted);
    expect((await send('DELETE', `/applications/${first.id}`)).status).toBe(204);
    advance(30 * day - 1);
    expect((await send('GET', `/directory/deletedItems/${first.id}`)).status).toBe(200);
    expect((await send('POST', '/applications', wanted)).status).toBe(400);
    advance(1);
    expect((await send('GET', `/directory/deletedItems/${first.id}`)).status).toBe(404);
    expect((await send('POST', '/applications', wanted)).status).toBe(201);
  });
});

describe('a role that was activated', () => {
  it('is held until its time is over', async () => {
    const { started, send, advance } = await begin();
    const { tenant } = started.sandbox;
    const [held] = tenant.roleAssignments;
    if (held === undefined) throw new Error('nobody holds a role');
    tenant.roleAssignments.push({ ...held, id: 'activated', endDateTime: '2026-11-24T15:00:00Z' });
    const ids = async (): Promise<string> =>
      JSON.stringify((await send('GET', '/roleManagement/directory/roleAssignments')).body);
    advance(5 * 3_600_000 - 1);
    expect(await ids()).toContain('activated');
    advance(1);
    expect(await ids()).not.toContain('activated');
    expect(await ids()).toContain(roleIds.globalAdministrator);
  });
});

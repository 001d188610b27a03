import { describe, expect, it } from 'vitest';
import type { LocalCertificate } from '../../../src/config/certificate.ts';
import { type Fields, fieldsOf, listOf, textOf } from '../../../src/core/fields.ts';
import { Secret } from '../../../src/core/secret.ts';
import type { Directory } from '../../../src/graph/directory.ts';
import { DirectoryError } from '../../../src/graph/directory-error.ts';
import { addKey, listedKey, removeKey } from '../../../src/tenant/credential/key-credentials.ts';

const certificate: LocalCertificate = {
  path: '/keys/own.pem',
  thumbprint: 'AB12CD34EF56AB12CD34EF56AB12CD34EF56AB12',
  keyId: '01234567-89ab-8cde-8f01-23456789abcd',
  key: Buffer.from('own certificate').toString('base64'),
  name: 'own',
  notBefore: '2026-01-01T00:00:00Z',
  notAfter: '2027-01-01T00:00:00Z',
  isOwn: true,
  isEncrypted: false,
  pem: Secret.of('plainly fake'),
};

const entry = (keyId: string): Fields => ({
  keyId,
  key: Buffer.from(keyId).toString('base64'),
  type: 'AsymmetricX509Cert',
  usage: 'Verify',
});

const conflict = new DirectoryError(
  { status: 409, kind: 'http', code: 'Directory_ConcurrencyViolation', message: 'busy', details: [] },
  'write',
);

/** An application's list; each entry of `trouble` spoils one write, after somebody else changed the list. */
function list(held: Fields[], trouble: (() => void)[] = []) {
  const state = { held, reads: 0, writes: 0 };
  const directory: Directory = {
    send: async (request) => {
      if (request.method === 'GET') {
        state.reads += 1;
        return { keyCredentials: structuredClone(state.held) };
      }
      state.writes += 1;
      const spoil = trouble.shift();
      if (spoil) {
        spoil();
        throw conflict;
      }
      state.held = listOf(fieldsOf(request.body)['keyCredentials']);
      return undefined;
    },
  };
  const io = { directory, now: () => new Date(0), sleep: async () => undefined, random: () => 0 };
  const ids = (): string[] => state.held.map(({ keyId }) => textOf(keyId));
  return { state, io, ids };
}

const target = { applicationId: 'app', awaits: [], seen: [] };
type Seen = Parameters<typeof addKey>[0];
type Io = Parameters<typeof addKey>[3];

const present = { certificate, displayName: 'x'.repeat(120) };

describe('the certificates of an application', () => {
  it('gain one, all others sent along with their keys', async () => {
    const { state, io, ids } = list([entry('a'), entry('b')]);
    expect(await addKey(target, present, 'add', io)).toBe(certificate.keyId);
    expect(ids()).toEqual(['a', 'b', certificate.keyId]);
    expect(state.held[0]).toEqual(entry('a'));
    expect(state.held[2]).toMatchObject({ displayName: 'x'.repeat(90), endDateTime: certificate.notAfter });
  });

  it('are read again after a conflict: what somebody else added meanwhile stays', async () => {
    const { state, io, ids } = list([entry('a')], [() => state.held.push(entry('theirs'))]);
    await removeKey(target, 'a', present, 'replace', io);
    expect(ids()).toEqual(['theirs', certificate.keyId]);
    expect([state.reads, state.writes]).toEqual([4, 2]);
  });

  it('are not written where nothing changes, and keep the id under which somebody else added it', async () => {
    const { state, io } = list([{ ...entry('theirs'), key: certificate.key }]);
    expect(await addKey(target, present, 'add', io)).toBe('theirs');
    expect(state.writes).toBe(0);
  });

  it('keep the new one when an old copy of the list does not show it', async () => {
    const { io, ids } = list([entry('old')]);
    await removeKey(target, 'old', present, 'remove', io);
    expect(ids()).toEqual([certificate.keyId]);
  });

  it('are sent back without their keys where those do not show', async () => {
    const hidden = { ...entry('a'), key: null };
    const { state, io, ids } = list([hidden]);
    expect(await addKey(target, present, 'add', io)).toBe(certificate.keyId);
    expect(ids()).toEqual(['a', certificate.keyId]);
    expect(state.held[0]).toEqual(hidden);
  });

  it.each<[string, Fields]>([
    ['id', { ...entry(certificate.keyId), key: null }],
    ['thumbprint', { ...entry('theirs'), key: null, customKeyIdentifier: certificate.thumbprint }],
  ])('do not gain one that is there, its key not showing, by its %s', async (_, held) => {
    const { state, io } = list([held]);
    expect(await addKey(target, present, 'add', io)).toBe(held['keyId']);
    expect(state.writes).toBe(0);
  });

  it('end with the conflict that does not end', async () => {
    let time = 0;
    const { io } = list(
      [],
      Array.from({ length: 99 }, () => () => undefined),
    );
    const sleep = async (delay: number): Promise<void> => {
      time += delay;
    };
    const clock = { ...io, now: () => new Date(time), sleep };
    await expect(addKey(target, present, 'add', clock)).rejects.toBe(conflict);
    expect(time).toBeLessThanOrEqual(60_000);
  });

  it('do not count as gone for one copy of the list that does not show it yet', async () => {
    let time = 0;
    let looks = 0;
    const { io, ids, state } = list([entry('a'), entry('new')]);
    const lagging: Directory = {
      send: async (request) => {
        looks += request.method === 'GET' ? 1 : 0;
        if (request.method === 'GET' && looks < 3) return { keyCredentials: [entry('a')] };
        return io.directory.send(request);
      },
    };
    const sleep = async (delay: number): Promise<void> => {
      time += delay;
    };
    await removeKey(target, 'new', undefined, 'remove', {
      ...io,
      directory: lagging,
      now: () => new Date(time),
      sleep,
    });
    expect([ids(), state.writes]).toEqual([['a'], 1]);
  });

  it.each<[string, (target: Seen, io: Io) => Promise<unknown>, string]>([
    ['added to', (lagged, io) => addKey(lagged, present, 'add', io), 'directory-lagging'],
    ['removed from', (lagged, io) => removeKey(lagged, 'a', undefined, 'remove', io), 'removal-unconfirmed'],
  ])('are never %s by a list that lacks what was seen', async (_, change, code) => {
    const { state, io, ids } = list([entry('a'), entry('seen')]);
    const whole = { ...target, seen: ['A', 'SEEN'] };
    const waits: number[] = [];
    const lagging = (times: number): Io => ({
      ...io,
      sleep: async (delay) => {
        waits.push(delay);
      },
      directory: {
        send: async (request) => {
          const reply = await io.directory.send(request);
          if (request.method !== 'GET' || state.reads > times) return reply;
          return { keyCredentials: [entry('a')] };
        },
      },
    });
    await expect(change(whole, lagging(Number.POSITIVE_INFINITY))).rejects.toMatchObject({ code });
    expect([ids(), state.writes, waits.length]).toEqual([['a', 'seen'], 0, 30]);
    state.reads = 0;
    await change(whole, lagging(2));
    expect([ids().includes('seen'), state.writes]).toEqual([true, 1]);
  });

  it.each([
    certificate.thumbprint,
    certificate.thumbprint.toLowerCase(),
    Buffer.from(certificate.thumbprint, 'hex').toString('base64'),
    Buffer.from(certificate.thumbprint).toString('base64'),
  ])('are recognised by the thumbprint %s', (customKeyIdentifier) => {
    const listed = [
      { keyId: 'a', displayName: null, startDateTime: '', endDateTime: '', customKeyIdentifier: 'other' },
      { keyId: 'b', displayName: null, startDateTime: '', endDateTime: '', customKeyIdentifier },
    ];
    expect(listedKey(certificate, listed)?.keyId).toBe('b');
    expect(listedKey(certificate, listed.slice(0, 1))).toBeUndefined();
  });
});

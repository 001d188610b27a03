import { describe, expect, it } from 'vitest';
import type { SecretMarker } from '../../../src/config/secret-note.ts';
import type { Directory } from '../../../src/graph/directory.ts';
import {
  fullSearch,
  lostSecrets,
  quickSearch,
  removeLostSecret,
} from '../../../src/tenant/credential/password-credentials.ts';
import type { ListedCredential } from '../../../src/tenant/directory-objects.ts';

const marker: SecretMarker = {
  applicationId: 'a',
  displayName: 'Reporting API',
  endDateTime: '2030-01-01T00:00:07Z',
  knownKeyIds: ['11111111-1111-4111-8111-111111111111'],
};

const secret = (digit: string, part: Partial<ListedCredential> = {}): ListedCredential => ({
  keyId: '11111111-1111-4111-8111-111111111111'.replaceAll('1', digit),
  displayName: marker.displayName,
  startDateTime: '',
  endDateTime: marker.endDateTime,
  ...part,
});

/** An application whose list, as one copy after the other shows it, is this; the last one stays. */
function applicationWith(...lists: readonly (readonly ListedCredential[])[]) {
  const removed: unknown[] = [];
  let look = 0;
  let time = 0;
  const directory: Directory = {
    send: async ({ method, body }) => {
      if (method === 'GET') return { id: 'a', passwordCredentials: lists[look++] ?? lists.at(-1) };
      removed.push(body);
      return undefined;
    },
  };
  const sleep = async (delay: number): Promise<void> => {
    time += delay;
  };
  const io = { directory, sleep, now: () => new Date(time) };
  return { io, removed, looks: () => look, elapsed: () => time };
}

describe('a lost secret', () => {
  it('is one of the very end and name of its mark, and new since then', () => {
    const listed = [
      secret('1'),
      secret('2'),
      secret('3', { endDateTime: '2030-01-01T00:00:08Z' }),
      secret('4', { displayName: 'Other' }),
      secret('5', { displayName: null }),
    ];
    expect(lostSecrets(marker, listed)).toEqual([secret('2')]);
    const known = { ...marker, knownKeyIds: [secret('2').keyId.toUpperCase(), secret('1').keyId] };
    expect(lostSecrets(known, listed)).toEqual([]);
    expect(lostSecrets({ ...marker, endDateTime: '2030-01-01T00:00:07.000Z' }, listed)).toHaveLength(1);
  });

  it('is removed as soon as a copy of the directory shows it', async () => {
    const { io, removed, looks } = applicationWith([], [secret('1')], [secret('1'), secret('2')], []);
    expect(await removeLostSecret(marker, [], [], io, quickSearch)).toEqual([secret('2').keyId]);
    // Two looks more show that it is gone.
    expect([removed, looks()]).toEqual([[{ keyId: secret('2').keyId }], 5]);
  });

  it('is not removed where it is in use', async () => {
    const used = applicationWith([secret('2')]);
    expect(await removeLostSecret(marker, [secret('2').keyId], [], used.io, quickSearch)).toEqual([]);
    expect(used.removed).toEqual([]);
  });

  it('is not removed where two fit, and nobody is told that none is left', async () => {
    const two = applicationWith([secret('2'), secret('3')]);
    await expect(removeLostSecret(marker, [], [], two.io, fullSearch)).rejects.toMatchObject({
      code: 'removal-unconfirmed',
      message: expect.stringContaining(secret('3').keyId),
    });
    expect(two.removed).toEqual([]);
  });

  it('is looked for until ten seconds have passed since it may have been made', async () => {
    const none = applicationWith([]);
    expect(await removeLostSecret(marker, [], [], none.io, fullSearch)).toEqual([]);
    expect(none.elapsed()).toBe(10_000);
    const earlier = applicationWith([]);
    expect(await removeLostSecret(marker, [], [], earlier.io, fullSearch, -60_000)).toEqual([]);
    expect([earlier.looks(), earlier.elapsed()]).toEqual([2, 1_000]);
  });
});

import { describe, expect, it } from 'vitest';
import type { SecretMarker } from '../../../src/config/secret-note.ts';
import type { Directory } from '../../../src/graph/directory.ts';
import { lostSecrets, sweep } from '../../../src/tenant/credential/password-credentials.ts';
import type { PasswordCredential } from '../../../src/tenant/directory-objects.ts';

const marker: SecretMarker = {
  applicationId: 'a',
  displayName: 'Reporting API',
  endDateTime: '2030-01-01T00:00:07Z',
  knownKeyIds: ['11111111-1111-4111-8111-111111111111'],
};

const secret = (digit: string, part: Partial<PasswordCredential> = {}): PasswordCredential => ({
  keyId: '11111111-1111-4111-8111-111111111111'.replaceAll('1', digit),
  displayName: marker.displayName,
  endDateTime: marker.endDateTime,
  ...part,
});

/** An application whose list, as one copy after the other shows it, is this; the last one stays. */
function applicationWith(...lists: readonly (readonly PasswordCredential[])[]) {
  const removed: unknown[] = [];
  let look = 0;
  const directory: Directory = {
    send: async ({ method, body }) => {
      if (method === 'GET') return { id: 'a', passwordCredentials: lists[look++] ?? lists.at(-1) };
      removed.push(body);
      return undefined;
    },
  };
  return { io: { directory, sleep: async () => undefined }, removed, looks: () => look };
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
    const { io, removed, looks } = applicationWith([], [secret('1')], [secret('1'), secret('2')]);
    expect(await sweep(marker, undefined, [], io)).toEqual([secret('2').keyId]);
    expect([removed, looks()]).toEqual([[{ keyId: secret('2').keyId }], 3]);
  });

  it('is not removed where it is in use, or where two fit', async () => {
    const used = applicationWith([secret('2')]);
    expect(await sweep(marker, secret('2').keyId, [], used.io)).toEqual([]);
    const two = applicationWith([secret('2'), secret('3')]);
    expect(await sweep(marker, undefined, [], two.io)).toEqual([]);
    expect([...used.removed, ...two.removed]).toEqual([]);
  });
});

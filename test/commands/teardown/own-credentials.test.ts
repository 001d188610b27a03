import { describe, expect, it } from 'vitest';
import { type TeardownMode, teardownModes } from '../../../src/cli/teardown-options.ts';
import type { TeardownRecords } from '../../../src/commands/teardown/teardown-run.ts';
import { application } from '../../tenant/account/account-data.ts';
import {
  deactivating,
  deleted,
  deletion,
  inventory,
  linesOf,
  lingering,
  noRecords,
  purges,
  records,
  target,
} from './plan-data.ts';

const listing = (keyId: string, displayName: string | null = null, endDateTime = '2028-11-28T00:00:00Z') => ({
  keyId,
  displayName,
  startDateTime: '',
  endDateTime,
  customKeyIdentifier: '',
});

const trust = (id: string, name: string) => ({ id, name, issuer: 'i', subject: 's', audiences: [] });

describe('the credentials that the file names', () => {
  const secret = 'passwordCredential';
  const federated = {
    ...inventory,
    federated: { value: [trust('T', 'reporting-setup-1'), trust('U', 'ci')] },
  };
  const there = {
    application: {
      ...application,
      passwordCredentials: [listing('S', 'Key'), listing('Q')],
      keyCredentials: [listing('C', 'Cert'), listing('D', 'Other')],
    },
    inventory: federated,
  };
  const own = (kind: string, keyId: string) => ({ kind, keyId });

  /** What goes of an application that goes as a whole, and of another one. */
  it.each<[string, TeardownRecords, string[], string[]?]>([
    ['none', noRecords, []],
    ['one without a key ID', records({ kind: 'secret' }), []],
    [
      'a secret',
      records({ kind: 'secret', keyId: 's', displayName: 'Mine' }),
      [`remove ${secret} Mine <s> does: Remove client secret "Mine" (key ID s)`],
    ],
    [
      'a secret without a name',
      records({ kind: 'secret', keyId: 's' }),
      [`remove ${secret} s <s> does: Remove client secret with key ID s`],
    ],
    [
      'a certificate',
      records({ kind: 'certificate', keyId: 'c', displayName: 'Mine' }),
      ['remove keyCredential Mine <c> does: Remove certificate "Mine" (key ID c)'],
    ],
    [
      'a trust of ours',
      records({ kind: 'federated', keyId: 't', displayName: 'Mine' }),
      ['remove federatedIdentityCredential Mine <t> does: Remove federated credential "Mine" (key ID t)'],
    ],
    [
      "somebody else's trust",
      records({ kind: 'federated', keyId: 'u', displayName: 'Mine' }),
      ['remove federatedIdentityCredential Mine <u> does: Remove federated credential "Mine" (key ID u)'],
      [],
    ],
    ['a trust that is not listed', records({ kind: 'federated', keyId: 'v', displayName: 'Mine' }), [], []],
    [
      'a secret that is not listed',
      records({ kind: 'secret', keyId: 'gone', displayName: 'Mine' }),
      [],
      [`remove ${secret} Mine <gone> does: Remove client secret "Mine" (key ID gone)`],
    ],
    [
      'a secret by the id of a certificate',
      records({ kind: 'secret', keyId: 'c' }),
      [],
      [`remove ${secret} c <c> does: Remove client secret with key ID c`],
    ],
    [
      'replaced ones, by the names in the tenant',
      records({ kind: 'secret' }, [
        own('secret', 's'),
        own('secret', 'q'),
        own('certificate', 'd'),
        own('federated', 't'),
        own('constructor', 's'),
      ]),
      [
        `remove ${secret} Key <s> does: Remove replaced client secret "Key" (key ID s)`,
        `remove ${secret} q <q> does: Remove replaced client secret with key ID q`,
        'remove keyCredential Other <d> does: Remove replaced certificate "Other" (key ID d)',
        'remove federatedIdentityCredential reporting-setup-1 <t> does: Remove replaced federated credential "reporting-setup-1" (key ID t)',
      ],
    ],
  ])('%s', (_name, held, whole, part = whole) => {
    const credentialsOf = (isWhole: boolean, mode: TeardownMode): string[] =>
      linesOf(target({ ...there, isWhole }), mode, held).filter((line) =>
        /^remove \w+Credential /.test(line),
      );
    expect(credentialsOf(true, 'delete')).toEqual(whole);
    expect(credentialsOf(true, 'purge')).toEqual(whole);
    expect(credentialsOf(false, 'delete')).toEqual(part);
    expect(linesOf(deleted({ inventory: federated }), 'purge', held)).toEqual([
      lingering,
      ...purges('principal'),
    ]);
  });

  const marker = {
    applicationId: 'OBJECT',
    displayName: 'Key',
    endDateTime: '2028-11-28T00:00:00Z',
    knownKeyIds: ['known'],
  };
  const lost = [`remove ${secret} Key <new> does: Remove client secret "Key" (key ID new)`];

  it.each<[string, Partial<typeof marker>, ReturnType<typeof listing>[], TeardownRecords, string[]]>([
    ['that is there', {}, [listing('known', 'Key'), listing('new', 'Key')], noRecords, lost],
    ['that may be one of two', {}, [listing('new', 'Key'), listing('newer', 'Key')], noRecords, []],
    ['that is not there', {}, [listing('known', 'Key')], noRecords, []],
    ['of another name', {}, [listing('new', 'Other')], noRecords, []],
    ['of another end', {}, [listing('new', 'Key', '2028-11-28T00:00:01Z')], noRecords, []],
    ['of another application', { applicationId: 'other' }, [listing('new', 'Key')], noRecords, []],
    [
      'that the file names after all',
      {},
      [listing('new', 'Key')],
      records({ kind: 'secret', keyId: 'NEW' }),
      [`remove ${secret} NEW <NEW> does: Remove client secret with key ID NEW`],
    ],
  ])('and a lost one %s', (_name, part, listed, held, expected) => {
    const given = target({ application: { ...application, passwordCredentials: listed } });
    const all = { ...held, markers: [{ ...marker, ...part }] };
    expect(linesOf(given, 'delete', all)).toEqual([...expected, deletion]);
  });

  it('are of no concern where the application is only deactivated', () => {
    const held = records({ kind: 'secret', keyId: 's' }, [own('certificate', 'c')], ['g1']);
    expect(linesOf(target(there), 'deactivate', held)).toEqual([deactivating]);
    expect(teardownModes).toEqual(['deactivate', 'delete', 'purge']);
  });
});

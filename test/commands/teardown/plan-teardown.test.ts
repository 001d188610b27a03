import { describe, expect, it } from 'vitest';
import type { TeardownMode } from '../../../src/cli/teardown-options.ts';
import type { Target } from '../../../src/commands/teardown/find-target.ts';
import { planTeardown } from '../../../src/commands/teardown/plan-teardown.ts';
import type { Inventory } from '../../../src/tenant/inventory.ts';
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

const withoutPrincipal: Inventory = { ...inventory, servicePrincipal: { value: undefined } };

const takes = [
  'remove appRoleAssignment AuditLog.Read.All <g1> does: Take AuditLog.Read.All back',
  'remove appRoleAssignment Microsoft Graph other <g2> does: Take Microsoft Graph other back',
  'remove appRoleAssignment an API third <g3> does: Take an API third back',
];

const alreadyDeleted =
  'keep application Reports <object> tells: Application "Reports" lies in the recycle bin already';

const staysGranted = [
  'keep appRoleAssignment AuditLog.Read.All <g1> tells: AuditLog.Read.All stays granted: no record of this machine says that it came from here',
  'keep appRoleAssignment Microsoft Graph other <g2> tells: Microsoft Graph other stays granted: no record of this machine says that it came from here',
  'keep appRoleAssignment an API third <g3> tells: an API third stays granted: no record of this machine says that it came from here',
];

const principalStays =
  'keep servicePrincipal Reports <principal> tells: Its service principal principal stays, whoever made it';

const stays =
  'keep application Reports <object> tells: Application "Reports" itself stays: this program did not register it';

describe('what is removed', () => {
  it.each<[string, TeardownMode, Target, string[]]>([
    ['deactivated', 'deactivate', target(), [deactivating]],
    [
      'deactivated, of which nobody can tell',
      'deactivate',
      target({ deactivated: 'unknown' }),
      [deactivating],
    ],
    [
      'deactivated already',
      'deactivate',
      target({ deactivated: 'yes' }),
      ['keep application Reports <object> tells: Application "Reports" is deactivated already'],
    ],
    ['deleted', 'delete', target(), [deletion]],
    ['deleted without a service principal', 'delete', target({ inventory: withoutPrincipal }), [deletion]],
    ['deleted already', 'delete', deleted({ inventory: withoutPrincipal }), [alreadyDeleted]],
    ['deleted already, its service principal not', 'delete', deleted(), [alreadyDeleted, lingering]],
    ['purged', 'purge', target(), [...takes, deletion, ...purges('principal')]],
    [
      'purged without a service principal',
      'purge',
      target({ inventory: withoutPrincipal }),
      [deletion, ...purges(undefined)],
    ],
    [
      'purged, its grants hidden',
      'purge',
      target({ inventory: { ...inventory, assignments: { hidden: 'why' } } }),
      [deletion, ...purges('principal')],
    ],
    ['purged from the recycle bin', 'purge', deleted(), [lingering, ...purges('principal')]],
    [
      'purged from the recycle bin, its service principals there too',
      'purge',
      deleted({ inventory: withoutPrincipal, deletedPrincipals: ['p1', 'p2'] }),
      purges('p1'),
    ],
    [
      "somebody else's, deleted",
      'delete',
      target({ isWhole: false }),
      [stays, ...staysGranted, principalStays],
    ],
    [
      "somebody else's, purged",
      'purge',
      target({ isWhole: false }),
      [stays, ...staysGranted, principalStays],
    ],
    [
      "somebody else's, without a service principal",
      'delete',
      target({ isWhole: false, inventory: withoutPrincipal }),
      [stays],
    ],
    [
      "somebody else's, its grants hidden",
      'delete',
      target({ isWhole: false, inventory: { ...inventory, assignments: { hidden: 'why' } } }),
      [stays, principalStays],
    ],
    [
      "somebody else's, in the recycle bin",
      'delete',
      deleted({ isWhole: false }),
      [
        'keep application Reports <object> tells: "Reports" lies in the recycle bin, and is not this program\'s',
      ],
    ],
  ])('of one that is %s', (_name, mode, given, expected) => {
    expect(linesOf(given, mode, noRecords)).toEqual(expected);
  });

  it("is of somebody else's application what the file says came from here", () => {
    const held = records({ kind: 'secret' }, [], ['g2', 'g9']);
    expect(linesOf(target({ isWhole: false }), 'delete', held)).toEqual([
      takes[1],
      stays,
      staysGranted[0],
      staysGranted[2],
      principalStays,
    ]);
    expect(linesOf(target(), 'purge', held)).toEqual([...takes, deletion, ...purges('principal')]);
  });

  it.each<[string, Target, object]>([
    [
      'in the recycle bin',
      deleted(),
      {
        code: 'application-deleted',
        message: '"Reports" lies in the recycle bin: it gets no tokens, and there is nothing to deactivate.',
        remedy:
          'Nothing has to be done. This restores it: `reporting-setup`. This removes it for good: `reporting-setup … --mode purge`',
      },
    ],
    [
      "somebody else's",
      target({ isWhole: false }),
      {
        code: 'application-not-ours',
        message: 'This program did not register "Reports": what else uses it would stop, too.',
        remedy:
          "If that is meant: `reporting-setup … --client-id client`. --mode delete removes no more than this file's credential.",
      },
    ],
  ])('is refused for one that is %s, where it is to be deactivated', (_name, given, expected) => {
    expect(() => planTeardown(given, 'deactivate', noRecords)).toThrow(expect.objectContaining(expected));
  });
});

import type { Json } from '../../json.ts';
import type { Tenant } from '../../model.ts';
import { stableGuid } from '../../seed/well-known.ts';
import { graphDate } from '../dates.ts';
import { mixedGuid } from './generated-ids.ts';
import { personOf } from './sign-in-choices.ts';
import { mix } from './timeline.ts';

const rowCount = 60;
const salt = 600;
const day = 86_400_000;

const systems = {
  directory: { id: stableGuid('provisioning/directory'), displayName: 'Microsoft Entra ID', details: {} },
  application: { id: stableGuid('provisioning/application'), displayName: 'Badge readers', details: {} },
};

function steps(name: string, failed: boolean): Json[] {
  const step = (stepName: string, type: string, status: string, description: string): Json => ({
    name: stepName,
    provisioningStepType: type,
    status,
    description,
    details: {},
  });
  return [
    step('EntryImport', 'import', 'success', `Received User '${name}' from Microsoft Entra ID`),
    failed
      ? step('EntryExportAdd', 'export', 'failure', `Failed to create User '${name}' in Badge readers`)
      : step('EntryExportAdd', 'export', 'success', `User '${name}' was created in Badge readers`),
  ];
}

const conflict = {
  errorCode: 'BadgeReadersEntryConflict',
  reason: 'Badge readers returned an error response with the HTTP status code 409.',
  additionalDetails: null,
  errorCategory: 'nonServiceFailure',
  recommendedAction: null,
};

function provisioningRow(tenant: Tenant, index: number, at: number): Json {
  const failed = mix(index, salt) % 9 === 0;
  const { displayName, userPrincipalName } = personOf(mix(index, salt + 1) % 200);
  const identity = (id: string): Json => ({ id, displayName, identityType: 'User', details: {} });
  return {
    id: mixedGuid(index, salt + 10),
    activityDateTime: graphDate(at),
    tenantId: tenant.id,
    jobId: `scim.${tenant.id.replaceAll('-', '')}.${stableGuid('provisioning/job')}`,
    cycleId: mixedGuid(Math.floor(index / 4), salt + 20),
    changeId: mixedGuid(index, salt + 30),
    provisioningAction: ['create', 'update', 'disable', 'delete'][mix(index, salt + 2) % 4] ?? 'other',
    durationInMilliseconds: 400 + (mix(index, salt + 3) % 4000),
    provisioningStatusInfo: {
      status: failed ? 'failure' : 'success',
      errorInformation: failed ? conflict : null,
    },
    provisioningSteps: steps(displayName, failed),
    modifiedProperties: [{ displayName: 'userName', oldValue: null, newValue: userPrincipalName }],
    servicePrincipal: { id: stableGuid('client/Badge readers'), displayName: 'Badge readers' },
    sourceSystem: systems.directory,
    targetSystem: systems.application,
    initiatedBy: { id: '', displayName: 'Azure AD Provisioning Service', initiatorType: 'system' },
    sourceIdentity: identity(mixedGuid(index, salt + 40)),
    targetIdentity: failed
      ? { id: '', displayName: '', identityType: 'User', details: {} }
      : identity(mixedGuid(index, salt + 50)),
  };
}

/** 60 accounts that were brought to another system in the 30 days before `now` (epoch milliseconds), newest first. */
export function provisioningRows(tenant: Tenant, now: number): Json[] {
  return Array.from({ length: rowCount }, (_, index) =>
    provisioningRow(tenant, index, now - 1_200_000 - Math.floor((index * (30 * day - 2_400_000)) / rowCount)),
  );
}

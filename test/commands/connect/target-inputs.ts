import type { TargetInput } from '../../../src/commands/connect/target.ts';
import type { ReportingConfig } from '../../../src/config/config.ts';
import type { CredentialKind } from '../../../src/core/choices.ts';
import { Secret } from '../../../src/core/secret.ts';
import { shellWord } from '../../../src/core/text.ts';
import { publicCloud } from '../../../src/entra/clouds.ts';

/** A secret with what is awkward somewhere in it. */
export const hostileSecret = `~a&<%$"'\`.b_c-d`;

/** What a target is made from, the same at each call. */
export function inputFor(
  kind: CredentialKind,
  { appName, ...given }: Partial<TargetInput> & { readonly appName?: string } = {},
): TargetInput {
  const config: ReportingConfig = {
    version: 1,
    cloud: 'global',
    tenantId: '11111111-2222-4333-8444-555555555555',
    domain: 'contoso.onmicrosoft.com',
    clientId: 'aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee',
    ...(kind === 'secret' ? { clientSecret: Secret.of(hostileSecret) } : {}),
    ...(kind === 'certificate' ? { certificatePath: 'reporting-setup.pem' } : {}),
    credential: {
      kind,
      keyId: '99999999-8888-4777-8666-555555555555',
      displayName: 'Reporting API',
      ...(kind === 'federated' ? {} : { expires: '2028-11-24T00:00:00Z' }),
    },
    application: {
      objectId: '12121212-3434-4565-8787-909090909090',
      servicePrincipalId: '21212121-4343-4656-8878-090909090909',
      ...(appName === undefined ? {} : { displayName: appName }),
    },
    permissions: ['AuditLog.Read.All', 'Directory.Read.All'],
  };
  return {
    config,
    configPath: '/srv/reporting/reporting-setup.json',
    format: 'json',
    cloud: publicCloud('global'),
    settings: {},
    secret: kind === 'secret' ? hostileSecret : '',
    now: new Date('2026-11-28T10:00:00Z'),
    pathOf: (name) => name,
    shellLine: (words) => words.map(shellWord).join(' '),
    ...(kind === 'certificate' ? { certificatePath: '/srv/reporting/reporting-setup.pem' } : {}),
    ...given,
  };
}

/** Where logs may go. */
export const storage =
  '/subscriptions/00000000-1111-4222-8333-444444444444/resourceGroups/logs/providers/Microsoft.Storage/storageAccounts/logs';

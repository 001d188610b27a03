import fc from 'fast-check';
import type { ReportingConfig } from '../../src/config/config.ts';
import { Secret } from '../../src/core/secret.ts';

/** Characters that have a meaning in some shell, quote or escape. */
export const awkward = fc.string({
  unit: fc.constantFrom(...'ab1 \'"`$\\#~!{}()[]<>|&;*?=:%+/,.-_@^'.split(''), 'é', '💡', '\u2028'),
  minLength: 1,
  maxLength: 24,
});

/** Whether a text may be a secret: none of what the reader refuses as a mask, a placeholder or a copy with its quotes. */
export const mayBeSecret = (text: string): boolean =>
  text !== '' &&
  text.trim() === text &&
  !/^(["'`]).*\1$|^(.)\2{2,}$|^(?:\$\{.*\}|\$\(.*\)|\$\w+|%\w+%|\{\{.*\}\}|<.*>)$/u.test(text);

const guid = fc.uuid();

const times = { replacedAt: '2026-11-28T08:00:00Z', retireAfter: '2026-12-05T08:00:00Z' } as const;

/** Any valid configuration whose secret and path come from `text`. */
export const configs = (text: fc.Arbitrary<string>): fc.Arbitrary<ReportingConfig> =>
  fc
    .record({
      cloud: fc.constantFrom('global', 'usgov', 'usgov-dod', 'china', 'sandbox', 'custom'),
      kind: fc.constantFrom('secret', 'certificate', 'federated'),
      ids: fc.tuple(guid, guid, guid, guid, guid),
      value: text,
      name: fc.option(awkward, { nil: undefined }),
      uniqueName: fc.option(awkward, { nil: undefined }),
      replaced: fc.option(fc.record({ keyId: guid, note: awkward }), { nil: undefined }),
      port: fc.integer({ min: 1, max: 65_535 }),
      permissions: fc.subarray([
        'AuditLog.Read.All',
        'Directory.Read.All',
        'azure-ad-graph/Directory.Read.All',
      ]),
    })
    .map(({ cloud, kind, ids, value, name, uniqueName, replaced, port, permissions }) => ({
      version: 1,
      cloud,
      tenantId: ids[0],
      domain: 'contoso.onmicrosoft.com',
      clientId: ids[1],
      ...(kind === 'secret' ? { clientSecret: Secret.of(value) } : {}),
      ...(kind === 'certificate' ? { certificatePath: value } : {}),
      credential: {
        kind,
        keyId: ids[2],
        expires: '2028-11-24T00:00:00Z',
        ...(name === undefined ? {} : { displayName: name }),
        ...(replaced === undefined ? {} : { previous: [{ kind, ...times, ...replaced }] }),
      },
      application: {
        objectId: ids[3],
        servicePrincipalId: ids[4],
        ...(uniqueName === undefined ? {} : { uniqueName }),
      },
      ...(cloud === 'custom'
        ? { endpoints: { authorityHost: `https://localhost:${port}`, graphUrl: 'https://graph.test' } }
        : {}),
      permissions,
    }));

/** A configuration for tests that look at one thing only. */
export const sampleConfig: ReportingConfig = {
  version: 1,
  cloud: 'global',
  tenantId: '0f8fad5b-d9cb-469f-a165-70867728950e',
  domain: 'contoso.onmicrosoft.com',
  clientId: '7c9e6679-7425-40de-944b-e07fc1f90ae7',
  clientSecret: Secret.of('plainly~fake.secret_value-1'),
  credential: {
    kind: 'secret',
    keyId: '16fd2706-8baf-433b-82eb-8c7fada847da',
    displayName: 'Reporting API',
    expires: '2028-11-24T00:00:00Z',
  },
  application: {
    objectId: '886313e1-3b8a-5372-9b90-0c9aee199e5d',
    servicePrincipalId: 'a8098c1a-f86e-11da-bd1a-00112444be1e',
    uniqueName: 'reporting-setup',
  },
  permissions: ['AuditLog.Read.All', 'Directory.Read.All'],
};

export const reveal = (secret: Secret): string => secret.reveal();

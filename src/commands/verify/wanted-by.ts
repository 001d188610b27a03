import type { ReportingConfig } from '../../config/config.ts';
import { parseDuration } from '../../core/duration.ts';
import type { Wanted, WantedCredential } from '../../tenant/model.ts';

function credentialOf({ credential }: ReportingConfig): WantedCredential {
  const { kind, issuer = '', subject = '', audience = '' } = credential;
  return kind === 'federated' ? { kind, issuer, subject, audience } : { kind };
}

/** What the file says was set up, as something to be wanted. Pure. */
export function wantedBy(config: ReportingConfig): Wanted {
  const legacy = config.permissions.some((name) => name.startsWith('azure-ad-graph/'));
  return {
    signOnUrl: null,
    apis: legacy ? ['microsoft-graph', 'azure-ad-graph'] : ['microsoft-graph'],
    clientId: config.clientId,
    domain: config.domain,
    cloudReference: { cloud: config.cloud },
    credential: credentialOf(config),
    secretName: config.credential.displayName ?? '',
    secretLifetime: parseDuration('2y'),
    freshSecret: false,
  };
}

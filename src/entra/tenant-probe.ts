import { WizardError } from '../core/errors.ts';
import { fieldsIn, textOf } from '../core/fields.ts';
import { quoted } from '../core/text.ts';
import { networkError, originOfForeign } from '../http/network-error.ts';
import type { PlainReply, Transport } from '../http/transport.ts';
import type { Cloud } from './clouds.ts';
import { foreignError, parseOAuthError } from './oauth-error.ts';
import { unavailableError } from './sign-in-failure.ts';

const guid = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/i;

function tenantIdIn(body: string): string | undefined {
  return guid.exec(textOf(fieldsIn(body)['issuer']))?.[0].toLowerCase();
}

const answersAsEntra = ({ status, body }: PlainReply): boolean =>
  (status === 200 && tenantIdIn(body) !== undefined) ||
  (status < 500 && status !== 429 && parseOAuthError(status, body) !== undefined);

/** Where a tenant's OpenID configuration is (entra-docs, v2-protocols-oidc). */
const openIdAddress = ({ authorityHost }: Cloud, tenant: string): string =>
  `${authorityHost}/${encodeURIComponent(tenant)}/v2.0/.well-known/openid-configuration`;

/**
 * The id of the tenant with this id or domain, from its OpenID configuration: the cheapest way to learn whether it
 * exists in this cloud (entra-docs, v2-protocols-oidc). Throws WizardError `tenant-not-found`, `unreachable`,
 * `tls-untrusted`, `service-unavailable`, `throttled`, `proxy-refused` or `reply-intercepted`.
 */
export async function probeTenant(cloud: Cloud, transport: Transport, tenant: string): Promise<string> {
  const host = new URL(cloud.authorityHost).host;
  const url = openIdAddress(cloud, tenant);
  const reply = await transport.read(url, answersAsEntra).catch((error: unknown) => {
    throw networkError(host, error) ?? error;
  });
  const { status, body } = reply;
  const refusal = parseOAuthError(status, body);
  if (refusal && status < 500) {
    throw new WizardError('tenant-not-found', `${host} knows no tenant ${quoted(tenant)}.`, {
      requestId: refusal.traceId,
    });
  }
  const id = status === 200 ? tenantIdIn(body) : undefined;
  if (id === undefined) {
    const origin = originOfForeign(reply, transport.via(cloud.authorityHost));
    const answered = { ...reply, foreign: refusal === undefined, origin };
    throw unavailableError(host, answered) ?? foreignError(host, origin);
  }
  return id;
}

async function probe(url: string, transport: Transport): Promise<void> {
  try {
    await transport.read(url);
  } catch (error) {
    throw networkError(new URL(url).host, error) ?? error;
  }
}

/** Throws WizardError `unreachable` or `tls-untrusted` where nothing answers at Entra's address, whatever it says. */
export const probeAuthority = (cloud: Cloud, transport: Transport): Promise<void> =>
  probe(openIdAddress(cloud, 'organizations'), transport);

/** Throws WizardError `unreachable` or `tls-untrusted` where nothing answers at Graph's address, whatever it says. */
export const probeGraph = (cloud: Cloud, transport: Transport): Promise<void> =>
  probe(`${cloud.graphUrl}/v1.0/`, transport);

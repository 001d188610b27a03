import { createHash, timingSafeEqual } from 'node:crypto';
import type { UsedCredential } from '../activity.ts';
import type { PasswordCredential, ServicePrincipal } from '../model.ts';
import { isUsable, pickReplica } from '../replication.ts';
import { verifyAssertion } from './assertions.ts';
import { badRequest, type Call, invalidClient, readParameter, requireParameter } from './call.ts';
import { findApplication } from './directory.ts';
import type { ClientProof } from './tokens.ts';

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** What a client shows of itself: in the form, or its secret by HTTP Basic (RFC 6749, section 2.3.1). */
interface Presented {
  readonly clientId: string | undefined;
  readonly secret: string | undefined;
}

function formDecoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}

function basicCredentials({ request }: Call): Presented | undefined {
  const encoded = /^basic\s+(\S+)\s*$/i.exec(request.headers['authorization'] ?? '')?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 0) return undefined;
  return { clientId: formDecoded(text.slice(0, colon)), secret: formDecoded(text.slice(colon + 1)) };
}

/** The client id of a token request. Throws 900144 without one. */
export function readClientId(call: Call): string {
  return basicCredentials(call)?.clientId || requireParameter(call.form, 'client_id');
}

function readSecret(call: Call): string | undefined {
  return readParameter(call.form, 'client_secret') ?? (basicCredentials(call)?.secret || undefined);
}

/** Whether the request carries any credential. */
function hasCredential(call: Call): boolean {
  return readSecret(call) !== undefined || readParameter(call.form, 'client_assertion') !== undefined;
}

function sameHash(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left.toLowerCase()), Buffer.from(right.toLowerCase())];
  return a.length === b.length && timingSafeEqual(a, b);
}

function checkSecret(call: Call, client: ServicePrincipal, secret: string): UsedCredential {
  const { world } = call.entra;
  const replica = pickReplica(world);
  const hash = createHash('sha256').update(secret).digest('hex');
  const application = findApplication(world, client.appId);
  const held = [...(application?.passwordCredentials ?? []), ...client.passwordCredentials];
  const valid = ({ secretHash, startDateTime, keyId, usableFrom }: PasswordCredential): boolean =>
    sameHash(secretHash, hash) &&
    Date.parse(startDateTime) <= world.now() &&
    isUsable(world, keyId, usableFrom, replica);
  const found = held.find(valid);
  if (found === undefined) {
    throw invalidClient(
      7000215,
      'Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not ' +
        `the client secret ID, for a secret added to app '${client.appId}'.`,
    );
  }
  if (Date.parse(found.endDateTime) > world.now()) return { type: 'clientSecret', keyId: found.keyId };
  throw invalidClient(
    7000222,
    `The provided client secret keys for app '${client.appId}' are expired. Visit the Azure portal to create new keys ` +
      'for your app: https://aka.ms/NewClientSecret, or consider using certificate credentials for added security: ' +
      'https://aka.ms/certCreds.',
  );
}

function missingCredential(call: Call): never {
  if (call.form.get('grant_type') === 'client_credentials') {
    const text =
      "'client_assertion', 'client_secret' or 'request' is required for the 'client_credentials' grant type.";
    throw invalidClient(7000216, text);
  }
  const text =
    "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.";
  throw invalidClient(7000218, text);
}

/** A client that proved itself, and with what. */
interface Authenticated {
  readonly proof: ClientProof;
  readonly credential: UsedCredential;
}

/**
 * Makes a client prove itself by secret, certificate or federated credential. Throws 401 with the code that says what
 * is wrong with the proof, 7000216 or 7000218 where there is none.
 */
export async function authenticateClient(call: Call, client: ServicePrincipal): Promise<Authenticated> {
  const assertion = readParameter(call.form, 'client_assertion');
  if (assertion !== undefined) {
    if (requireParameter(call.form, 'client_assertion_type') !== assertionType) {
      throw badRequest('invalid_request', 9002313, 'Invalid request. Request is malformed or invalid.');
    }
    return { proof: 'assertion', credential: await verifyAssertion(call, client, assertion) };
  }
  const secret = readSecret(call);
  if (secret === undefined) return missingCredential(call);
  return { proof: 'secret', credential: checkSecret(call, client, secret) };
}

/** Holds that a client without a credential of its own shows none. Throws 700025. */
export function checkPublicClient(call: Call): ClientProof {
  if (hasCredential(call)) {
    const text = "Client is public so neither 'client_assertion' nor 'client_secret' should be presented.";
    throw invalidClient(700025, text);
  }
  return 'none';
}

import { verify, X509Certificate } from 'node:crypto';
import { isObject, type Json } from '../json.ts';
import type { Application, KeyCredential, ServicePrincipal } from '../model.ts';
import { type Call, sameId } from './context.ts';
import { GraphRefusal } from './refusal.ts';

/** The audience of every proof (graph-docs concepts/application-rollkey-prooftoken). */
const audience = '00000002-0000-0000-c000-000000000000';

/** Seconds for which a proof may be good. */
const longest = 600;

const malformed = (): GraphRefusal =>
  new GraphRefusal({
    status: 401,
    code: 'Authentication_MissingOrMalformed',
    message: 'Access Token missing or malformed.',
  });

interface Proof {
  readonly signed: string;
  readonly signature: Buffer;
  readonly header: Json;
  readonly claims: Json;
}

function partOf(text: string): Json {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    if (isObject(value)) return value;
  } catch {
    // Told below.
  }
  throw malformed();
}

/** The parts of a JWT in compact form; padding is none of it. */
function parse(proof: string): Proof {
  if (!/^[\w-]+\.[\w-]+\.[\w-]+$/.test(proof)) throw malformed();
  const [header = '', claims = '', signature = ''] = proof.split('.');
  return {
    signed: `${header}.${claims}`,
    signature: Buffer.from(signature, 'base64url'),
    header: partOf(header),
    claims: partOf(claims),
  };
}

/** Whether a certificate that is still valid made the signature. */
function isSignedBy({ key, startDateTime, endDateTime }: KeyCredential, proof: Proof, now: number): boolean {
  if (now < Date.parse(startDateTime) || Date.parse(endDateTime) <= now) return false;
  const { publicKey } = new X509Certificate(Buffer.from(key, 'base64'));
  return verify('RSA-SHA256', Buffer.from(proof.signed), publicKey, proof.signature);
}

/**
 * Holds that whoever rolls a certificate over has the private key of one that is there and still valid: a JWT that it
 * signed, issued by the object itself, good for ten minutes at most. Throws 401.
 */
export function requireProof(
  { world }: Call,
  { id, keyCredentials }: Pick<Application | ServicePrincipal, 'id' | 'keyCredentials'>,
  text: string,
): void {
  const proof = parse(text);
  const { aud, iss, nbf, exp } = proof.claims;
  const seconds = world.now() / 1_000;
  const isTimely =
    typeof nbf === 'number' &&
    typeof exp === 'number' &&
    nbf <= seconds &&
    seconds < exp &&
    exp - nbf <= longest;
  const isOurs = aud === audience && typeof iss === 'string' && sameId(iss, id);
  const isSigned =
    proof.header['alg'] === 'RS256' &&
    keyCredentials.some((credential) => isSignedBy(credential, proof, world.now()));
  if (!isTimely || !isOurs || !isSigned) throw malformed();
}

import { X509Certificate } from 'node:crypto';
import type { KeyCredential } from '../model.ts';
import { textOf } from './body.ts';
import { type Call, type Json, sameId } from './context.ts';
import { graphDate } from './passwords.ts';
import { requireAllowedKey } from './policy.ts';
import { badRequest, type GraphRefusal } from './refusal.ts';
import { usableFrom } from './visibility.ts';

interface Holder {
  readonly createdDateTime: string;
  readonly keyCredentials: readonly KeyCredential[];
}

const longestName = 90;

function invalidProperty(property: string, acceptable?: string): GraphRefusal {
  const hint = acceptable === undefined ? '' : ` Acceptable values are ${acceptable}.`;
  return badRequest(`The value for the property "${property}" in one of your credentials is invalid.${hint}`);
}

function parseCertificate(key: string): X509Certificate {
  try {
    return new X509Certificate(Buffer.from(key, 'base64'));
  } catch {
    throw invalidProperty('key');
  }
}

function makeKey(call: Call, holder: Holder, wanted: Json, key: string): KeyCredential {
  const type = textOf(wanted, 'type') ?? '';
  const usage = textOf(wanted, 'usage') ?? '';
  if (type !== 'AsymmetricX509Cert') throw invalidProperty('type', 'AsymmetricX509Cert, X509CertAndPassword');
  if (usage !== 'Verify') throw invalidProperty('usage', 'Sign, Verify');
  const certificate = parseCertificate(key);
  const last = Date.parse(certificate.validTo);
  const start = Date.parse(textOf(wanted, 'startDateTime') ?? certificate.validFrom);
  const end = Date.parse(textOf(wanted, 'endDateTime') ?? certificate.validTo);
  if (end > last || end <= start) {
    throw badRequest('Key credential end date is invalid.', 'KeyCredentialsInvalidEndDate');
  }
  requireAllowedKey(call, holder, start, end);
  return {
    customKeyIdentifier: textOf(wanted, 'customKeyIdentifier') ?? certificate.fingerprint.replaceAll(':', ''),
    displayName: (textOf(wanted, 'displayName') ?? certificate.subject.replaceAll('\n', ', ')).slice(
      0,
      longestName,
    ),
    endDateTime: graphDate(end),
    key: certificate.raw.toString('base64'),
    keyId: textOf(wanted, 'keyId') ?? call.world.randomUUID(),
    startDateTime: graphDate(start),
    type,
    usage,
    usableFrom: usableFrom(call),
  };
}

function keepKey(held: KeyCredential, wanted: Json): KeyCredential {
  const key = textOf(wanted, 'key') ?? '';
  const sameKey = Buffer.from(key, 'base64').equals(Buffer.from(held.key, 'base64'));
  const end = textOf(wanted, 'endDateTime');
  const sameEnd = end === undefined || Date.parse(end) === Date.parse(held.endDateTime);
  if (sameKey && sameEnd) return held;
  throw badRequest(
    `Update to existing credential with KeyId '${held.keyId}' is not allowed.`,
    'Request_BadRequest',
    [{ code: 'KeyNotUpdatable', target: 'keyCredentials', message: 'The key credential cannot be updated.' }],
  );
}

/**
 * What a written `keyCredentials` makes of those that are there: the list is replaced whole, and an entry that stays
 * must come with its key (graph-docs applications-how-to-add-certificate.md). Throws 400 for anything malformed.
 */
export function mergeKeys(call: Call, holder: Holder, wanted: readonly Json[]): KeyCredential[] {
  return wanted.map((entry) => {
    const held = holder.keyCredentials.find(({ keyId }) => sameId(keyId, textOf(entry, 'keyId')));
    if (held !== undefined) return keepKey(held, entry);
    const key = textOf(entry, 'key');
    if (key === undefined || key === '') throw invalidProperty('key');
    return makeKey(call, holder, entry, key);
  });
}

import { createHash, X509Certificate } from 'node:crypto';
import { type Json, textOf } from '../json.ts';
import type { CredentialRestriction, KeyCredential, PasswordCredential } from '../model.ts';
import { type Call, sameId } from './context.ts';
import { addDuration, graphDate } from './dates.ts';

import { usableFrom } from './objects.ts';
import { badRequest, type GraphRefusal } from './refusal.ts';

/** What may carry a secret. */
interface Holder {
  readonly createdDateTime: string | null;
  passwordCredentials: PasswordCredential[];
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789~._-';
const secretLength = 40;

function makeSecret(call: Call): string {
  const bytes = call.world.randomBytes(secretLength * 2);
  const letters = Array.from({ length: secretLength }, (_, index) =>
    alphabet.charAt(bytes.readUInt16BE(index * 2) % alphabet.length),
  );
  return call.world.issue(letters.join(''));
}

function twoYearsAfter(start: number): number {
  const end = new Date(start);
  end.setUTCFullYear(end.getUTCFullYear() + 2);
  return end.getTime();
}

/** A new secret, and how the one reply that shows its text writes it. */
export interface MadePassword {
  readonly credential: PasswordCredential;
  readonly shown: Json;
}

/**
 * Makes a client secret: by default from now on, for two years (graph-docs application-addpassword.md). Throws 400
 * where the tenant's policy forbids it.
 */
export function makePassword(
  call: Call,
  holder: Pick<Holder, 'createdDateTime'>,
  wanted: Json,
): MadePassword {
  const start = Date.parse(textOf(wanted, 'startDateTime') ?? new Date(call.world.now()).toISOString());
  const given = textOf(wanted, 'endDateTime');
  const end = given === undefined ? twoYearsAfter(start) : Date.parse(given);
  if (end <= start) throw badRequest('Password credential end date is invalid.');
  requireAllowedPassword(call, holder, start, end);
  const secretText = makeSecret(call);
  const shown = {
    customKeyIdentifier: textOf(wanted, 'customKeyIdentifier') ?? null,
    displayName: textOf(wanted, 'displayName') ?? null,
    endDateTime: graphDate(end),
    hint: secretText.slice(0, 3),
    keyId: call.world.randomUUID(),
    startDateTime: graphDate(start),
  };
  const secretHash = createHash('sha256').update(secretText).digest('hex');
  return {
    credential: { ...shown, secretHash, usableFrom: usableFrom(call) },
    shown: { ...shown, secretText },
  };
}

/** Throws 400 for a key id that the holder, as some copy of the directory knows it, does not have. */
export function requirePassword(
  { passwordCredentials }: Pick<Holder, 'passwordCredentials'>,
  keyId: string,
): void {
  if (passwordCredentials.some((credential) => sameId(credential.keyId, keyId))) return;
  throw badRequest(`No password credential found with keyId ${keyId}.`);
}

interface KeyHolder {
  readonly createdDateTime: string | null;
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

function makeKey(call: Call, holder: KeyHolder, wanted: Json, key: string): KeyCredential {
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
  const key = textOf(wanted, 'key');
  const sameKey = key === undefined || Buffer.from(key, 'base64').equals(Buffer.from(held.key, 'base64'));
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
 * comes with its key id, with its key or without (as recorded of a client that resends them so). Throws 400 for
 * anything malformed.
 */
export function mergeKeys(call: Call, holder: KeyHolder, wanted: readonly Json[]): KeyCredential[] {
  return wanted.map((entry) => {
    const held = holder.keyCredentials.find(({ keyId }) => sameId(keyId, textOf(entry, 'keyId')));
    if (held !== undefined) return keepKey(held, entry);
    const key = textOf(entry, 'key');
    if (key === undefined || key === '') throw invalidProperty('key');
    return makeKey(call, holder, entry, key);
  });
}

interface Subject {
  readonly createdDateTime: string | null;
}

/** Whether the caller has one of the attributes that a restriction leaves out; applications have none here. */
function isExempt({ tenant, caller }: Call, exemptions: CredentialRestriction['excludeActors']): boolean {
  const held = tenant.users.find(({ id }) => sameId(id, caller.id))?.securityAttributes ?? {};
  return (exemptions?.customSecurityAttributes ?? []).some(({ id, value }) => held[id] === value);
}

/** A restriction binds the applications made on or after its date, while it and its policy are on. */
function binding(
  call: Call,
  subject: Subject,
  list: 'passwordCredentials' | 'keyCredentials',
  type: string,
): CredentialRestriction | undefined {
  const policy = call.tenant.defaultAppManagementPolicy;
  if (!policy.isEnabled) return undefined;
  return policy.applicationRestrictions[list].find(
    ({ restrictionType, state, restrictForAppsCreatedAfterDateTime: from, excludeActors }) =>
      restrictionType === type &&
      state === 'enabled' &&
      (from === null || Date.parse(subject.createdDateTime ?? '') >= Date.parse(from)) &&
      !isExempt(call, excludeActors),
  );
}

function requireLifetime(
  call: Call,
  restriction: CredentialRestriction | undefined,
  start: number,
  end: number,
): void {
  const most = restriction?.maxLifetime;
  if (most === undefined || most === null) return;
  const last = addDuration(start, most);
  if (last === undefined) throw new RangeError(`No ISO 8601 duration: ${most}`);
  if (end <= last) return;
  throw badRequest(
    'Credential lifetime exceeds the max value allowed as per assigned policy ' +
      `'${call.tenant.defaultAppManagementPolicy.id}'.`,
    'CredentialInvalidLifetimeAsPerAppPolicy',
  );
}

/**
 * Throws 400 where the tenant's app management policy forbids a client secret on this application, or one that lives
 * from `start` to `end` (epoch milliseconds) (entra-docs configure-app-management-policies.md).
 */
function requireAllowedPassword(call: Call, subject: Subject, start: number, end: number): void {
  if (binding(call, subject, 'passwordCredentials', 'passwordAddition') !== undefined) {
    throw badRequest(
      `Credential type not allowed as per assigned policy '${call.tenant.defaultAppManagementPolicy.id}'.`,
      'CredentialTypeNotAllowedAsPerAppPolicy',
    );
  }
  requireLifetime(call, binding(call, subject, 'passwordCredentials', 'passwordLifetime'), start, end);
}

/** As requireAllowedPassword, for a certificate. */
function requireAllowedKey(call: Call, subject: Subject, start: number, end: number): void {
  requireLifetime(call, binding(call, subject, 'keyCredentials', 'asymmetricKeyLifetime'), start, end);
}

import { createHash } from 'node:crypto';
import type { PasswordCredential } from '../model.ts';
import { textOf } from './body.ts';
import { type Call, type Json, sameId } from './context.ts';
import { requireAllowedPassword } from './policy.ts';
import { badRequest } from './refusal.ts';
import { usableFrom } from './visibility.ts';

/** What may carry a secret. */
export interface Holder {
  readonly createdDateTime: string;
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

/** A moment as Graph writes it back: in UTC, without a fraction that is zero. */
export function graphDate(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.000Z$/, 'Z');
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

/** Takes a secret off its holder. Throws 400 for a key id that it does not have. */
export function dropPassword(holder: Holder, keyId: string): void {
  const kept = holder.passwordCredentials.filter((credential) => !sameId(credential.keyId, keyId));
  if (kept.length === holder.passwordCredentials.length) {
    throw badRequest(`No password credential found with keyId ${keyId}.`);
  }
  holder.passwordCredentials = kept;
}

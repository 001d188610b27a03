import type { Flags } from './flags.ts';
import { type FieldName, flagOf, type RawOptions } from './options.ts';

const federatedOnly = ['issuer', 'subject', 'github', 'audience'] as const;

const isGiven = (raw: RawOptions, name: FieldName): boolean => raw[name] !== undefined;

/** Options about credentials that do not go together, one sentence each. Pure. */
export function credentialContradictions(raw: RawOptions): string[] {
  const { credential: kind } = raw;
  const needs = (name: string, needed: string): string => `${name} needs --credential ${needed}`;
  const problems: string[] = [];
  if (isGiven(raw, 'certificateFile') && kind !== 'certificate') {
    problems.push(needs(flagOf('certificateFile'), 'certificate'));
  }
  if (raw['certificatePasswordStdin'] === true && kind !== undefined && kind !== 'certificate') {
    problems.push(needs('--certificate-password-stdin', 'certificate'));
  }
  for (const name of federatedOnly) {
    if (isGiven(raw, name) && kind !== 'federated') problems.push(needs(flagOf(name), 'federated'));
  }
  for (const name of ['issuer', 'subject'] as const) {
    if (isGiven(raw, 'github') && isGiven(raw, name)) {
      problems.push(`--github and ${flagOf(name)} exclude each other`);
    }
  }
  return problems;
}

/** Options without which nobody can tell what a credential is to be, where nobody can be asked. Pure. */
export function missingCredentialFlags(flags: Flags, raw: RawOptions): string[] {
  const asks = flags.interactive && !flags.yes;
  if (raw['credential'] !== 'federated' || isGiven(raw, 'github') || asks) return [];
  const missing = (['issuer', 'subject'] as const).filter((name) => !isGiven(raw, name));
  if (missing.length === 2)
    return ['--issuer', '--subject (or, for GitHub Actions, --github instead of both)'];
  return missing.map((name) => flagOf(name));
}

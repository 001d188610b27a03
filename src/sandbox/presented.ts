import type { SandboxRequest } from './world.ts';

/** Form fields of the token endpoint (RFC 6749, 7521, 7636, 8628) whose values are secrets. */
const secretFields = [
  'client_secret',
  'client_assertion',
  'assertion',
  'code',
  'code_verifier',
  'device_code',
  'refresh_token',
  'password',
];

function basicPassword(encoded: string): string[] {
  const text = Buffer.from(encoded, 'base64').toString();
  const at = text.indexOf(':');
  return at < 0 ? [] : [text.slice(at + 1)];
}

function authorizationSecrets(header: string | undefined): string[] {
  const [scheme = '', value = ''] = (header ?? '').trim().split(/\s+/);
  if (scheme.toLowerCase() === 'bearer') return [value];
  return scheme.toLowerCase() === 'basic' ? [value, ...basicPassword(value)] : [];
}

function formSecrets(request: SandboxRequest): string[] {
  if (!request.headers['content-type']?.startsWith('application/x-www-form-urlencoded')) return [];
  const form = new URLSearchParams(request.body);
  return secretFields.flatMap((field) => form.getAll(field));
}

/** Every secret that a client shows in this request, right or wrong. */
export function presentedSecrets(request: SandboxRequest): string[] {
  const shown = [...authorizationSecrets(request.headers['authorization']), ...formSecrets(request)];
  return shown.filter((secret) => secret !== '');
}

import { WizardError } from '../core/errors.ts';

/** The code of a reply that came and cannot be read. */
export const garbled = 'EBADMSG';

/** The error of such a reply. */
export const garbledReply = (message: string, cause?: unknown): Error =>
  Object.assign(new Error(message, { cause }), { code: garbled });

/** Node's code (ECONNREFUSED, ENOTFOUND, …) anywhere in an error's chain of causes. */
export function networkCode(error: unknown): string | undefined {
  for (let at: unknown = error, depth = 0; at && depth < 6; depth += 1) {
    if (typeof at !== 'object') return undefined;
    const { code, name, cause, errors } = at as {
      code?: unknown;
      name?: unknown;
      cause?: unknown;
      errors?: unknown[];
    };
    if (typeof code === 'string' && /^(E[A-Z]+|CERT_|DEPTH_|UNABLE_|SELF_|ERR_TLS)/.test(code)) return code;
    if (name === 'TimeoutError') return 'ETIMEDOUT';
    // What @azure/core-rest-pipeline says where a body ends too early.
    if (code === 'PARSE_ERROR') return 'ECONNRESET';
    at = cause ?? errors?.[0];
  }
  return undefined;
}

/** True for Node's codes of a certificate that TLS refused: waiting does not make it trusted. */
export function isCertificateProblem(code: string | undefined): boolean {
  return code !== undefined && /^(CERT_|DEPTH_|UNABLE_|SELF_|ERR_TLS)/.test(code);
}

/** A request that got no usable reply, told as what it is: cancelled, not trusted, or not reachable. */
export function networkError(host: string, error: unknown): WizardError | undefined {
  const code = networkCode(error);
  if (code === undefined) return undefined;
  if (isCertificateProblem(code)) {
    return new WizardError('tls-untrusted', `The certificate of ${host} is not trusted here (${code}).`, {
      cause: error,
    });
  }
  return new WizardError('unreachable', `${host} cannot be reached (${code}).`, { cause: error });
}

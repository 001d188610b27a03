import { WizardError } from '../core/errors.ts';
import { safeText } from '../core/text.ts';

/** The code of a reply that came and cannot be read. */
export const garbled = 'EBADMSG';

/** The code of a reply that is larger than anything that Entra and Graph send. */
export const oversized = 'EMSGSIZE';

/** The error of a reply that came and cannot be used. */
export const garbledReply = (message: string, cause?: unknown, code = garbled): Error =>
  Object.assign(new Error(message, { cause }), { code });

/**
 * The codes of a proxy that wants to know who asks, that takes no name and password for that, that turned a request away,
 * and that could not get there.
 */
export const proxyAuth = 'EPROXYAUTH';
export const proxyScheme = 'EPROXYSCHEME';
export const proxyRefused = 'EPROXYREFUSED';
export const proxyGateway = 'EPROXYGATEWAY';

/** A fault of the proxy, which is in front of everything else: the target was never reached. */
export class ProxyError extends Error {
  /** Node's code, or one of those above. */
  readonly code: string;
  /** Host and port. */
  readonly proxy: string;
  /** What the proxy answered; undefined where it answered nothing. */
  readonly status: number | undefined;

  constructor(
    proxy: string,
    code: string,
    { status, cause }: { readonly status?: number; readonly cause?: unknown },
  ) {
    super(`The proxy ${proxy} (${code})`, { cause });
    this.name = 'ProxyError';
    this.code = code;
    this.proxy = proxy;
    this.status = status;
  }
}

/** Node's codes of a certificate that does not pass (Node.js docs, tls.md "X509 certificate error codes"; what OpenSSL itself refuses has ERR_SSL). */
const certificateCodes =
  /^(CERT_|CRL_|DEPTH_|UNABLE_|SELF_|HOSTNAME_|EMAIL_MISMATCH|IP_ADDRESS_MISMATCH|INVALID_|PATH_LENGTH_|ERROR_IN_|UNSPECIFIED$|OUT_OF_MEM$|ERR_TLS_CERT|ERR_SSL_(?!.*ALERT).*(CERT|KEY_TOO_SMALL|MD_TOO_WEAK|ASN1|ECC|VERIFY))/;

/** Outside of its time, by this machine's clock. */
const untimelyCertificate = /^CERT_(NOT_YET_VALID|HAS_EXPIRED)$/;

/** Made for another host. */
const misnamedCertificate = /ALTNAME|HOSTNAME_MISMATCH|IP_ADDRESS_MISMATCH/;

/** Signed by nobody who is known here: what naming the authority mends. */
const unknownAuthority = /^(SELF_|DEPTH_ZERO|UNABLE_TO_(GET_ISSUER|VERIFY_LEAF)|CERT_UNTRUSTED)/;

/** What is wrong with a certificate and what mends it: trusting one more authority does not make it last, or fit. */
function certificateFault(code: string): { readonly fault: string; readonly remedy?: string } {
  if (untimelyCertificate.test(code)) {
    const fault = code === 'CERT_NOT_YET_VALID' ? ': it is not valid yet' : ': it has expired';
    return {
      fault: `${fault} by this machine's clock`,
      remedy:
        "Check this machine's clock. If it is right, whoever runs that server, or the proxy that inspects TLS in between, has to renew its certificate.",
    };
  }
  if (misnamedCertificate.test(code)) {
    return {
      fault: ': it is made out to another host',
      remedy:
        'Somebody else answers there. Check --authority-host, --graph-url, HTTPS_PROXY and the name service; a proxy or portal in between may want a sign-in first.',
    };
  }
  if (unknownAuthority.test(code)) return { fault: '' };
  return {
    fault: '',
    remedy:
      'No setting here changes that: whoever runs that server, or the proxy that inspects TLS in between, has to replace its certificate.',
  };
}

/** Of a TLS handshake that both sides do not agree on. */
const handshakeCodes = /^(EPROTO$|ERR_SSL_|ERR_TLS_DH)/;

/** The system's own, such as ECONNREFUSED and EAI_AGAIN. */
const systemCodes = /^E(?!RR_)[A-Z0-9]+(_[A-Z]+)?$/;

/** True for a connection that two sides do not agree on how to make secure. */
export const isHandshake = (code: string | undefined): boolean =>
  code !== undefined && handshakeCodes.test(code) && !certificateCodes.test(code);

const isKnown = (code: string): boolean =>
  [certificateCodes, handshakeCodes, systemCodes].some((pattern) => pattern.test(code));

/** What libraries say of a body that ends too early. */
const cutShort = ['PARSE_ERROR', 'ERR_STREAM_PREMATURE_CLOSE'];

/** An error and its causes, from the outside in. */
function* chainOf(error: unknown): Generator<Readonly<Record<string, unknown>>> {
  let at: unknown = error;
  for (let depth = 0; depth < 6 && typeof at === 'object' && at !== null; depth += 1) {
    const link = at as Readonly<Record<string, unknown>>;
    yield link;
    at = link['cause'] ?? (Array.isArray(link['errors']) ? link['errors'][0] : undefined);
  }
}

/** Node's code (ECONNREFUSED, ENOTFOUND, …) anywhere in an error's chain of causes. */
export function networkCode(error: unknown): string | undefined {
  for (const { code, name } of chainOf(error)) {
    if (typeof code === 'string' && isKnown(code)) return code;
    if (name === 'TimeoutError') return 'ETIMEDOUT';
    if (typeof code === 'string' && cutShort.includes(code)) return 'ECONNRESET';
  }
  return undefined;
}

/** The words beside a code. */
export function wordsOf(error: unknown, code: string | undefined): string | undefined {
  for (const link of chainOf(error))
    if (link['code'] === code && typeof link['message'] === 'string' && !(link instanceof ProxyError))
      return link['message'];
  return undefined;
}

/** The proxy whose fault an error is. */
export function proxyFault(error: unknown): ProxyError | undefined {
  for (const link of chainOf(error)) if (link instanceof ProxyError) return link;
  return undefined;
}

/** True for a certificate that TLS refused: waiting does not make it trusted. */
export const isCertificateProblem = (code: string | undefined): boolean =>
  code !== undefined && certificateCodes.test(code);

/** True for what another try does not change: a certificate, a proxy that refuses, a reply that is too large. */
export const isSettled = (code: string | undefined): boolean =>
  isCertificateProblem(code) || [proxyAuth, proxyScheme, proxyRefused, oversized].includes(code ?? '');

/** True where nothing was reached at all: a name, a way or a protocol that is wrong stays wrong. */
export const isUnreached = (code: string | undefined): boolean =>
  code !== undefined &&
  (['ENOTFOUND', 'ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', proxyGateway].includes(code) ||
    isHandshake(code));

/** What became of a request that got no usable reply. */
export interface Loss {
  readonly code: 'unreachable' | 'tls-untrusted' | 'proxy-refused' | 'reply-intercepted';
  /** A sentence without its full stop; `host` is what was to be reached. */
  readonly cause: (host: string) => string;
  /** Where the code's own does not fit. */
  readonly remedy?: string | undefined;
}

/** Node's code, or OpenSSL's own words where it has none for them. */
const labelOf = (code: string, words = ''): string =>
  code === 'UNSPECIFIED' && words !== '' ? `${code}: ${safeText(words, 100)}` : code;

function certificateLoss(code: string, whose: (host: string) => string, words?: string): Loss {
  const { fault, remedy } = certificateFault(code);
  const cause = (host: string) =>
    `The certificate of ${whose(host)} is not trusted here${fault} (${labelOf(code, words)})`;
  return { code: 'tls-untrusted', cause, remedy };
}

/** Says of a proxy what it did; `code` is Node's or one of ours. */
function proxyLoss(code: string, proxy: string, status: number | undefined, words?: string): Loss {
  const answered = status === undefined ? code : `HTTP ${status}`;
  const named = `The proxy ${proxy}`;
  if (isCertificateProblem(code)) return certificateLoss(code, () => `the proxy ${proxy}`, words);
  if (code === proxyAuth) {
    const cause = () => `${named} wants a user name and a password, or others than it was given (HTTP 407)`;
    return { code: 'proxy-refused', cause };
  }
  if (code === proxyScheme) {
    return {
      code: 'proxy-refused',
      cause: () =>
        `${named} takes no user name and password, but Negotiate, NTLM or the like alone (HTTP 407)`,
      remedy:
        'Let a relay on this machine sign in to it (px and cntlm are such) and set HTTPS_PROXY to that, or ask whoever runs the proxy to let this machine through; then run the same command again.',
    };
  }
  if (code === proxyRefused && status === undefined) {
    return { code: 'proxy-refused', cause: () => `${named} does not answer as a proxy does` };
  }
  if (code === proxyRefused) {
    return { code: 'proxy-refused', cause: (host) => `${named} does not lead to ${host} (${answered})` };
  }
  if (code === proxyGateway) {
    return { code: 'unreachable', cause: (host) => `${named} cannot reach ${host} (${answered})` };
  }
  return { code: 'unreachable', cause: () => `${named} cannot be reached (${answered})` };
}

/**
 * What a network code means; `proxy` where the fault is that proxy's, with what it answered. `words` are OpenSSL's of a
 * certificate. Pure.
 */
export function lossOf(code: string, proxy?: string, status?: number, words?: string): Loss {
  if (proxy !== undefined) return proxyLoss(code, proxy, status, words);
  if (isCertificateProblem(code)) return certificateLoss(code, (host) => host, words);
  if (isHandshake(code)) {
    const cause = (host: string) =>
      `No secure connection to ${host} comes about: no TLS that both sides take (${code})`;
    return { code: 'unreachable', cause };
  }
  if (code === oversized) {
    const cause = (host: string) => `More came in place of a reply of ${host} than it ever sends (${code})`;
    return { code: 'reply-intercepted', cause };
  }
  if (code === garbled) {
    const cause = (host: string) => `What came in place of a reply of ${host} cannot be read (${code})`;
    return { code: 'reply-intercepted', cause };
  }
  return { code: 'unreachable', cause: (host) => `${host} cannot be reached (${code})` };
}

/** A request that got no usable reply, told as what it is: the proxy's fault, not trusted, or not reachable. */
export function networkError(host: string, error: unknown): WizardError | undefined {
  const code = networkCode(error);
  if (code === undefined) return undefined;
  const fault = proxyFault(error);
  const { code: said, cause, remedy } = lossOf(code, fault?.proxy, fault?.status, wordsOf(error, code));
  return new WizardError(said, `${cause(host)}.`, {
    cause: error,
    ...(remedy === undefined ? {} : { remedy }),
  });
}

/** Whether a text is a page for people, which no service of ours sends. */
export const isPage = (text: string): boolean => /^\s*</.test(text);

/** The page's title, without markup. */
const titleOf = (body: string): string =>
  /<title[^>]*>\s*([^<]{1,200}?)\s*</i.exec(body.slice(0, 20_000))?.[1] ?? '';

/** Where a reply came from that the service did not write, as far as the reply tells. Not made safe to print. Pure. */
export function originOfForeign(
  {
    status,
    header,
    body,
  }: {
    readonly status: number;
    readonly header: (name: string) => string | null | undefined;
    /** As text. */
    readonly body: string;
  },
  proxy: string | undefined,
): string {
  const title = titleOf(body);
  const said = [
    `HTTP ${status}`,
    title === '' ? undefined : `"${title}"`,
    ...['server', 'via'].map((name) => (header(name) ? `${name}: ${header(name)}` : undefined)),
    proxy === undefined ? undefined : `by way of the proxy ${proxy}`,
  ];
  return said.filter((part) => part !== undefined).join(', ');
}

import { describe, expect, it } from 'vitest';
import { isCertificateProblem, networkCode, networkError } from '../../src/http/network-error.ts';
import { createRetryPolicy, lostReply } from '../../src/http/retry.ts';

const withCode = (code: string, cause?: unknown): Error => Object.assign(new Error('x', { cause }), { code });

const isTriedAgain = (code: string): boolean => {
  const policy = createRetryPolicy({ now: () => new Date(0), random: () => 0 });
  return policy.after({ failure: lostReply(code), repeatable: true, fresh: false }) !== undefined;
};

/** Node.js docs, tls.md "X509 certificate error codes", and what OpenSSL refuses before Node looks. */
const certificateCodes = [
  ...['UNABLE_TO_GET_ISSUER_CERT', 'UNABLE_TO_GET_CRL', 'UNABLE_TO_DECRYPT_CERT_SIGNATURE'],
  ...['UNABLE_TO_DECRYPT_CRL_SIGNATURE', 'UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY', 'CERT_SIGNATURE_FAILURE'],
  ...['CRL_SIGNATURE_FAILURE', 'CERT_NOT_YET_VALID', 'CERT_HAS_EXPIRED', 'CRL_NOT_YET_VALID'],
  ...['CRL_HAS_EXPIRED', 'ERROR_IN_CERT_NOT_BEFORE_FIELD', 'ERROR_IN_CERT_NOT_AFTER_FIELD'],
  ...['ERROR_IN_CRL_LAST_UPDATE_FIELD', 'ERROR_IN_CRL_NEXT_UPDATE_FIELD', 'OUT_OF_MEM'],
  ...['DEPTH_ZERO_SELF_SIGNED_CERT', 'SELF_SIGNED_CERT_IN_CHAIN', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY'],
  ...['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'CERT_CHAIN_TOO_LONG', 'CERT_REVOKED', 'INVALID_CA'],
  ...['PATH_LENGTH_EXCEEDED', 'INVALID_PURPOSE', 'CERT_UNTRUSTED', 'CERT_REJECTED', 'HOSTNAME_MISMATCH'],
  ...['UNSPECIFIED', 'ERR_TLS_CERT_ALTNAME_INVALID', 'ERR_TLS_CERT_ALTNAME_FORMAT'],
  ...['ERR_SSL_EE_KEY_TOO_SMALL', 'ERR_SSL_CA_MD_TOO_WEAK', 'ERR_SSL_WRONG_CERTIFICATE_TYPE'],
];

describe('a certificate that Node refuses', () => {
  it.each(certificateCodes)('%s is told as not trusted, at once', (code) => {
    const error = networkError('login.example', withCode('OUTER', withCode(code)));
    expect([error?.code, error?.exitCode]).toEqual(['tls-untrusted', 7]);
    expect(error?.message).toMatch(
      /^The certificate of login\.example is not trusted here.* \([A-Z_:x ]+\)\.$/,
    );
    expect(error?.message).toContain(code);
    expect(isTriedAgain(code)).toBe(false);
  });

  it.each([
    ['CERT_NOT_YET_VALID', "it is not valid yet by this machine's clock", "Check this machine's clock"],
    ['CERT_HAS_EXPIRED', "it has expired by this machine's clock", "Check this machine's clock"],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'it is made out to another host', 'Somebody else answers there'],
    ['HOSTNAME_MISMATCH', 'it is made out to another host', 'Somebody else answers there'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'not trusted here (SELF', 'NODE_EXTRA_CA_CERTS'],
    ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'not trusted here (UNABLE', 'NODE_EXTRA_CA_CERTS'],
    ['ERR_SSL_EE_KEY_TOO_SMALL', 'not trusted here (ERR', 'has to replace its certificate'],
    ['INVALID_PURPOSE', 'not trusted here (INVALID', 'has to replace its certificate'],
  ])('%s is told with what mends it', (code, words, remedy) => {
    const error = networkError('login.example', withCode(code));
    expect(error?.message).toContain(words);
    expect(error?.remedy).toContain(remedy);
  });

  it('is told in words where there is no code for what is wrong with it', () => {
    const weak = Object.assign(new Error('EE certificate key too weak'), { code: 'UNSPECIFIED' });
    expect(networkError('login.example', new Error('x', { cause: weak }))?.message).toContain(
      '(UNSPECIFIED: EE certificate key too weak)',
    );
  });
});

describe('a connection that does not come about', () => {
  it.each([
    'ECONNREFUSED',
    'EAI_AGAIN',
    'EPROTO',
    'ERR_SSL_WRONG_VERSION_NUMBER',
    'ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE',
  ])('%s is unreachable', (code) => {
    expect(networkError('login.example', withCode(code))?.code).toBe('unreachable');
    expect([isCertificateProblem(code), isTriedAgain(code)]).toEqual([false, true]);
  });

  it.each([
    'ERR_INVALID_CHAR',
    'ERR_INVALID_URL',
    'ABORT_ERR',
    'ERR_OSSL_PEM_NO_START_LINE',
    'invalid_grant',
  ])('%s is none', (code) => expect(networkCode(withCode(code))).toBeUndefined());
});

import { describe, expect, it } from 'vitest';
import { proxyFor } from '../../src/http/proxy.ts';

const proxy = 'http://proxy.example:8080';
const entra = 'https://login.example.com/t/oauth2/v2.0/token';

describe('the proxy of an address', () => {
  it.each([
    [{}, undefined],
    [{ HTTPS_PROXY: '' }, undefined],
    [{ HTTPS_PROXY: proxy }, proxy],
    [{ https_proxy: proxy }, proxy],
    [{ https_proxy: proxy, HTTPS_PROXY: 'http://other.example' }, proxy],
    [{ https_proxy: '', HTTPS_PROXY: proxy }, proxy],
    [{ HTTP_PROXY: proxy }, undefined],
    [{ HTTPS_PROXY: 'proxy.example:8080' }, proxy],
    [{ HTTPS_PROXY: 'https://user:word@proxy.example' }, 'https://user:word@proxy.example'],
  ])('is, with %o, %s', (env, expected) => {
    expect(proxyFor(entra, env)).toBe(expected);
  });

  it.each([
    ['*', true],
    ['login.example.com', true],
    ['LOGIN.EXAMPLE.COM', true],
    ['example.com', true],
    ['.example.com', true],
    ['*.example.com', true],
    ['example.com:443', true],
    ['localhost, 127.0.0.1,example.com', true],
    ['localhost example.com', true],
    ['example.com:8443', false],
    ['ample.com', false],
    ['login.example.com.evil.example', false],
    ['com.', false],
    ['', false],
    [',', false],
  ])('with NO_PROXY=%s is left aside: %s', (exceptions, aside) => {
    for (const name of ['NO_PROXY', 'no_proxy']) {
      expect(proxyFor(entra, { HTTPS_PROXY: proxy, [name]: exceptions }) === undefined).toBe(aside);
    }
  });

  it('goes by the port where an exception names one', () => {
    const at = (port: number) => `https://127.0.0.1:${port}/`;
    const env = { HTTPS_PROXY: proxy, NO_PROXY: '127.0.0.1:8443' };
    expect([proxyFor(at(8443), env), proxyFor(at(443), env)]).toEqual([undefined, proxy]);
  });

  it.each(['http://', 'socks5://proxy.example:1080', 'not an address', '://'])('is refused: %s', (given) => {
    expect(() => proxyFor(entra, { HTTPS_PROXY: `${given}` })).toThrow('HTTPS_PROXY is not the address');
  });

  it('is not shown where it is refused: it may hold a password', () => {
    expect(() => proxyFor(entra, { HTTPS_PROXY: 'ftp://user:not-for-eyes@x' })).toThrow(
      /^(?!.*not-for-eyes)/,
    );
  });
});

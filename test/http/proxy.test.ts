import { describe, expect, it } from 'vitest';
import { proxyFor, unreadableExceptions } from '../../src/http/proxy.ts';

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
    [{ ALL_PROXY: proxy }, proxy],
    [{ all_proxy: 'proxy.example:8080' }, proxy],
    [{ HTTPS_PROXY: proxy, ALL_PROXY: 'socks5://other.example' }, proxy],
    [{ HTTPS_PROXY: ' ', all_proxy: proxy }, proxy],
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
    ['localhost;example.com', true],
    ['localhost;127.0.0.1', false],
    ['login.*', true],
    ['*.example.*', true],
    ['login.exam*.com', true],
    ['log.*', false],
    ['logi', false],
    ['example.com/24', false],
    ['10.0.0.0/8', false],
    ['[', false],
    ['(.*)', false],
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

  it.each([
    ['10.1.2.3', '10.0.0.0/8', true],
    ['10.1.2.3', '10.1.2.0/24', true],
    ['10.1.3.3', '10.1.2.0/24', false],
    ['10.1.2.3', '0.0.0.0/0', true],
    ['10.1.2.3', '10.1.2.3/33', false],
    ['127.0.0.1', '127.*', true],
    ['127.0.0.1', '127.0.0.*;10.*', true],
    ['128.0.0.1', '127.*', false],
    ['12.7.0.1', '127.*', false],
    ['[::1]', '::1', true],
    ['[::1]', '[::1]', true],
    ['[::1]', '0:0::1', true],
    ['[::1]', '::2', false],
    ['[::1]', '[::1]:8443', false],
    ['[2001:db8::5]', '2001:db8::/32', true],
    ['[2001:db9::5]', '2001:db8::/32', false],
    ['[::1]', '0.0.0.0/0', false],
    ['login.example.com', '0.0.0.0/0', false],
  ])('of %s is left aside by NO_PROXY=%s: %s', (host, exceptions, aside) => {
    const env = { HTTPS_PROXY: proxy, NO_PROXY: exceptions };
    expect(proxyFor(`https://${host}/`, env) === undefined).toBe(aside);
  });

  it.each([
    ['<local>', '"<local>"'],
    ['10.0.0.0/40 , fine.example', '"10.0.0.0/40"'],
    ['http://a.example', '"http://a.example"'],
    ['\u001b[2J', '"\\u{1b}[2j"'],
  ])('tells that NO_PROXY=%s leaves nothing aside', (exceptions, named) => {
    const env = { HTTPS_PROXY: proxy, NO_PROXY: exceptions };
    expect(unreadableExceptions(env)).toBe(
      `NO_PROXY: ${named}: no host, address or range, so that nothing is left aside for it.`,
    );
    expect(unreadableExceptions({ NO_PROXY: exceptions })).toBeUndefined();
  });

  it.each(['', '*', 'localhost,127.0.0.1,::1', '.example.com;*.b.example 10.0.0.0/8', '[::1]:443', '127.*'])(
    'has nothing to tell of NO_PROXY=%s',
    (exceptions) => {
      expect(unreadableExceptions({ HTTPS_PROXY: proxy, NO_PROXY: exceptions })).toBeUndefined();
    },
  );

  it.each([
    ['http://CORP\\ada:word@proxy.example:8080', 'CORP\\ada', 'word'],
    ['CORP\\ada:word@proxy.example:8080', 'CORP\\ada', 'word'],
    ['http://CORP%5Cada:word@proxy.example:8080', 'CORP\\ada', 'word'],
    ['http://ada:100%@proxy.example:8080', 'ada', '100%'],
    ['http://ada:a%zz%41@proxy.example:8080', 'ada', 'a%zzA'],
    ['http://ada:p@ss:word@proxy.example:8080', 'ada', 'p@ss:word'],
    ['http://ada:w\u00f6rd@proxy.example:8080', 'ada', 'w\u00f6rd'],
    ['http://ada@proxy.example:8080', 'ada', ''],
  ])('takes user name and password as they are meant: %s', (given, user, password) => {
    const { host, username, password: word } = new URL(proxyFor(entra, { HTTPS_PROXY: given }) ?? '');
    const read = [host, decodeURIComponent(username), decodeURIComponent(word)];
    expect(read).toEqual(['proxy.example:8080', user, password]);
  });

  it.each(['http://ada:a/b@proxy.example', 'http://ada:80#b@proxy.example', 'http://ada:80?b@proxy.example'])(
    'is refused where it may end before the @: %s',
    (given) => {
      expect(() => proxyFor(entra, { HTTPS_PROXY: given })).toThrow('HTTPS_PROXY is not the address');
    },
  );

  it.each(['http:/proxy.example:8080', 'https:proxy.example', 'http:proxy.example:8080', 'HTTP:/x'])(
    'is refused where its protocol is cut: %s',
    (given) => {
      expect(() => proxyFor(entra, { HTTPS_PROXY: given })).toThrow('HTTPS_PROXY is not the address');
    },
  );

  it('takes a host with the dot of the root for the same', () => {
    const { host } = new URL(entra);
    expect(proxyFor(entra, { HTTPS_PROXY: proxy, NO_PROXY: `${host}.` })).toBeUndefined();
    expect(proxyFor(entra.replace(host, `${host}.`), { HTTPS_PROXY: proxy, NO_PROXY: host })).toBeUndefined();
  });

  it.each(['10.0.0', '10.', '10.0.0.0-10.0.0.9', '010.1.2'])(
    'says that it cannot read NO_PROXY=%s',
    (exceptions) => {
      expect(unreadableExceptions({ HTTPS_PROXY: proxy, NO_PROXY: exceptions })).toContain(
        'nothing is left aside',
      );
    },
  );

  it.each(['http://ada:%FF@proxy.example', 'http://ada:%C3@proxy.example'])(
    'is refused where its password is no text: %s',
    (given) => {
      expect(() => proxyFor(entra, { HTTPS_PROXY: given })).toThrow('HTTPS_PROXY is not the address');
    },
  );

  it('is refused by the name that it has', () => {
    const given = { ALL_PROXY: 'socks5h://127.0.0.1:1080' };
    expect(() => proxyFor(entra, given)).toThrow('ALL_PROXY is not the address');
    expect(proxyFor(entra, { ...given, NO_PROXY: '*' })).toBeUndefined();
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

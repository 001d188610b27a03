import { describe, expect, it } from 'vitest';
import { signInMethods } from '../../src/entra/auth-methods.ts';

describe('the ways to sign in', () => {
  const host = (interactive: boolean, env: Record<string, string> = {}, platform = 'linux') => ({
    interactive,
    env,
    platform,
  });

  it.each([
    ['a terminal with a display', host(true, { DISPLAY: ':0' }), ['browser', 'device-code']],
    ['a terminal without', host(true), ['device-code', 'browser']],
    ['a Mac', host(true, {}, 'darwin'), ['browser', 'device-code']],
    ['a Mac from afar', host(true, { SSH_CONNECTION: '192.0.2.1' }, 'darwin'), ['device-code', 'browser']],
    ['a job', host(false), ['azure-cli']],
    ['a job with a client', host(false, { AZURE_CLIENT_ID: 'x' }), ['environment']],
    [
      'a workload',
      host(false, { AZURE_CLIENT_ID: 'x', AZURE_FEDERATED_TOKEN_FILE: 'f' }),
      ['workload-identity'],
    ],
  ])('of %s', (_name, given, methods) => {
    expect(signInMethods(undefined, given)).toEqual(methods);
  });

  it('are the one that was asked for, and no other', () => {
    expect(signInMethods('browser', host(true))).toEqual(['browser']);
  });
});

import { createHash } from 'node:crypto';
import { expect } from 'vitest';
import { personId } from '../../../src/sandbox/seed/people.ts';
import type { SandboxReply } from '../../../src/sandbox/world.ts';
import { azureCli, type Fixture, press } from './helper.ts';

export const redirectUri = 'http://localhost:51234';
export const verifier = 'a-code-verifier-of-at-least-forty-three-characters';
const challenge = createHash('sha256').update(verifier).digest('base64url');

export function answerOf(reply: SandboxReply): URLSearchParams {
  expect(reply.status).toBe(302);
  return new URL(reply.headers['location'] ?? '').searchParams;
}

/** The steps of a sign-in, at whichever fixture stands when they are taken. */
export function signInSteps(fixture: () => Fixture) {
  function path(change: Record<string, string> = {}): string {
    const query = new URLSearchParams({
      client_id: azureCli,
      response_type: 'code',
      redirect_uri: redirectUri,
      response_mode: 'query',
      scope: `${fixture().world.origin}/.default openid profile offline_access`,
      state: 'a state & more',
      nonce: 'a nonce',
      prompt: 'select_account',
      code_challenge: challenge,
      code_challenge_method: 'S256',
      ...change,
    });
    return `/organizations/oauth2/v2.0/authorize?${query}`;
  }

  async function pick(person: string, change: Record<string, string> = {}): Promise<SandboxReply> {
    return press(fixture(), await fixture().get(path(change)), { user: personId(person) });
  }

  function redeem(code: string | null, change: Record<string, string> = {}): Promise<SandboxReply> {
    return fixture().post('/organizations/oauth2/v2.0/token', {
      grant_type: 'authorization_code',
      client_id: azureCli,
      code: code ?? '',
      redirect_uri: redirectUri,
      code_verifier: verifier,
      client_info: '1',
      ...change,
    });
  }

  return { path, pick, redeem };
}

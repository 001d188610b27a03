import { describe, expect, it } from 'vitest';
import { createWorld, type World } from '../helpers/world.ts';

const refusal = {
  error: {
    code: 'Authorization_RequestDenied',
    message:
      'The directory object quota limit for the Principal has been exceeded. Please ask your administrator to increase the quota limit or delete objects to reduce the used quota.',
  },
};

/** Graph refuses what is posted to that path, in these words. */
function refuse({ sandbox }: World, path: string): void {
  const refused = new WeakSet<object>();
  sandbox.faults.add({
    when: 'before',
    fault: { kind: 'reset' },
    matches: ({ request }) => {
      if (request.method !== 'POST' || request.url.pathname !== path) return false;
      refused.add(request);
      Object.assign(request, { body: 'none' });
      return false;
    },
  });
  sandbox.faults.add({
    when: 'after',
    fault: { kind: 'reset' },
    matches: ({ request, reply }) => {
      if (reply && refused.has(request)) Object.assign(reply, { status: 403, body: JSON.stringify(refusal) });
      return false;
    },
  });
}

describe('a refusal for lack of room', () => {
  it.each(['/v1.0/applications', '/v1.0/servicePrincipals'])(
    'under the code of a missing right is no missing right: POST %s',
    async (path) => {
      const world = await createWorld();
      refuse(world, path);
      const run = await world.run(['--sandbox', '--yes', '--json']);
      expect([run.code, run.json().error?.code]).toEqual([3, 'quota-exceeded']);
      expect(run.json().error?.remedy).toContain('quota');
      expect(world.slept()).toBe(0);
      world.sandbox.faults.clear();
      expect((await world.run(['--sandbox', '--yes', '--json'])).code).toBe(0);
    },
  );
});

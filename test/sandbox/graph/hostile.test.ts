import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFixture } from './helper.ts';

const sets = [
  'me',
  'me/transitiveMemberOf',
  'applications',
  "applications(uniqueName='x')",
  'servicePrincipals',
  'oauth2PermissionGrants',
  'roleManagement/directory/roleAssignments',
  'directory/deletedItems/microsoft.graph.application',
  'auditLogs/signIns',
  'directoryObjects/getByIds',
  '$batch',
];

const piece = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '__proto__',
    'constructor',
    '..',
    '$count',
    '$ref',
    "('x')",
    '(a=',
    '%',
    'owners',
    'addPassword',
  ),
);

describe('hostile requests', () => {
  it('are always answered, and never with 500', async () => {
    const { as, advance } = createFixture();
    const send = await as('ada');
    const options = fc.dictionary(
      fc.constantFrom(
        '$select',
        '$filter',
        '$expand',
        '$orderby',
        '$top',
        '$search',
        '$skiptoken',
        '$count',
        'x',
      ),
      piece,
    );
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('GET', 'POST', 'PATCH', 'DELETE', 'PUT', 'TRACE'),
        fc.constantFrom(...sets),
        fc.array(piece, { maxLength: 3 }),
        options,
        fc.oneof(fc.json(), fc.string(), fc.constant('')),
        async (method, set, parts, query, text) => {
          const path = ['', set, ...parts.map((part) => encodeURI(part))].join('/');
          const search = new URLSearchParams(query);
          const reply = await send(method, `${path}?${search}`, { text });
          expect(reply.status).toBeLessThan(500);
          if (reply.status >= 400) expect(reply.body.error.innerError).toHaveProperty('request-id');
          advance(2_500);
        },
      ),
      { numRuns: 400, endOnFailure: true },
    );
  });

  it('cannot name what objects inherit', async () => {
    const send = await createFixture().as('ada');
    for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
      for (const path of [
        `/applications?$select=${name}`,
        `/applications?$expand=${name}`,
        `/applications?$filter=${name} eq 'x'`,
        `/applications?$orderby=${name}`,
      ]) {
        expect((await send('GET', path)).status, path).toBe(400);
      }
    }
    const text = '{"displayName":"x","__proto__":{"notes":"y"}}';
    expect((await send('POST', '/applications', { text })).status).toBe(400);
  });
});

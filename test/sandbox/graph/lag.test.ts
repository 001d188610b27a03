import { beforeEach, describe, expect, it } from 'vitest';
import { delayOf, replicaCount } from '../../../src/sandbox/replication.ts';
import { personId } from '../../../src/sandbox/seed/people.ts';
import { appIds } from '../../../src/sandbox/seed/well-known.ts';
import {
  createFixture,
  type Fixture,
  origin,
  principalOf,
  type Reply,
  refusalOf,
  register,
  type Send,
  start,
} from './helper.ts';

let fixture: Fixture;
let send: Send;
let replica: number;

/** The lag scenario, each request meeting the copy that the test names. */
beforeEach(async () => {
  replica = 0;
  let salt = 0;
  fixture = createFixture({
    behaviour: { lag: true },
    randomBytes: (size) => {
      salt += 1;
      return size === 1 ? Buffer.from([replica]) : Buffer.alloc(size, salt);
    },
  });
  send = await fixture.as('ada');
});

const settled = 2_700;

async function everywhere(ask: () => Promise<Reply>): Promise<string[]> {
  const replies: string[] = [];
  for (replica = 0; replica < replicaCount; replica += 1) {
    const reply = await ask();
    replies.push(reply.status < 300 ? String(reply.status) : refusalOf(reply));
  }
  replica = 0;
  return replies;
}

describe('a new application', () => {
  it('is unknown at first, then to some copies, then to none', async () => {
    const { id, appId } = await register(send, { uniqueName: 'one' });
    const gone = '404 Request_ResourceNotFound';
    for (const ask of [
      () => send('GET', `/applications/${id}`),
      () => send('GET', `/applications(appId='${appId}')`),
      () => send('GET', "/applications(uniqueName='one')"),
      () => send('PATCH', `/applications/${id}`, { body: { notes: 'x' } }),
      () => send('POST', `/applications/${id}/addPassword`, { body: {} }),
      () => send('POST', `/applications/${id}/federatedIdentityCredentials`, { body: {} }),
      () => send('DELETE', `/applications/${id}`),
    ]) {
      expect(await everywhere(ask)).toEqual([gone, gone, gone]);
    }
    const delays = [0, 1, 2].map((copy) => delayOf(id, copy));
    fixture.advance(Math.min(...delays));
    expect((await everywhere(() => send('GET', `/applications/${id}`))).sort()).toEqual(['200', gone, gone]);
    fixture.advance(settled);
    expect(await everywhere(() => send('GET', `/applications/${id}`))).toEqual(['200', '200', '200']);
  });

  it('holds its uniqueName at once', async () => {
    await register(send, { uniqueName: 'one' });
    const reply = await send('POST', '/applications', { body: { displayName: 'x', uniqueName: 'one' } });
    expect(refusalOf(reply)).toBe('400 Request_BadRequest');
  });

  it('appears in listings after it can be read', async () => {
    const { id, appId } = await register(send);
    const filter = encodeURIComponent(`appId eq '${appId}'`);
    for (let passed = 0; passed <= settled; passed += 100) {
      for (replica = 0; replica < replicaCount; replica += 1) {
        const listed = (await send('GET', `/applications?$filter=${filter}`)).body.value.length === 1;
        const readable = (await send('GET', `/applications/${id}`)).status === 200;
        if (listed) expect(readable).toBe(true);
        if (passed === settled) expect(listed).toBe(true);
      }
      fixture.advance(100);
    }
  });

  it('cannot carry a service principal yet, as two misleading errors say', async () => {
    const { appId } = await register(send);
    const replies: string[] = [];
    for (replica = 0; replica < replicaCount; replica += 1) {
      const reply = await send('POST', '/servicePrincipals', { body: { appId } });
      replies.push(`${refusalOf(reply)} ${reply.body.error.details?.[0].code}`);
    }
    expect(replies).toEqual([
      '403 Authorization_RequestDenied undefined',
      '400 Request_BadRequest NoBackingApplicationObject',
      '400 Request_BadRequest NoBackingApplicationObject',
    ]);
    fixture.advance(settled);
    expect((await send('POST', '/servicePrincipals', { body: { appId } })).status).toBe(201);
  });
});

describe('a changed application', () => {
  it('shows its old value for a while, copy by copy', async () => {
    const { id } = await register(send, { notes: 'old' });
    fixture.advance(settled);
    await send('PATCH', `/applications/${id}`, { body: { notes: 'new' } });
    const notes = async (): Promise<string[]> => {
      const seen: string[] = [];
      for (replica = 0; replica < replicaCount; replica += 1) {
        seen.push((await send('GET', `/applications/${id}?$select=notes`)).body.notes);
      }
      return seen;
    };
    expect(await notes()).toEqual(['old', 'old', 'old']);
    fixture.advance(settled);
    expect(await notes()).toEqual(['new', 'new', 'new']);
  });

  it('lists a new federated credential only when a copy has learnt of it', async () => {
    const { id } = await register(send);
    fixture.advance(settled);
    const path = `/applications/${id}/federatedIdentityCredentials`;
    const body = { name: 'main', issuer: 'https://issuer.example', subject: 'me', audiences: ['api://x'] };
    expect((await send('POST', path, { body })).status).toBe(201);
    expect((await send('GET', path)).body.value).toEqual([]);
    const expanded = `/applications/${id}?$expand=federatedIdentityCredentials`;
    expect((await send('GET', expanded)).body.federatedIdentityCredentials).toEqual([]);
    expect(refusalOf(await send('GET', `${path}/main`))).toBe('404 Request_ResourceNotFound');
    expect((await send('POST', path, { body })).status).toBe(409);
    fixture.advance(settled);
    expect((await send('GET', path)).body.value).toMatchObject([body]);
    expect((await send('GET', `${path}/main`)).status).toBe(200);
  });

  it('lists a new owner late', async () => {
    const { id } = await register(send);
    fixture.advance(settled);
    const path = `/applications/${id}/owners`;
    const reference = { '@odata.id': `${origin}/v1.0/directoryObjects/${personId('nora')}` };
    expect((await send('POST', `${path}/$ref`, { body: reference })).status).toBe(204);
    expect((await send('GET', path)).body.value).toEqual([]);
    fixture.advance(settled);
    expect((await send('GET', path)).body.value).toMatchObject([{ id: personId('nora') }]);
  });

  it('refuses to lose a secret that it has just been given', async () => {
    const { id } = await register(send);
    fixture.advance(settled);
    const { body } = await send('POST', `/applications/${id}/addPassword`, { body: {} });
    const remove = () => send('POST', `/applications/${id}/removePassword`, { body: { keyId: body.keyId } });
    const early = await remove();
    expect(refusalOf(early)).toBe('409 Directory_ConcurrencyViolation');
    fixture.advance(300);
    const gone = await everywhere(remove);
    expect(gone).toEqual(Array.from({ length: replicaCount }, () => '400 Request_BadRequest'));
    fixture.advance(settled);
    expect((await remove()).status).toBe(204);
    expect(refusalOf(await remove())).toBe('409 Directory_ConcurrencyViolation');
  });

  it('denies a new secret, copy by copy, with the words for one that is gone', async () => {
    const { id } = await register(send);
    fixture.advance(settled);
    const { body } = await send('POST', `/applications/${id}/addPassword`, { body: {} });
    const made = fixture.world.now();
    const path = `/applications/${id}/removePassword`;
    const remove = () => send('POST', path, { body: { keyId: body.keyId } });
    const delays = [0, 1, 2].map((copy) => delayOf(`${id}/${made}`, copy));
    fixture.advance(Math.min(...delays));
    replica = delays.indexOf(Math.max(...delays));
    const denied = await remove();
    expect(denied.body.error).toMatchObject({
      code: 'Request_BadRequest',
      message: `No password credential found with keyId ${body.keyId}.`,
    });
    replica = delays.indexOf(Math.min(...delays));
    expect((await remove()).status).toBe(204);
    fixture.advance(settled);
    const late = await remove();
    expect(late.body.error.message).toBe(denied.body.error.message);
  });

  it('has none, one or two of two new secrets, depending on the copy', async () => {
    const { id } = await register(send);
    fixture.advance(settled);
    await send('POST', `/applications/${id}/addPassword`, { body: {} });
    fixture.advance(900);
    await send('POST', `/applications/${id}/addPassword`, { body: {} });
    const counts = new Set<number>();
    for (let passed = 0; passed <= settled; passed += 50) {
      for (replica = 0; replica < replicaCount; replica += 1) {
        counts.add((await send('GET', `/applications/${id}`)).body.passwordCredentials.length);
      }
      fixture.advance(50);
    }
    expect(counts).toEqual(new Set([0, 1, 2]));
    const settledCounts = await Promise.all(
      [0, 1, 2].map(async (copy) => {
        replica = copy;
        return (await send('GET', `/applications/${id}`)).body.passwordCredentials.length;
      }),
    );
    expect(settledCounts).toEqual([2, 2, 2]);
  });

  it('is denied by one copy after another had shown it, while it is new', async () => {
    const { id } = await register(send);
    const delays = [0, 1, 2].map((copy) => delayOf(id, copy));
    fixture.advance(Math.min(...delays));
    const read = () => send('GET', `/applications/${id}`);
    replica = delays.indexOf(Math.min(...delays));
    expect((await read()).status).toBe(200);
    replica = delays.indexOf(Math.max(...delays));
    expect(refusalOf(await read())).toBe('404 Request_ResourceNotFound');
  });

  it('gets secrets that the token endpoint takes seconds to learn', async () => {
    const { id } = await register(send);
    fixture.advance(settled);
    await send('POST', `/applications/${id}/addPassword`, { body: {} });
    const usable = fixture.tenant.applications.find((one) => one.id === id)?.passwordCredentials[0]
      ?.usableFrom;
    expect(usable).toBe(start + settled + 2000);
  });
});

describe('a new service principal', () => {
  it('cannot be granted anything yet', async () => {
    const { appId } = await register(send);
    fixture.advance(settled);
    const { body } = await send('POST', '/servicePrincipals', { body: { appId } });
    const graph = principalOf(fixture.tenant, appIds.graph).id;
    const grant = {
      body: { principalId: body.id, resourceId: graph, appRoleId: 'b0afded3-3588-46d8-8b3d-9842eff778da' },
    };
    const early = await send('POST', `/servicePrincipals/${graph}/appRoleAssignedTo`, grant);
    expect(refusalOf(early)).toBe('400 Request_BadRequest');
    expect(early.body.error.message).toBe('Not a valid reference update');
    const other = await send('POST', `/servicePrincipals/${body.id}/appRoleAssignments`, grant);
    expect(refusalOf(other)).toBe('404 Request_ResourceNotFound');
    fixture.advance(settled);
    expect((await send('POST', `/servicePrincipals/${graph}/appRoleAssignedTo`, grant)).status).toBe(201);
    const listed = () => send('GET', `/servicePrincipals/${body.id}/appRoleAssignments`);
    expect((await listed()).body.value).toEqual([]);
    fixture.advance(settled);
    expect((await listed()).body.value).toHaveLength(1);
  });

  it('cannot be given delegated permissions yet', async () => {
    const { appId } = await register(send);
    fixture.advance(settled);
    const { body } = await send('POST', '/servicePrincipals', { body: { appId } });
    const resourceId = principalOf(fixture.tenant, appIds.graph).id;
    const grant = { clientId: body.id, consentType: 'AllPrincipals', resourceId, scope: 'User.Read' };
    const early = await send('POST', '/oauth2PermissionGrants', { body: grant });
    expect(refusalOf(early)).toBe('404 Request_ResourceNotFound');
    expect(early.body.error.message).toContain(body.id);
    fixture.advance(settled);
    expect((await send('POST', '/oauth2PermissionGrants', { body: grant })).status).toBe(201);
  });

  it('is not known as a caller yet', async () => {
    const { appId } = await register(send);
    fixture.advance(settled);
    await send('POST', '/servicePrincipals', { body: { appId } });
    const client = await fixture.asApplication(['Organization.Read.All'], principalOf(fixture.tenant, appId));
    expect(refusalOf(await client('GET', '/organization'))).toBe('403 Authorization_IdentityNotFound');
    fixture.advance(settled);
    expect((await client('GET', '/organization')).status).toBe(200);
  });
});

import { expect, it } from 'vitest';
import type { Tenant, User } from '../../../src/sandbox/index.ts';
import { createWorld, type Run } from '../../helpers/world.ts';

const graphTools = '14d82eec-204b-4c2f-b7e8-296a70dab67e';
const unattended = ['--sandbox', '--yes', '--json'];

const checkOf = (run: Run, id: string) => run.json().checks.find((check) => check.id === id);

const idOf = ({ users }: Tenant, name: string): string =>
  users.find(
    ({ userPrincipalName }) =>
      userPrincipalName.startsWith(`${name}_`) || userPrincipalName.startsWith(`${name}@`),
  )?.id ?? '';

/** More people than one page of Graph's holds (graph-docs paging.md: 100 directory objects). */
function crowd(tenant: Tenant): string[] {
  const people: User[] = Array.from({ length: 120 }, (_, index) => ({
    id: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
    displayName: `Person ${index}`,
    userPrincipalName: `person${index}@contoso.com`,
    mail: null,
    givenName: null,
    surname: null,
    userType: 'Member',
    accountEnabled: true,
  }));
  tenant.users.push(...people);
  return people.map(({ id }) => id);
}

it('finds an owner behind the first page, in setup and as the administrator', async () => {
  const world = await createWorld({ scenarios: ['privileged-role-admin'] });
  await world.run(unattended);
  const { tenant } = world.sandbox;
  const application = tenant.applications.find(({ uniqueName }) => uniqueName === 'reporting-setup');
  if (!application) throw new Error('setup registered nothing');
  application.owners = [...crowd(tenant), idOf(tenant, 'gus'), idOf(tenant, 'petra')];
  world.pass(60_000);
  const run = await world.run([...unattended, '--output', 'other.json']);
  expect([run.code, checkOf(run, 'role.credential')?.evidence]).toEqual([0, 'as owner of the application']);
  const seen = await world.run(['verify', '--admin', '--sandbox', '--json']);
  expect(checkOf(seen, 'app.owners')?.evidence).toMatch(/and 116 more/);
  expect(checkOf(seen, 'app.owners')?.remedy).toContain("somebody else's tenant");
});

it('finds a role to activate behind the first page', async () => {
  const world = await createWorld({
    scenarios: ['pim-eligible'],
    adjust: (tenant) => {
      const [last] = tenant.roleEligibilities;
      if (!last) throw new Error('nobody is eligible');
      const others = Array.from({ length: 120 }, (_, index) => ({
        ...last,
        id: `other-${index}`,
        roleDefinitionId: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
      }));
      tenant.roleEligibilities = [...others, last];
    },
  });
  const run = await world.run([...unattended, '--login-client-id', graphTools]);
  expect([run.code, checkOf(run, 'role.grant')?.code]).toEqual([3, 'role-inactive']);
  expect(checkOf(run, 'role.grant')?.remedy).toContain('Activate Global Administrator at');
});

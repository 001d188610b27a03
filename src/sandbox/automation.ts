import { createHash } from 'node:crypto';
import type { Tenant } from './model.ts';
import { SandboxError } from './sandbox-error.ts';
import { automationAppId } from './seed/applications.ts';
import type { World } from './world.ts';

/** How a job without a person signs in. */
export interface Automation {
  readonly clientId: string;
  readonly clientSecret: string;
}

const year = 31_536_000_000;

/** 40 characters that look like Entra's. The first is no dash, which a shell command would take for an option. */
function secretText(world: World): string {
  const text = world.randomBytes(30).toString('base64url').replace(/^-/, 'x');
  return `${text.slice(0, 3)}8Q~${text.slice(3, 37)}`;
}

function requireAutomation(tenant: Tenant): Tenant['applications'][number] {
  const application = tenant.applications.find(({ appId }) => appId === automationAppId);
  if (application !== undefined) return application;
  throw new SandboxError(
    'The automation application of the sandbox tenant is gone',
    'Delete the state file to start with a new tenant.',
  );
}

/** Gives the automation application one new secret, known everywhere at once; those of earlier starts end here. */
export function renewAutomation(world: World): Automation {
  const application = requireAutomation(world.tenant);
  const clientSecret = world.issue(secretText(world));
  application.passwordCredentials = [
    {
      customKeyIdentifier: null,
      displayName: 'Sandbox automation',
      startDateTime: new Date(world.now()).toISOString(),
      endDateTime: new Date(world.now() + year).toISOString(),
      hint: clientSecret.slice(0, 3),
      keyId: world.randomUUID(),
      secretHash: createHash('sha256').update(clientSecret).digest('hex'),
      usableFrom: world.now() - year,
    },
  ];
  return { clientId: application.appId, clientSecret };
}

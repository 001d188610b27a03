import { describe, expect, it } from 'vitest';
import { parseDuration } from '../../src/core/duration.ts';
import type { Fields } from '../../src/core/fields.ts';
import { publicCloud } from '../../src/entra/clouds.ts';
import type { DirectoryRequest } from '../../src/graph/directory.ts';
import { DirectoryError } from '../../src/graph/directory-error.ts';
import type { CredentialPolicy } from '../../src/tenant/directory-objects.ts';
import type { ObserveInput } from '../../src/tenant/model.ts';
import { type PolicyReading, policy, readPolicy } from '../../src/tenant/policy.ts';
import { application } from './account/account-data.ts';
import { capped, free } from './policy-data.ts';

const now = new Date('2026-11-28T12:00:00Z');
const made = new Date('2026-06-01T00:00:00Z');

/** A restriction of that kind that is on. */
const restriction = (restrictionType: string, more: Fields = {}): Fields => ({
  restrictionType,
  state: 'enabled',
  maxLifetime: null,
  restrictForAppsCreatedAfterDateTime: null,
  ...more,
});
const adding = (more: Fields = {}) => restriction('passwordAddition', more);
const lasting = (more: Fields = {}) => restriction('passwordLifetime', { maxLifetime: 'P90D', ...more });
const ofKeys = (more: Fields = {}) => restriction('asymmetricKeyLifetime', { maxLifetime: 'P1Y', ...more });

const off = { state: 'disabled' };
const unheardOf = { state: 'unknownFutureValue' };
const from = (date: unknown) => ({ restrictForAppsCreatedAfterDateTime: date });

const lists = (passwordCredentials: unknown, keyCredentials: unknown) => ({
  passwordCredentials,
  keyCredentials,
});

/** The tenant's policy, with restrictions of secrets and of certificates. */
const tenant = (secrets: unknown, certificates: unknown = []) => ({
  tenantWide: { value: { isEnabled: true, applicationRestrictions: lists(secrets, certificates) } },
});
const own = (secrets: unknown, certificates: unknown = []): Fields => ({
  isEnabled: true,
  restrictions: lists(secrets, certificates),
});
/** Of the application itself. */
const owns = (...value: readonly Fields[]) => ({ ofApplication: { value } });

const keysCapped = { certificateLifetimeCap: parseDuration('1y') };
const blocks = { secretsBlocked: true };
const untoldSecret = (secret: string) => ({ untold: { secret } });
const ofBoth = (why: string) => ({ untold: { secret: why, certificate: why } });
const mayApply = untoldSecret('whether a restriction of the tenant applies to this application');
const notReadable = 'the tenant caps the lifetime at something that is not readable';
const withExclusions = untoldSecret(
  'client secrets are blocked with exclusions, and whether one covers this run does not show',
);
const hidden = { tenantWide: { hidden: "the tenant's" } };

const reading: PolicyReading = {
  ...tenant([]),
  ...owns(),
  authorization: { hidden: 'nobody asked' },
  created: made,
};

describe('what policies say', () => {
  it.each<[string, Partial<PolicyReading>, Partial<CredentialPolicy>]>([
    ['nothing', {}, {}],
    ['no secrets', tenant([adding()]), blocks],
    ['secrets for a time', tenant([lasting()]), capped],
    ['certificates for a time', tenant([], [ofKeys()]), keysCapped],
    ['all of it', tenant([lasting(), adding()], [ofKeys()]), { ...capped, ...blocks, ...keysCapped }],
    ['each in its own list alone', tenant([ofKeys()], [adding(), lasting()]), {}],
    ['something of another kind', tenant([restriction('symmetricKeyAddition')]), {}],
    ['lists that are none', tenant(null, 'x'), {}],
    // On, off and neither.
    [
      'nothing while it is off',
      {
        tenantWide: {
          value: { ...own([]), isEnabled: false, applicationRestrictions: lists([adding()], []) },
        },
      },
      {},
    ],
    ['nothing, each of it off', tenant([adding(off), lasting(off)]), {}],
    ['something in a state that is new', tenant([adding(unheardOf)]), mayApply],
    ['something in no state', tenant([adding({ state: undefined })]), mayApply],
    ['something new, and something for certain', tenant([adding(unheardOf), adding()]), blocks],
    ['something off, and something new', tenant([adding(off), adding(unheardOf)]), mayApply],
    ['something off, and something on', tenant([lasting({ ...off, maxLifetime: 'P1D' }), lasting()]), capped],
    // For applications made from a day on.
    ['something for those made later', tenant([adding(from('2026-06-01T00:00:01Z'))]), {}],
    ['something for those made then', tenant([adding(from('2026-06-01T00:00:00Z'))]), blocks],
    ['something from a day that is not given', tenant([adding(from(undefined))]), blocks],
    ['something from an empty day', tenant([adding(from(''))]), blocks],
    ['something from a day that is none', tenant([adding(from('soon'))]), mayApply],
    ['something from a day that is no text', tenant([adding(from(3))]), mayApply],
    [
      'something from a day, of one made nobody knows when',
      { ...tenant([adding(from('2020-01-01T00:00:00Z'))]), created: undefined },
      mayApply,
    ],
    [
      'something for all, of one made nobody knows when',
      { ...tenant([adding()]), created: undefined },
      blocks,
    ],
    // A policy of its own.
    ['nothing, by its own policy', { ...tenant([adding()]), ...owns(own([adding(off)])) }, {}],
    [
      "the tenant's, beside one of its own about something else",
      { ...tenant([adding()]), ...owns(own([lasting()])) },
      { ...capped, ...blocks },
    ],
    [
      "the tenant's, beside one of its own that is off",
      { ...tenant([adding()]), ...owns({ ...own([adding(off)]), isEnabled: false }) },
      blocks,
    ],
    [
      'what each of two of its own says',
      owns(own([lasting()]), own([], [ofKeys()])),
      { ...capped, ...keysCapped },
    ],
    [
      "its own, where the tenant's is hidden",
      { ...hidden, ...owns(own([adding(), lasting()], [ofKeys()])) },
      { ...capped, ...blocks, ...keysCapped },
    ],
    // What may not be read.
    ["the tenant's is hidden", hidden, ofBoth("the tenant's")],
    [
      'its own are hidden',
      { ...tenant([adding()]), ofApplication: { hidden: 'its own' } },
      ofBoth('its own'),
    ],
    // Exclusions, and what is not readable.
    [
      'no secrets but for somebody',
      tenant([adding({ excludeActors: { customSecurityAttributes: [{}] } })]),
      withExclusions,
    ],
    ['no secrets but for somebody in a list', tenant([adding({ excludeActors: ['x'] })]), withExclusions],
    [
      'secrets for a time, and none but for somebody',
      tenant([adding({ excludeActors: { x: { y: ['z'] } } }), lasting()]),
      { ...capped, ...withExclusions },
    ],
    [
      'secrets for a time that is none',
      tenant([lasting({ maxLifetime: 'soon' })]),
      untoldSecret(notReadable),
    ],
    [
      'certificates for no time',
      tenant([], [ofKeys({ maxLifetime: null })]),
      { untold: { certificate: notReadable } },
    ],
    [
      'first why it cannot tell whether',
      tenant([adding(unheardOf), lasting({ maxLifetime: 'soon' })]),
      mayApply,
    ],
    ...[null, undefined, {}, [], { customSecurityAttributes: [] }, { '@odata.type': '#x' }, 'x'].map(
      (excludeActors): [string, Partial<PolicyReading>, Partial<CredentialPolicy>] => [
        `no secrets for anybody, without ${JSON.stringify(excludeActors)}`,
        tenant([adding({ excludeActors })]),
        blocks,
      ],
    ),
  ])('%s', (_name, part, expected) => {
    expect(readPolicy({ ...reading, ...part })).toEqual({ ...free, ...expected });
  });

  it.each<[unknown, boolean | undefined]>([
    [{ allowedToCreateApps: true }, true],
    [{ allowedToCreateApps: false }, false],
    [{ allowedToCreateApps: 'true' }, undefined],
    [{ allowedToCreateApps: null }, undefined],
    [null, undefined],
  ])('is that users may register, where it is %j: %s', (defaultUserRolePermissions, usersMayRegister) => {
    const authorization = { value: { defaultUserRolePermissions } };
    expect(readPolicy({ ...reading, authorization })).toEqual({ ...free, usersMayRegister });
  });
});

describe('reading the policies', () => {
  const input: ObserveInput = {
    signedIn: { kind: 'user', name: '', permissions: [], objectId: '', tenantId: undefined, roleHints: [] },
    clientId: undefined,
    onlyClientId: false,
  };
  const byName = "/applications(uniqueName='reporting-setup')";
  const ofTenant = '/policies/defaultAppManagementPolicy';
  const ofApplication = `${byName}/appManagementPolicies`;
  const ofUsers = '/policies/authorizationPolicy?$select=defaultUserRolePermissions';
  const since = adding(from('2026-11-28T12:00:00Z'));
  const bodies = {
    [ofTenant]: { isEnabled: true, applicationRestrictions: lists([since], []) },
    [ofApplication]: { value: [own([lasting()])] },
    [ofUsers]: { defaultUserRolePermissions: { allowedToCreateApps: true } },
  };

  /** What is read where Graph has these bodies, and the requests for them; anything else is not there. */
  async function read(there: Readonly<Record<string, unknown>>, status = 404) {
    const requests: DirectoryRequest[] = [];
    const send = async (request: DirectoryRequest): Promise<unknown> => {
      requests.push(request);
      const [path = ''] = request.path.split('?$select=id,');
      if (path in there) return there[path];
      const isApplication = path === byName;
      const failure = {
        status: isApplication ? 404 : status,
        kind: 'http',
        code: '',
        message: '',
        details: [],
      } as const;
      throw new DirectoryError(failure, request.purpose);
    };
    const io = { directory: { send }, cloud: publicCloud('global'), now: () => now };
    return { have: await policy.observe?.(io, input), requests };
  }
  const registered = (createdDateTime: unknown) => ({ [byName]: { ...application, createdDateTime } });

  it('asks for three, each for its shape, and does without each', async () => {
    const { requests } = await read(bodies);
    const asked = requests.filter(({ path }) => path in bodies);
    expect(asked.map(({ method, path, purpose, isOptional }) => [method, path, purpose, isOptional])).toEqual(
      [
        ['GET', ofTenant, 'read the policy for application credentials', true],
        ['GET', ofApplication, "read the application's own policy", true],
        ['GET', ofUsers, 'read whether users may register applications', true],
      ],
    );
    const another = { defaultUserRolePermissions: { allowedToCreateApps: 3 } };
    const answers = [...Object.values(bodies), { value: [{}] }, another];
    expect(asked.map(({ accepts }) => answers.map((body) => accepts?.(body, () => null)))).toEqual([
      [true, false, false, false, false],
      [false, true, false, false, false],
      [true, true, true, true, false],
    ]);
    expect(policy.id).toBe('policy');
  });

  it.each<[string, Readonly<Record<string, unknown>>, Partial<CredentialPolicy>]>([
    ['an application that is going to be made', bodies, { secretsBlocked: true, usersMayRegister: true }],
    [
      'one made in time',
      { ...bodies, ...registered('2026-11-28T12:00:00Z') },
      { ...capped, secretsBlocked: true, usersMayRegister: true },
    ],
    [
      'one made before',
      { ...bodies, ...registered('2026-11-28T11:59:59Z') },
      { ...capped, usersMayRegister: true },
    ],
    [
      'one made nobody knows when',
      { ...bodies, ...registered(undefined) },
      { ...capped, ...mayApply, usersMayRegister: true },
    ],
    [
      'one made some day',
      { ...bodies, ...registered('some day') },
      { ...capped, ...mayApply, usersMayRegister: true },
    ],
  ])('is of %s', async (_name, there, expected) => {
    expect((await read(there)).have).toEqual({ policy: { ...free, ...expected } });
  });

  it('tells which of them may not be read', async () => {
    const { [ofApplication]: _own, ...others } = bodies;
    expect((await read(others, 403)).have).toEqual({
      policy: { ...free, secretsBlocked: true, usersMayRegister: true },
    });
    expect((await read({ ...others, ...registered('2026-11-28T12:00:00Z') }, 403)).have).toEqual({
      policy: {
        ...free,
        ...ofBoth("this account may not read the application's own policy"),
        usersMayRegister: true,
      },
    });
    expect((await read({}, 403)).have).toEqual({
      policy: { ...free, ...ofBoth('this account may not read the policy for application credentials') },
    });
  });
});

import { describe, expect, it } from 'vitest';
import { checkRenewal, readPolicy } from '../../src/tenant/policy.ts';
import { parseTenant } from '../../src/tenant/tenant.ts';

describe('the licence', () => {
  const premium = (assignedPlans: unknown, tenantType = 'AAD'): string =>
    parseTenant({ value: [{ id: 'tenant', tenantType, assignedPlans }] }).premium;
  const plan = (servicePlanId: string, capabilityStatus: string) => ({ servicePlanId, capabilityStatus });
  const p1 = '41781fb2-bc02-4b7c-bd55-b576c07bb09d';

  it('is unknown where the plans are not readable', () => {
    expect(premium(null)).toBe('unknown');
    expect(premium(undefined)).toBe('unknown');
    expect(premium([])).toBe('no');
  });

  it('counts as long as it works', () => {
    expect(premium([plan(p1, 'Enabled')])).toBe('yes');
    expect(premium([plan('eec0eb4f-6444-4f95-aba0-50c24d67f998', 'Warning')])).toBe('yes');
    expect(premium([plan(p1, 'Suspended'), plan(p1, 'Deleted')])).toBe('no');
    expect(premium([plan('1d0f309f-fdf9-4b2a-9ae7-9c48b91f1426', 'Enabled')])).toBe('no');
    expect(premium([], 'AAD B2C')).toBe('unknown');
    expect(premium([], 'CIAM')).toBe('unknown');
    expect(premium([plan(p1, 'Enabled')], 'AAD B2C')).toBe('yes');
  });
});

describe('policies', () => {
  const restriction = (restrictionType: string, more: Record<string, unknown> = {}) => ({
    restrictionType,
    state: 'enabled',
    maxLifetime: restrictionType === 'passwordLifetime' ? 'P90D' : null,
    restrictForAppsCreatedAfterDateTime: '2026-01-01T00:00:00Z',
    ...more,
  });
  const tenantWide = (...passwordCredentials: unknown[]) => ({
    value: { isEnabled: true, applicationRestrictions: { passwordCredentials, keyCredentials: [] } },
  });
  const hidden = { hidden: 'this account may not read it' };
  const own = (isEnabled: boolean, ...passwordCredentials: unknown[]) => ({
    isEnabled,
    restrictions: { passwordCredentials, keyCredentials: [] },
  });
  const after = new Date('2026-06-01T00:00:00Z');
  const before = new Date('2025-06-01T00:00:00Z');
  const blocks = (reading: Partial<Parameters<typeof readPolicy>[0]>): boolean | undefined =>
    readPolicy({
      tenantWide: hidden,
      ofApplication: { value: [] },
      authorization: hidden,
      created: after,
      ...reading,
    }).secretsBlocked;

  it('bind applications made from their date on', () => {
    const policy = tenantWide(restriction('passwordAddition'));
    expect(blocks({ tenantWide: policy })).toBe(true);
    expect(blocks({ tenantWide: policy, created: before })).toBe(false);
    expect(blocks({ tenantWide: policy, created: new Date('2026-01-01T00:00:00Z') })).toBe(true);
    const always = restriction('passwordAddition', { restrictForAppsCreatedAfterDateTime: null });
    expect(blocks({ tenantWide: tenantWide(always), created: before })).toBe(true);
  });

  it('bind only while they are on', () => {
    const { value } = tenantWide(restriction('passwordAddition'));
    expect(blocks({ tenantWide: { value: { ...value, isEnabled: false } } })).toBe(false);
    expect(blocks({ tenantWide: tenantWide(restriction('passwordAddition', { state: 'disabled' })) })).toBe(
      false,
    );
  });

  it('give way to a policy of the application', () => {
    const policy = tenantWide(restriction('passwordAddition'));
    const exempt = own(true, restriction('passwordAddition', { state: 'disabled' }));
    expect(blocks({ tenantWide: policy, ofApplication: { value: [exempt] } })).toBe(false);
    expect(blocks({ tenantWide: policy, ofApplication: { value: [{ ...exempt, isEnabled: false }] } })).toBe(
      true,
    );
    expect(
      blocks({ tenantWide: policy, ofApplication: { value: [own(true, restriction('passwordLifetime'))] } }),
    ).toBe(true);
  });

  const check = (restrictions: unknown[], more: Partial<Parameters<typeof readPolicy>[0]> = {}) =>
    checkRenewal(
      readPolicy({
        tenantWide: tenantWide(...restrictions),
        ofApplication: { value: [] },
        authorization: hidden,
        created: after,
        ...more,
      }),
      'secret',
      undefined,
    );

  it('are tried where they exclude somebody, and nobody says that none applies', () => {
    const attribute = { id: 'Engineering_Project', value: 'x', operator: 'equals' };
    const excluding = restriction('passwordAddition', {
      excludeActors: { customSecurityAttributes: [attribute] },
    });
    expect(blocks({ tenantWide: tenantWide(excluding) })).toBe(false);
    expect(check([excluding])).toMatchObject({ status: 'skip', reason: 'cannot-tell' });
  });

  it.each([[null], [undefined], [{}], [[]], [{ customSecurityAttributes: [] }], [{ '@odata.type': '#x' }]])(
    'bind everybody where the exclusions are %j',
    (excludeActors) => {
      const restricted = restriction('passwordAddition', { excludeActors });
      expect(blocks({ tenantWide: tenantWide(restricted) })).toBe(true);
      expect(check([restricted]).status).toBe('warn');
    },
  );

  it('pass only where each of them was read', () => {
    expect(check([])).toMatchObject({ status: 'pass', evidence: 'no restriction applies' });
    for (const more of [{ ofApplication: hidden }, { tenantWide: hidden, authorization: { value: {} } }]) {
      expect(check([], more)).toMatchObject({ status: 'skip', reason: 'cannot-tell' });
    }
    for (const untold of [
      restriction('passwordLifetime', { maxLifetime: 'soon' }),
      restriction('passwordLifetime', { maxLifetime: null }),
      restriction('passwordAddition', { state: 'unknownFutureValue' }),
    ]) {
      expect(check([untold])).toMatchObject({ status: 'skip', reason: 'cannot-tell' });
    }
    const dated = restriction('passwordAddition');
    expect(check([dated], { created: undefined })).toMatchObject({ status: 'skip', reason: 'cannot-tell' });
  });

  it('are unknown where nothing is readable, and say why', () => {
    expect(blocks({})).toBe(false);
    const authorization = { value: { defaultUserRolePermissions: { allowedToCreateApps: false } } };
    const all = { tenantWide: hidden, ofApplication: { value: [] }, created: after };
    expect(readPolicy({ ...all, authorization })).toMatchObject({
      untold: { secret: hidden.hidden, certificate: hidden.hidden },
      usersMayRegister: false,
    });
    expect(readPolicy({ ...all, authorization: hidden }).usersMayRegister).toBeUndefined();
  });
});

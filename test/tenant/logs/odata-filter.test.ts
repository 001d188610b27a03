import { describe, expect, it } from 'vitest';
import { parseFilter } from '../../../src/tenant/logs/odata-filter.ts';

const row = {
  userPrincipalName: 'nora@contoso.com',
  appDisplayName: "Ada's App",
  createdDateTime: '2026-11-28T09:14:03Z',
  isInteractive: true,
  location: { city: 'Utrecht', countryOrRegion: 'NL' },
  status: { errorCode: 50126, failureReason: null },
  signInEventTypes: ['interactiveUser'],
  targetResources: [
    { displayName: 'Group 1', type: 'Group' },
    { displayName: 'Nora', type: 'User' },
  ],
};

describe('a filter that is looked at here', () => {
  it.each([
    ["userPrincipalName eq 'NORA@contoso.com'", true],
    ["userPrincipalName ne 'nora@contoso.com'", false],
    ['status/errorCode ne 0', true],
    ['status/errorCode gt 50126 or status/errorCode le 50126', true],
    ['status/failureReason eq null', true],
    ['nothing eq null', true],
    ["appDisplayName eq 'Ada''s App'", true],
    ["startswith(appDisplayName,'ada')", true],
    ["startsWith(appDisplayName, 'b') or endswith(appDisplayName,'app')", true],
    ["contains(location/city,'rech') and location/countryOrRegion eq 'NL'", true],
    ["not (location/city eq 'Utrecht')", false],
    ["not startswith(location/city,'A')", true],
    ['createdDateTime ge 2026-11-28T09:14:03Z and createdDateTime lt 2026-11-29', true],
    ['createdDateTime gt 2026-11-28T09:14:03Z', false],
    ['isInteractive eq true', true],
    ['isInteractive', true],
    ["signInEventTypes/any(t: t eq 'interactiveUser' or t eq 'other')", true],
    ["signInEventTypes/any(t: t ne 'interactiveUser')", false],
    ["targetResources/any(t: t/type eq 'User' and startswith(t/displayName,'nor'))", true],
    ["targetResources/any(t: t/type eq 'Group' and t/displayName eq 'Nora')", false],
    ["location/city eq 'A' or location/city eq 'Utrecht' and status/errorCode eq 0", false],
    ["startswith(status/errorCode,'5')", false],
  ])('%s: %s', (filter, expected) => {
    expect(parseFilter(filter)(row)).toBe(expected);
  });

  it('compares with regard to case where it is told to', () => {
    expect(parseFilter("location/city eq 'utrecht'", true)(row)).toBe(false);
    expect(parseFilter("contains(location/city,'Utr')", true)(row)).toBe(true);
  });

  it.each([
    "status/errorCode eq '50126'",
    'userPrincipalName eq 5',
    "isInteractive eq 'true'",
    "startswith(status/errorCode,'5')",
    'targetResources/any(t: t/type eq 1)',
  ])('%s compares what has no common type: nothing is true or false of that', (filter) => {
    expect(() => parseFilter(filter, false, true)(row)).toThrow(RangeError);
  });

  it.each([
    "status/failureReason eq 'x'",
    "nothing ne 'x'",
    'status/errorCode ne null',
    "contains(nothing,'x')",
  ])('%s compares with nothing, which is no fault', (filter) => {
    expect(() => parseFilter(filter, false, true)(row)).not.toThrow();
  });

  it.each([
    '',
    'a eq',
    "a eq 'x",
    'a eq 1 and',
    '(a eq 1',
    'a eq 1)',
    'length(a) eq 1',
    'a eq 1 b eq 2',
    'x/any(t t eq 1)',
    '(('.repeat(100),
    'a eq $b',
  ])('%j cannot be read', (filter) => {
    expect(() => parseFilter(filter)).toThrow(RangeError);
  });
});

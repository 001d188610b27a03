import { appIds, stableGuid } from '../../seed/well-known.ts';
import { mix } from './timeline.ts';

/** Something that occurs so often among others: a whole number. */
interface Weighted {
  readonly weight: number;
}

/** A way of choosing: each value as often as its weight says, for a number from 0 to 2 ** 32 - 1. */
export function chooser<T extends Weighted>(values: readonly [T, ...T[]]): (random: number) => T {
  const table = values.flatMap((value) => Array.from({ length: value.weight }, () => value));
  const [first] = values;
  return (random) => table[Math.floor((random / 4_294_967_296) * table.length)] ?? first;
}

const resources = {
  graph: ['Microsoft Graph', appIds.graph],
  management: ['Windows Azure Service Management API', appIds.resourceManager],
  exchange: ['Office 365 Exchange Online', '00000002-0000-0ff1-ce00-000000000000'],
  sharePoint: ['Office 365 SharePoint Online', '00000003-0000-0ff1-ce00-000000000000'],
} as const;

const browser = 'Browser';
const modern = 'Mobile Apps and Desktop clients';

function application(
  weight: number,
  [name, appId]: readonly [name: string, appId: string],
  client: string,
  resource: readonly [name: string, appId: string],
) {
  return { weight, appId, name, client, resource };
}

/** Applications that people sign in to (learn.microsoft.com, "Application IDs of commonly used Microsoft applications"). */
export const chooseApplication = chooser([
  application(
    22,
    ['Office365 Shell WCSS-Client', '89bee1f7-5e6e-4d8a-9f3d-ecd601259da7'],
    browser,
    resources.graph,
  ),
  application(20, ['Microsoft Teams', '1fec8e78-bce4-4aaf-ab1b-5451cc387264'], modern, resources.graph),
  application(16, resources.exchange, browser, resources.exchange),
  application(14, ['Microsoft Office', 'd3590ed6-52b3-4102-aeff-aad2292ab01c'], modern, resources.exchange),
  application(10, resources.sharePoint, browser, resources.sharePoint),
  application(8, ['Azure Portal', appIds.portal], browser, resources.management),
  application(4, ['Microsoft Azure CLI', appIds.azureCli], modern, resources.management),
  application(
    3,
    ['Microsoft Azure PowerShell', '1950a258-227b-4e31-a9cf-717495945fc2'],
    modern,
    resources.management,
  ),
  application(1, ['Graph Explorer', appIds.graphExplorer], browser, resources.graph),
  application(1, resources.exchange, 'Exchange ActiveSync', resources.exchange),
  application(1, resources.exchange, 'IMAP4', resources.exchange),
]);

function place(
  weight: number,
  names: readonly [city: string, state: string, country: string],
  coordinates: readonly [latitude: number, longitude: number],
  network: string,
  autonomousSystemNumber: number,
) {
  const [city, state, countryOrRegion] = names;
  const [latitude, longitude] = coordinates;
  const geoCoordinates = { altitude: null, latitude, longitude };
  return {
    weight,
    network,
    autonomousSystemNumber,
    location: { city, state, countryOrRegion, geoCoordinates },
  };
}

/** Where people are; networks and system numbers are those kept for documentation (RFC 5737, 3849 and 5398). */
export const choosePlace = chooser([
  place(30, ['Amsterdam', 'Noord-Holland', 'NL'], [52.37, 4.89], '198.51.100.', 64496),
  place(16, ['Utrecht', 'Utrecht', 'NL'], [52.09, 5.12], '198.51.100.', 64496),
  place(12, ['London', 'England', 'GB'], [51.5, -0.12], '192.0.2.', 64497),
  place(10, ['Redmond', 'Washington', 'US'], [47.68, -122.12], '203.0.113.', 64498),
  place(8, ['Berlin', 'Berlin', 'DE'], [52.52, 13.4], '192.0.2.', 64499),
  place(6, ['Paris', 'Ile-De-France', 'FR'], [48.86, 2.34], '192.0.2.', 64500),
  place(4, ['Bengaluru', 'Karnataka', 'IN'], [12.97, 77.59], '203.0.113.', 64501),
  place(3, ['Warszawa', 'Mazowieckie', 'PL'], [52.23, 21.01], '2001:db8:7:', 64502),
  place(2, ['Sao Paulo', 'Sao Paulo', 'BR'], [-23.55, -46.64], '2001:db8:8:', 64503),
  place(1, ['Lagos', 'Lagos', 'NG'], [6.46, 3.38], '2001:db8:9:', 64504),
]);

function device(weight: number, operatingSystem: string, name: string, managed: boolean, userAgent: string) {
  const detail = {
    deviceId: managed ? stableGuid(`device/${operatingSystem}`) : '',
    displayName: managed ? `DESKTOP-${stableGuid(name).slice(0, 7).toUpperCase()}` : null,
    operatingSystem,
    browser: name,
    isCompliant: managed ? true : null,
    isManaged: managed ? true : null,
    trustType: managed ? 'Azure AD joined' : null,
  };
  return { weight, userAgent, detail };
}

export const chooseDevice = chooser([
  device(
    34,
    'Windows 11',
    'Edge 141.0.0',
    true,
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36 Edg/141.0.0.0',
  ),
  device(
    18,
    'Windows 10',
    'Chrome 141.0.0',
    false,
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36',
  ),
  device(
    16,
    'MacOs',
    'Safari 19.1',
    false,
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.1 Safari/605.1.15',
  ),
  device(
    18,
    'Ios 19.1',
    'Mobile Safari',
    false,
    'Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.1 Mobile/15E148 Safari/604.1',
  ),
  device(
    10,
    'Android',
    'Chrome Mobile 141.0.0',
    false,
    'Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36',
  ),
  device(
    4,
    'Linux',
    'Firefox 144.0',
    false,
    'Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0',
  ),
]);

function outcome(weight: number, errorCode: number, failureReason: string | null) {
  return { weight, status: { errorCode, failureReason, additionalDetails: null } };
}

/** How a person's sign-in ends (entra-docs reference-error-codes). */
export const chooseOutcome = chooser([
  outcome(905, 0, null),
  outcome(34, 50126, 'Error validating credentials due to invalid username or password.'),
  outcome(22, 50074, 'Strong Authentication is required.'),
  outcome(
    12,
    50140,
    "This error occurred due to 'Keep me signed in' interrupt when the user was signing-in.",
  ),
  outcome(
    10,
    53003,
    'Access has been blocked by Conditional Access policies. The access policy does not allow token issuance.',
  ),
  outcome(
    6,
    50053,
    "The account is locked, you've tried to sign in too many times with an incorrect user ID or password.",
  ),
  outcome(6, 50055, 'The password is expired.'),
  outcome(3, 50057, 'The user account is disabled.'),
  outcome(2, 65001, 'The user or administrator has not consented to use the application.'),
]);

/** How an application's sign-in ends. */
export const chooseClientOutcome = chooser([
  outcome(970, 0, null),
  outcome(20, 7000215, 'Invalid client secret is provided.'),
  outcome(10, 7000222, 'The provided client secret keys are expired.'),
]);

/** The interrupted state that a sign-in shows before its strong authentication is over. */
export const interrupted = outcome(1, 50074, 'Strong Authentication is required.').status;

/** The state of a sign-in that succeeded. */
export const succeeded = outcome(1, 0, null).status;

const names = {
  given:
    'Ada Anna Bram Carla Daan Elif Emma Femke Finn Hugo Ines Jan Kofi Lars Lina Mara Milan Nadia Noor Omar Priya Ravi Sofia Tess',
  family:
    'Bakker Bos Brown Costa Dekker Diaz Dijkstra Evans Fischer Garcia Haan Hendriks Jansen Khan Kowalski Kuiper Laurent Lopez Mensah Meyer Mulder Novak Okafor Oliveira Patel Peters Postma Quist Rossi Schmidt Silva Smit Smith Tanaka Visser Vos Weber Wolf Yilmaz Zhang',
} as const;
const given = names.given.split(' ');
const family = names.family.split(' ');
const [givenSmall, familySmall] = [given, family].map((list) => list.map((name) => name.toLowerCase()));

/** A person of a large tenant, by number. */
export function personOf(number: number): {
  readonly displayName: string;
  readonly userPrincipalName: string;
} {
  const first = number % given.length;
  const last = Math.floor(number / given.length) % family.length;
  const namesakes = Math.floor(number / (given.length * family.length));
  const suffix = namesakes === 0 ? '' : String(namesakes + 1);
  return {
    displayName: `${given[first]} ${family[last]}`,
    userPrincipalName: `${givenSmall?.[first]}.${familySmall?.[last]}${suffix}@contoso.com`,
  };
}

function client(
  weight: number,
  name: string,
  credential: 'clientSecret' | 'certificate' | 'federatedIdentityCredential' | 'managedIdentity',
) {
  return {
    weight,
    name,
    credential,
    appId: stableGuid(`client/${name}/appId`),
    principalId: stableGuid(`client/${name}`),
    keyId: stableGuid(`client/${name}/key`),
    thumbprint: stableGuid(`client/${name}/thumbprint`).replaceAll('-', '').padEnd(40, '0').toUpperCase(),
    network: ['198.51.100.', '203.0.113.', '192.0.2.'][mix(weight, 7) % 3] ?? '192.0.2.',
  };
}

/** Applications that sign in for themselves. */
export const chooseClient = chooser([
  client(40, 'Log collector', 'clientSecret'),
  client(24, 'Intranet search', 'certificate'),
  client(18, 'Badge readers', 'clientSecret'),
  client(12, 'Release pipeline', 'federatedIdentityCredential'),
  client(6, 'Payroll export', 'clientSecret'),
]);

/** Azure resources that sign in with an identity that Azure keeps for them. */
export const chooseManagedIdentity = chooser([
  client(60, 'func-payroll', 'managedIdentity'),
  client(40, 'vm-reports-01', 'managedIdentity'),
]);

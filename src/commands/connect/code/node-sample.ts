import { overlap } from '../advice.ts';
import { jsonQuoted, shellQuoted } from '../quoting.ts';
import { everyCloud, type Made, type Target, type TargetInput } from '../target.ts';

const sample = (file: string, login: string, graph: string): string => `\
// New rows of a log, one JSON object a line: node entra-logs.mjs [signIns|directoryAudits] [hours, on the first run]
// Needs Node 20 and nothing else. No secret is in here: it reads the config file, or AZURE_CLIENT_ID and the like where set.
import { createPrivateKey, randomUUID, sign, X509Certificate } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

const { env } = process;
const file = env.REPORTING_CONFIG ?? ${file};
const login = env.AZURE_AUTHORITY_HOST ?? ${login};
const graph = env.REPORTING_GRAPH_URL ?? ${graph};
const saved = env.AZURE_CLIENT_ID ? undefined : JSON.parse(readFileSync(file, 'utf8'));
const tenantId = saved?.tenantId ?? env.AZURE_TENANT_ID;
const clientId = saved?.clientId ?? env.AZURE_CLIENT_ID;
const secret = saved ? saved.clientSecret : env.AZURE_CLIENT_SECRET;
const pemFile = saved?.certificatePath ?? env.AZURE_CLIENT_CERTIFICATE_PATH;
const [log = 'signIns', hours = '24'] = process.argv.slice(2);
const time = log === 'signIns' ? 'createdDateTime' : 'activityDateTime';
const stateFile = 'entra-' + log + '.state.json';
const overlap = 30 * 60_000; // rows come late: the last half hour is read again, and known ids are left out

async function request(url, options, attempt = 0) {
  const reply = await fetch(url, { ...options, redirect: 'error' });
  if ([429, 500, 502, 503, 504].includes(reply.status) && attempt < 8) {
    await wait(1000 * (Number(reply.headers.get('retry-after')) || 2 ** attempt));
    return request(url, options, attempt + 1);
  }
  if (!reply.ok) throw new Error(reply.status + ' ' + (await reply.text()));
  return reply.json();
}

function proof(audience) {
  if (secret) return { client_secret: secret };
  const pem = readFileSync(resolve(dirname(file), pemFile), 'utf8');
  const thumbprint = Buffer.from(new X509Certificate(pem).fingerprint.replaceAll(':', ''), 'hex');
  const now = Math.floor(Date.now() / 1000);
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const header = part({ alg: 'RS256', typ: 'JWT', x5t: thumbprint.toString('base64url') });
  const claims = { aud: audience, iss: clientId, sub: clientId, jti: randomUUID(), nbf: now, exp: now + 600 };
  const text = header + '.' + part(claims);
  const key = createPrivateKey({ key: pem, passphrase: env.AZURE_CLIENT_CERTIFICATE_PASSWORD });
  const assertion = text + '.' + sign('sha256', Buffer.from(text), key).toString('base64url');
  const type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
  return { client_assertion_type: type, client_assertion: assertion };
}

let token = { value: '', until: 0 };
async function authorization() {
  if (Date.now() > token.until) {
    const url = login + '/' + tenantId + '/oauth2/v2.0/token';
    const fields = { grant_type: 'client_credentials', client_id: clientId, scope: graph + '/.default' };
    const body = new URLSearchParams({ ...fields, ...proof(url) });
    const { access_token, expires_in } = await request(url, { method: 'POST', body });
    token = { value: access_token, until: Date.now() + (expires_in - 300) * 1000 };
  }
  return 'Bearer ' + token.value;
}

const state = existsSync(stateFile) ? JSON.parse(readFileSync(stateFile, 'utf8')) : { seen: {} };
const until = new Date(Date.now() - 5 * 60_000).toISOString().slice(0, 19) + 'Z';
const since = state.until ? Date.parse(state.until) - overlap : Date.now() - Number(hours) * 3_600_000;
const from = new Date(since).toISOString().slice(0, 19) + 'Z';
const query = { $filter: time + ' ge ' + from + ' and ' + time + ' le ' + until, $orderby: time + ' asc', $top: '999' };
let url = graph + '/v1.0/auditLogs/' + log + '?' + new URLSearchParams(query);
while (url) {
  if (new URL(url).origin !== new URL(graph).origin) throw new Error('The next page lies on another host.');
  const page = await request(url, { headers: { authorization: await authorization() } });
  for (const row of page.value.filter(({ id }) => !(id in state.seen))) {
    state.seen[row.id] = row[time];
    process.stdout.write(JSON.stringify(row) + '\\n');
  }
  url = page['@odata.nextLink'];
}
const kept = Object.entries(state.seen).filter(([, at]) => Date.parse(at) >= Date.parse(until) - overlap);
writeFileSync(stateFile + '.new', JSON.stringify({ until, seen: Object.fromEntries(kept) }), { mode: 0o600 });
renameSync(stateFile + '.new', stateFile); // only now: a run that was cut is made up for by the next one
`;

function make({ configPath, format, cloud, pathOf, shellLine }: TargetInput): Made {
  const text = sample(jsonQuoted(configPath), jsonQuoted(cloud.authorityHost), jsonQuoted(cloud.graphUrl));
  const load = format === 'env' ? `--env-file=${shellQuoted(configPath)} ` : '';
  return {
    files: [{ name: 'entra-logs.mjs', text, comments: 'slashes' }],
    steps: [
      {
        does: 'Run it every five minutes or less often:',
        run: `node ${load}${shellLine([pathOf('entra-logs.mjs')])} signIns >> sign-ins.ndjson`,
      },
      overlap,
    ],
  };
}

export const target: Target = {
  name: 'node',
  group: 'code',
  title: 'Node.js, without any package',
  credentials: ['secret', 'certificate'],
  clouds: everyCloud,
  permissions: [],
  secret: 'none',
  needs: ['Node 20'],
  ages: false,
  proven:
    'run: reads both logs of the sandbox, with a secret and with a certificate, and gives the very rows that are there; throttled too',
  make,
};

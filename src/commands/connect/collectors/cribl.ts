import { oneForEach, secretToCopy } from '../advice.ts';
import { yamlText } from '../formats.ts';
import { everyCloud, type Made, type Target, type TargetInput } from '../target.ts';

/** A JavaScript expression of Cribl's for a fixed text. */
const literal = (text: string): string => `\`${text.replace(/[`\\]/g, '\\$&').replaceAll('${', '\\${')}\``;

/** A time in the form that Graph takes, as an expression. */
const at = (seconds: string): string => `\${C.Time.strftime(${seconds}, '%Y-%m-%dT%H:%M:%SZ')}`;

/** One collector of jobs.yml, as cribl-microsoft-graph-rest-io makes it, but with TLS checked and half an hour read again. */
function job({ config, cloud }: TargetInput, log: string, time: string) {
  const newest = 'state.latestTime ? state.latestTime - 1800 : Date.now() / 1000 - 86400';
  const filter = `${time} ge ${at(newest)} and ${time} le ${at('Date.now() / 1000 - 600')}`;
  return {
    type: 'collection',
    ttl: '4h',
    resumeOnBoot: false,
    schedule: {
      enabled: true,
      cronSchedule: '*/5 * * * *',
      maxConcurrentRuns: 1,
      skippable: true,
      run: {
        mode: 'run',
        timeRangeType: 'relative',
        expression: 'true',
        stateTracking: {
          enabled: true,
          stateUpdateExpression:
            '__timestampExtracted !== false && {latestTime: (state.latestTime || 0) > _time ? state.latestTime : _time}',
          stateMergeExpression: '(prevState.latestTime || 0) > newState.latestTime ? prevState : newState',
        },
      },
    },
    collector: {
      type: 'rest',
      conf: {
        discovery: { discoverType: 'none' },
        collectMethod: 'get',
        collectUrl: literal(`${cloud.graphUrl}/v1.0/auditLogs/${log}`),
        collectRequestParams: [
          { name: '$top', value: '`999`' },
          { name: '$orderby', value: `\`${time}\`` },
          { name: '$filter', value: `\`${filter}\`` },
        ],
        pagination: { type: 'response_body', attribute: ['@odata.nextLink'], maxPages: 0 },
        authentication: 'login',
        loginUrl: literal(`${cloud.authorityHost}/${config.tenantId}/oauth2/v2.0/token`),
        loginBody:
          '`grant_type=client_credentials&client_id=$' +
          '{username}&client_secret=$' +
          '{encodeURIComponent(C.vars.reporting_client_secret)}' +
          `&scope=${encodeURIComponent(`${cloud.graphUrl}/.default`)}\``,
        username: config.clientId,
        password: 'in the variable reporting_client_secret',
        tokenRespAttribute: 'access_token',
        getAuthTokenFromHeader: false,
        authHeaderKey: 'Authorization',
        authHeaderExpr: "'Bearer ' + token",
        rejectUnauthorized: true,
        retryRules: {
          type: 'backoff',
          interval: 1000,
          limit: 5,
          multiplier: 2,
          maxIntervalMs: 20000,
          codes: [429, 503],
          enableHeader: true,
          retryHeaderName: 'retry-after',
        },
      },
    },
    input: { type: 'collection', sendToRoutes: true },
  };
}

function make(input: TargetInput): Made {
  const text = yamlText({
    entra_sign_ins: job(input, 'signIns', 'createdDateTime'),
    entra_audits: job(input, 'directoryAudits', 'activityDateTime'),
  });
  return {
    files: [{ name: 'jobs.yml', text, comments: 'hash' }],
    steps: [
      {
        does: `Under Knowledge > Variables add reporting_client_secret, of type Encrypted string, with ${secretToCopy(input.config)}. A variable of that type is kept encrypted.`,
      },
      {
        does: 'Add both jobs to local/cribl/jobs.yml of the worker group, then commit and deploy; or open Manage as JSON of a REST collector and enter the same fields.',
      },
      {
        does: 'An event breaker that takes the JSON array "value" apart and reads the time from its rows is needed; the pack cribl-microsoft-graph-rest-io has one: "Azure Graph API Ruleset".',
      },
      { does: 'See the first events with Run > Preview of the collector.' },
      {
        does: 'Half an hour is read again each time, since rows come late: drop duplicates by id in a pipeline.',
      },
      oneForEach('Cribl'),
    ],
  };
}

export const target: Target = {
  name: 'cribl',
  group: 'collector',
  title: 'Cribl Stream and Edge, REST collector',
  credentials: ['secret'],
  clouds: everyCloud,
  permissions: [],
  secret: 'reference',
  needs: ['the secret in a variable of Cribl'],
  ages: true,
  proven:
    'parsed: PyYAML reads the values back, and the expressions in it give the right addresses; Cribl is not there to run it',
  unconfirmed:
    'That a login body may call encodeURIComponent and read C.vars is taken from a published pack, and was not run.',
  make,
};

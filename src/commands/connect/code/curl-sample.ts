import { overlap } from '../advice.ts';
import { shellQuoted } from '../quoting.ts';
import { readsConfig } from '../script-sign-in.ts';
import { everyCloud, type Made, type Target, type TargetInput } from '../target.ts';

const sample = (reading: readonly string[], login: string, graph: string): string => `\
# New rows of a log, one JSON object a line: bash entra-logs.sh [signIns|directoryAudits] [hours, on the first run]
# Needs curl 7.66 and jq. No secret is in here, and none in the arguments of a program: it reads the config file each time.
set -euo pipefail
umask 077 # what it writes is its owner's alone
${reading.join('\n')}
login=\${AZURE_AUTHORITY_HOST:-${login}}
graph=\${REPORTING_GRAPH_URL:-${graph}}
log=\${1:-signIns} hours=\${2:-24}
time=activityDateTime
[ "$log" = signIns ] && time=createdDateTime
state="entra-$log.state.json"
[ -s "$state" ] || echo '{"seen":{}}' > "$state"
own=$(mktemp -d) && next=$(mktemp "$state.XXXXXX") && trap 'rm -rf "$own" "$next"' EXIT
: > "$own/rows"

# curl waits as long as Retry-After says, for 429 and 503 among others.
ask() { curl --silent --show-error --fail --retry 8 --retry-connrefused "$@"; }

jq -nr --arg scope "$graph/.default" '
  {grant_type: "client_credentials", scope: $scope, client_id: env.AZURE_CLIENT_ID, client_secret: env.AZURE_CLIENT_SECRET}
  | to_entries | map("\\(.key)=\\(.value | @uri)") | join("&")' > "$own/login"
token=$(ask --data "@$own/login" "$login/$AZURE_TENANT_ID/oauth2/v2.0/token" | jq -r .access_token)
printf 'Authorization: Bearer %s' "$token" > "$own/header"

# Rows come late: the last half hour is read again, and known ids are left out.
until=$(jq -nr 'now - 300 | floor | todate')
from=$(jq -r --argjson hours "$hours" '(if .until then (.until | fromdate) - 1800 else now - $hours * 3600 end) | floor | todate' "$state")
filter=$(jq -nr --arg text "$time ge $from and $time le $until" '$text | @uri')
url="$graph/v1.0/auditLogs/$log?\\$filter=$filter&\\$orderby=$time%20asc&\\$top=999"
while [ -n "$url" ]; do
  case $url in "$graph"/*) ;; *) echo 'The next page lies on another host.' >&2; exit 1 ;; esac
  ask --header "@$own/header" "$url" > "$own/page"
  jq -c '.value[]' "$own/page" >> "$own/rows"
  url=$(jq -r '."@odata.nextLink" // empty' "$own/page")
done

jq -c --slurpfile state "$state" 'select($state[0].seen[.id] | not)' "$own/rows"
jq -n --slurpfile state "$state" --slurpfile rows "$own/rows" --arg until "$until" --arg time "$time" '
  {until: $until, seen: ($state[0].seen + ($rows | map({(.id): .[$time]}) | add // {})
  | with_entries(select(.value[0:19] >= (($until | fromdate) - 1800 | todate)[0:19])))}' > "$next"
mv "$next" "$state" # only now: a run that was cut is made up for by the next one
`;

function make({ configPath, format, cloud, pathOf, shellLine }: TargetInput): Made {
  const text = sample(
    readsConfig(configPath, format),
    shellQuoted(cloud.authorityHost),
    shellQuoted(cloud.graphUrl),
  );
  return {
    files: [{ name: 'entra-logs.sh', text, comments: 'hash' }],
    steps: [
      {
        does: 'Run it every five minutes or less often:',
        run: `${shellLine(['bash', pathOf('entra-logs.sh')])} signIns >> sign-ins.ndjson`,
      },
      overlap,
    ],
  };
}

export const target: Target = {
  name: 'curl',
  group: 'code',
  title: 'curl and jq, in bash',
  credentials: ['secret'],
  clouds: everyCloud,
  permissions: [],
  secret: 'none',
  needs: ['bash, curl 7.66, jq'],
  ages: false,
  proven: 'run: curl and jq read both logs of the sandbox and give the very rows that are there',
  make,
};

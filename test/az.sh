#!/usr/bin/env bash
# Lets the Azure CLI, a client written by others, sign in to the sandbox tenant and use it: first with the credential
# that `reporting-setup setup` made there, then as the automation application. One line per check; exit 1 if any failed.
# Needs the built package (npm run build). Nothing leaves 127.0.0.1, and ~/.azure is not touched.
set -u
umask 077
cd "$(dirname "$0")/.." || exit 1

if ! command -v az >/dev/null 2>&1; then
  echo 'skipped: az is not installed'
  exit 0
fi

export NO_PROXY=127.0.0.1,localhost no_proxy=127.0.0.1,localhost
tmp=$(mktemp -d) || exit 1
sandbox=''
finish() {
  if [ -n "$sandbox" ]; then
    kill "$sandbox" 2>/dev/null
    wait "$sandbox" 2>/dev/null
  fi
  rm -rf "$tmp"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

failures=0
ok() { echo "ok $1"; }
failed() {
  echo "FAILED $1"
  # Neither az nor the wizard puts a secret into an error message; the replies in $tmp/out may hold one and stay there.
  [ -s "$tmp/err" ] && head -c 1500 "$tmp/err" | sed 's/^/  /'
  failures=$((failures + 1))
}
stop() {
  failed "$1"
  exit 1
}

# json FILE EXPRESSION: prints the expression's value, where `it` is the file's JSON (its first line, if lines follow).
json() {
  node -e '
    const text = require("node:fs").readFileSync(process.argv[1], "utf8");
    let it;
    try { it = JSON.parse(text); } catch { it = JSON.parse(text.split("\n")[0]); }
    const value = new Function("it", "env", `return (${process.argv[2]});`)(it, process.env);
    process.stdout.write(typeof value === "object" ? JSON.stringify(value) : String(value));
  ' "$1" "$2" 2>/dev/null
}

# accepts TITLE EXPRESSION ARGUMENT…: az must succeed with the arguments and the expression be true of its output.
accepts() {
  title=$1 expression=$2
  shift 2
  if az "$@" --output json >"$tmp/out" 2>"$tmp/err" && [ "$(json "$tmp/out" "$expression")" = true ]; then
    ok "$title"
  else
    failed "$title"
  fi
}

# refuses TITLE TEXT ARGUMENT…: az must fail with the arguments and say the text.
refuses() {
  title=$1 text=$2
  shift 2
  if az "$@" --output json >"$tmp/out" 2>"$tmp/err"; then
    : >"$tmp/err"
    failed "$title"
  elif grep -q "$text" "$tmp/err"; then
    ok "$title"
  else
    failed "$title"
  fi
}

# configure NAME: an az configuration of its own for each identity, so that no cached token is used by the wrong one.
configure() {
  cp -R "$tmp/az" "$tmp/az-$1"
  export AZURE_CONFIG_DIR="$tmp/az-$1"
}

# --- a sandbox tenant, and a credential that the wizard makes in it

node bin/reporting-setup.js sandbox --port 0 --json >"$tmp/sandbox.json" 2>"$tmp/err" &
sandbox=$!
for _ in $(seq 100); do
  [ -n "$(json "$tmp/sandbox.json" it.tenantId)" ] && break
  kill -0 "$sandbox" 2>/dev/null || break
  sleep 0.2
done
TENANT=$(json "$tmp/sandbox.json" it.tenantId)
[ -n "$TENANT" ] || stop 'the sandbox starts'
ok 'the sandbox starts'
authority=$(json "$tmp/sandbox.json" 'it.authorityHost.replace(/\/+$/, "")')
graph=$(json "$tmp/sandbox.json" 'it.graphUrl.replace(/\/+$/, "")')
ca=$(json "$tmp/sandbox.json" it.caCertificate)
AUTOMATION=$(json "$tmp/sandbox.json" it.automation.clientId)
# az reads an argument that starts with @ from a file: the secrets do not show in the list of processes.
json "$tmp/sandbox.json" it.automation.clientSecret >"$tmp/automation-secret"
export TENANT AUTOMATION

if AZURE_TENANT_ID=$TENANT AZURE_CLIENT_ID=$AUTOMATION AZURE_CLIENT_SECRET=$(cat "$tmp/automation-secret") \
  NODE_EXTRA_CA_CERTS=$ca node bin/reporting-setup.js setup --yes --no-input --auth environment \
  --authority-host "$authority" --graph-url "$graph" --output "$tmp/reporting-setup.json" >"$tmp/out" 2>"$tmp/err"; then
  ok 'the wizard sets the application up'
else
  stop 'the wizard sets the application up'
fi
CLIENT=$(json "$tmp/reporting-setup.json" it.clientId)
KEY=$(json "$tmp/reporting-setup.json" it.credential.keyId)
json "$tmp/reporting-setup.json" it.clientSecret >"$tmp/client-secret"
export CLIENT KEY

# --- az, told about a cloud of which Microsoft knows nothing

. test/az-cloud.sh || stop 'az registers the cloud'
ok 'az registers the cloud'

# identify CLIENT SECRET_FILE: `login` becomes the arguments that sign this application in.
# "--password=" because a secret may begin with a dash.
identify() {
  login=(login --service-principal --allow-no-subscriptions --tenant "$TENANT" --username "$1" "--password=@$2")
}

# --- the credential of the config file reads both logs, and only that

configure wrong
printf 'not-the-secret' >"$tmp/wrong-secret"
identify "$CLIENT" "$tmp/wrong-secret"
refuses 'az login with a wrong secret: AADSTS7000215' AADSTS7000215 "${login[@]}"

configure reader
identify "$CLIENT" "$tmp/client-secret"
accepts 'az login with the credential of the config file' \
  'it.length === 1 && it[0].tenantId === env.TENANT && it[0].user.name === env.CLIENT' "${login[@]}"
for log in directoryAudits signIns; do
  accepts "az rest reads auditLogs/$log" 'it.value.length === 1 && typeof it.value[0].id === "string"' \
    rest --url "$graph/v1.0/auditLogs/$log?\$top=1"
done
refuses 'az ad app create is refused to the reader' 'Insufficient privileges' ad app create --display-name 'az check'

# --- the automation application sees what the wizard made, and manages applications

configure automation
identify "$AUTOMATION" "$tmp/automation-secret"
accepts 'az login as the automation application' 'it[0].user.name === env.AUTOMATION' "${login[@]}"
accepts 'az ad app list has the application of the wizard' 'it.some((app) => app.appId === env.CLIENT)' ad app list --all
accepts 'az ad app show has its secret and its permissions' \
  'it.passwordCredentials.some((held) => held.keyId === env.KEY) &&
   it.requiredResourceAccess.some((api) => api.resourceAppId.startsWith("00000003-") && api.resourceAccess.length >= 2)' \
  ad app show --id "$CLIENT"
accepts 'az ad sp show has its service principal' 'it.appId === env.CLIENT && it.servicePrincipalNames.includes(env.CLIENT)' \
  ad sp show --id "$CLIENT"

accepts 'az ad app create' 'it.displayName === "az check" && it.appId !== it.id' ad app create --display-name 'az check'
APP=$(json "$tmp/out" it.appId)
export APP
accepts 'az ad app list --display-name finds it' 'it.length === 1 && it[0].appId === env.APP' ad app list --display-name 'az ch'
accepts 'az ad sp create' 'it.appId === env.APP && it.accountEnabled === true' ad sp create --id "$APP"
accepts 'az ad app credential reset' 'it.appId === env.APP && it.tenant === env.TENANT && it.password.length > 16' \
  ad app credential reset --id "$APP" --append --display-name 'az check'
json "$tmp/out" it.password >"$tmp/app-secret"
: >"$tmp/out"

configure newcomer
identify "$APP" "$tmp/app-secret"
accepts 'az login with the secret that az made' 'it[0].user.name === env.APP' "${login[@]}"
refuses 'az rest on the logs is refused without the permission' Authentication_MSGraphPermissionMissing \
  rest --url "$graph/v1.0/auditLogs/directoryAudits?\$top=1"

export AZURE_CONFIG_DIR="$tmp/az-automation"
if az ad app delete --id "$APP" >"$tmp/out" 2>"$tmp/err"; then ok 'az ad app delete'; else failed 'az ad app delete'; fi
refuses 'az ad app show no longer finds it' 'does not exist' ad app show --id "$APP"

[ "$failures" -eq 0 ] || exit 1

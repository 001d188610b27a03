import { overlap } from '../advice.ts';
import { pythonQuoted, shellQuoted } from '../quoting.ts';
import { everyCloud, type Made, type Target, type TargetInput } from '../target.ts';

const sample = (file: string, login: string, graph: string): string => `\
# New rows of a log, one JSON object a line: python3 entra_logs.py [signIns|directoryAudits] [hours, on the first run]
# Needs msal (pip install msal). No secret is in here: it reads the config file, or AZURE_CLIENT_ID and the like where set.
import hashlib, json, os, ssl, sys, time
from datetime import datetime, timedelta, timezone
from urllib import error, parse, request

import msal

env = os.environ
file = env.get("REPORTING_CONFIG", ${file})
login = env.get("AZURE_AUTHORITY_HOST", ${login})
graph = env.get("REPORTING_GRAPH_URL", ${graph})
if "AZURE_CLIENT_ID" in env:
    saved = {"tenantId": env["AZURE_TENANT_ID"], "clientId": env["AZURE_CLIENT_ID"]}
    saved["clientSecret"] = env.get("AZURE_CLIENT_SECRET")
    saved["certificatePath"] = env.get("AZURE_CLIENT_CERTIFICATE_PATH")
else:
    with open(file, encoding="utf-8-sig") as source:
        saved = json.load(source)
log = sys.argv[1] if len(sys.argv) > 1 else "signIns"
hours = float(sys.argv[2]) if len(sys.argv) > 2 else 24
field = "createdDateTime" if log == "signIns" else "activityDateTime"
state_file = f"entra-{log}.state.json"
overlap = timedelta(minutes=30)  # rows come late: the last half hour is read again, and known ids are left out


def proof():
    if saved.get("clientSecret"):
        return saved["clientSecret"]
    with open(os.path.join(os.path.dirname(file), saved["certificatePath"])) as source:
        pem = source.read()
    start = pem.index("-----BEGIN CERTIFICATE-----")
    end = pem.index("-----END CERTIFICATE-----") + len("-----END CERTIFICATE-----")
    der = ssl.PEM_cert_to_DER_cert(pem[start:end] + "\\n")
    return {"private_key": pem, "thumbprint": hashlib.sha1(der).hexdigest(), "passphrase": env.get("AZURE_CLIENT_CERTIFICATE_PASSWORD")}


app = msal.ConfidentialClientApplication(
    saved["clientId"],
    client_credential=proof(),
    authority=f"{login}/{saved['tenantId']}",
    instance_discovery=None if login.startswith("https://login.") else False,
)


def get(url, attempt=0):
    token = app.acquire_token_for_client([f"{graph}/.default"])  # from its memory until it ends
    if "access_token" not in token:
        sys.exit(f"{token.get('error')}: {token.get('error_description')}")
    try:
        with request.urlopen(request.Request(url, headers={"Authorization": f"Bearer {token['access_token']}"})) as reply:
            return json.load(reply)
    except error.HTTPError as failure:
        if failure.code not in (429, 500, 502, 503, 504) or attempt == 8:
            sys.exit(f"{failure.code} {failure.read().decode()}")
        time.sleep(float(failure.headers.get("Retry-After") or 2**attempt))
        return get(url, attempt + 1)


def stamp(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


state = {"seen": {}}
if os.path.exists(state_file):
    with open(state_file) as source:
        state = json.load(source)
now = datetime.now(timezone.utc)
until = now - timedelta(minutes=5)
since = datetime.fromisoformat(state["until"].replace("Z", "+00:00")) - overlap if "until" in state else now - timedelta(hours=hours)
query = {"$filter": f"{field} ge {stamp(since)} and {field} le {stamp(until)}", "$orderby": f"{field} asc", "$top": "999"}
url = f"{graph}/v1.0/auditLogs/{log}?{parse.urlencode(query)}"
while url:
    if parse.urlsplit(url).netloc != parse.urlsplit(graph).netloc:
        sys.exit("The next page lies on another host.")
    page = get(url)
    for row in page["value"]:
        if row["id"] not in state["seen"]:
            state["seen"][row["id"]] = row[field]
            print(json.dumps(row, ensure_ascii=False))
    url = page.get("@odata.nextLink")
kept = {key: at for key, at in state["seen"].items() if at[:19] >= stamp(until - overlap)[:19]}
with open(state_file + ".new", "w") as target:
    json.dump({"until": stamp(until), "seen": kept}, target)
sys.stdout.flush()
os.replace(state_file + ".new", state_file)  # only now: a run that was cut is made up for by the next one
`;

function make({ configPath, format, cloud, pathOf, shellLine }: TargetInput): Made {
  const text = sample(
    pythonQuoted(configPath),
    pythonQuoted(cloud.authorityHost),
    pythonQuoted(cloud.graphUrl),
  );
  return {
    files: [{ name: 'entra_logs.py', text, comments: 'hash' }],
    steps: [
      { does: 'Once:', run: 'pip install msal' },
      ...(format === 'env'
        ? [{ does: 'Load the variables first:', run: `set -a; . ${shellQuoted(configPath)}; set +a` }]
        : []),
      {
        does: 'Run it every five minutes or less often:',
        run: `${shellLine(['python3', pathOf('entra_logs.py')])} signIns >> sign-ins.ndjson`,
      },
      overlap,
    ],
  };
}

export const target: Target = {
  name: 'python',
  group: 'code',
  title: 'Python, with msal',
  credentials: ['secret', 'certificate'],
  clouds: everyCloud,
  permissions: [],
  secret: 'none',
  needs: ['Python 3.8 with msal'],
  ages: false,
  proven:
    "run: Debian's Python and msal read both logs of the sandbox, with a secret and with a certificate, and give the very rows that are there",
  make,
};

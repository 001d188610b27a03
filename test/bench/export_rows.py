"""The export that explore does, as a plain script does it: every row of the sign-in log as a line of JSON."""
import json, resource, sys
import msal, requests

config = json.load(open(sys.argv[1]))
since, output = sys.argv[2:]
login, graph = config["endpoints"]["authorityHost"], config["endpoints"]["graphUrl"]
app = msal.ConfidentialClientApplication(
    config["clientId"],
    client_credential=config["clientSecret"],
    authority=f"{login}/{config['tenantId']}",
    instance_discovery=False,
)
session = requests.Session()
url = f"{graph}/v1.0/auditLogs/signIns?$filter=createdDateTime ge {since}&$orderby=createdDateTime asc&$top=999"
rows = 0
with open(output, "w") as target:
    while url:
        token = app.acquire_token_for_client([f"{graph}/.default"])["access_token"]
        reply = session.get(url, headers={"Authorization": f"Bearer {token}"})
        reply.raise_for_status()
        page = reply.json()
        for row in page["value"]:
            target.write(json.dumps(row, ensure_ascii=False) + "\n")
            rows += 1
        url = page.get("@odata.nextLink")
used = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps({"rows": rows, "processor": (used.ru_utime + used.ru_stime) * 1000, "memory": used.ru_maxrss * 1024}))

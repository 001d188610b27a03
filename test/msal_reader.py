"""Reads both logs as a client that nobody here wrote: Microsoft's msal for Python, and requests.

Arguments: the config file that setup wrote, and the certificate authority to trust. Prints one JSON object.
"""

import json
import sys

import msal
import requests

with open(sys.argv[1], encoding="utf-8") as file:
    config = json.load(file)
trusted = sys.argv[2]
endpoints = config["endpoints"]
if "clientSecret" in config:
    credential = config["clientSecret"]
else:
    with open(config["certificatePath"], encoding="utf-8") as file:
        pem = file.read()
    certificate = pem[pem.index("-----BEGIN CERTIFICATE-----") :]
    credential = {
        "private_key": pem[: pem.index("-----BEGIN CERTIFICATE-----")],
        "thumbprint": sys.argv[3],
        "public_certificate": certificate,
    }
application = msal.ConfidentialClientApplication(
    config["clientId"],
    authority=f"{endpoints['authorityHost']}/{config['tenantId']}",
    client_credential=credential,
    instance_discovery=False,
    verify=trusted,
)
token = application.acquire_token_for_client([f"{endpoints['graphUrl']}/.default"])
if "access_token" not in token:
    sys.exit(f"{token.get('error')}: {token.get('error_description')}")


def read(log):
    url = f"{endpoints['graphUrl']}/v1.0/auditLogs/{log}?$top=50"
    ids = []
    while url:
        reply = requests.get(
            url, headers={"Authorization": f"Bearer {token['access_token']}"}, verify=trusted, timeout=30
        )
        reply.raise_for_status()
        page = reply.json()
        ids += [row["id"] for row in page["value"]]
        url = page.get("@odata.nextLink")
    return ids


print(json.dumps({log: read(log) for log in ("signIns", "directoryAudits")}))

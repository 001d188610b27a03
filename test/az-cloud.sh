# Sourced: makes az know a cloud of which Microsoft knows nothing, in a configuration of its own. Takes $authority, $graph,
# $TENANT, $ca (the certificate to trust) and $tmp; returns 1 where az does not register the cloud, what it said in $tmp/err.
export REQUESTS_CA_BUNDLE=$ca
export AZURE_CONFIG_DIR="$tmp/az" AZURE_CORE_COLLECT_TELEMETRY=false AZURE_CORE_NO_COLOR=true
unset AZURE_CLOUD_NAME AZURE_TENANT_ID AZURE_CLIENT_ID AZURE_CLIENT_SECRET
mkdir "$tmp/az"

# az 2.53 and later (Azure/azure-cli#27494) take this setting. Earlier ones always ask login.microsoftonline.com about
# the authority, so they find its answers where MSAL keeps those that it has seen; az itself is used as it is.
export AZURE_CORE_INSTANCE_DISCOVERY=false
/usr/bin/python3 - "$authority" "$TENANT" "$tmp/az/msal_http_cache.bin" 2>/dev/null <<'PYTHON'
import hashlib, json, pickle, sys, time
from urllib.parse import urlsplit
import requests

authority, tenant, path = sys.argv[1:]
known = 'https://login.microsoftonline.com/common/discovery/instance'
endpoint = f'https://{urlsplit(authority).hostname}/{tenant}/oauth2/v2.0/authorize'
aliases = '?api-version=1.1&authorization_endpoint=https://login.microsoftonline.com/common/oauth2/authorize'
discovery = {'tenant_discovery_endpoint': f'{authority}/{tenant}/v2.0/.well-known/openid-configuration'}
now = int(time.time())
cache, order, times = {}, [], {}
for url, params, body in (
    (known, {'authorization_endpoint': endpoint, 'api-version': '1.0'}, discovery),
    (known + aliases, '', {'metadata': []}),
):
    reply = requests.Response()
    reply.status_code, reply.encoding, reply._content = 200, 'utf-8', json.dumps(body).encode()
    key = f'GET {url} hash={hashlib.sha256(repr(params).encode()).hexdigest()} 2xx'
    cache[key], times[key] = reply, [now + 3600, now]
    order.append([now + 3600, now, key])
with open(path, 'wb') as file:
    pickle.dump({**cache, '_index_': (order, times)}, file)
PYTHON

cat >"$tmp/cloud.json" <<JSON
{
  "endpoints": {
    "activeDirectory": "$authority",
    "activeDirectoryResourceId": "$graph",
    "activeDirectoryGraphResourceId": "$graph",
    "microsoftGraphResourceId": "$graph",
    "resourceManager": "$graph",
    "management": "$graph",
    "gallery": "$graph"
  }
}
JSON
az cloud register --name Sandbox --cloud-config "@$tmp/cloud.json" >"$tmp/out" 2>"$tmp/err" || return 1
export AZURE_CLOUD_NAME=Sandbox

#!/usr/bin/env bash
# The job of the wizard done by az commands, as its own documents would have it: an application with its permissions, a
# service principal, consent, a secret, a sign-in with it and a row of both logs. Arguments: authority and graph address.
# Environment: that of an unattended sign-in. Prints the milliseconds that the az commands took.
set -euo pipefail
authority=$1 graph=$2 ca=$NODE_EXTRA_CA_CERTS TENANT=$AZURE_TENANT_ID tmp=$HOME
tenant=$AZURE_TENANT_ID client=$AZURE_CLIENT_ID secret=$AZURE_CLIENT_SECRET
. "$(dirname "$0")/../az-cloud.sh"
microsoft_graph=00000003-0000-0000-c000-000000000000
permissions=(b0afded3-3588-46d8-8b3d-9842eff778da 7ab1d382-f21e-4acd-a863-ba3e13f7da61)

enter() {
  az login --service-principal --allow-no-subscriptions --tenant "$tenant" --username "$1" "--password=$2" --output none
}

began=$(date +%s%N)
enter "$client" "$secret"
app=$(az ad app create --display-name 'Reporting API application' --sign-in-audience AzureADMyOrg \
  --web-home-page-url https://localhost --query appId --output tsv)
az ad app permission add --id "$app" --api "$microsoft_graph" \
  --api-permissions "${permissions[0]}=Role" "${permissions[1]}=Role" --only-show-errors
principal=$(az ad sp create --id "$app" --query id --output tsv)
resource=$(az ad sp show --id "$microsoft_graph" --query id --output tsv)
for permission in "${permissions[@]}"; do
  az rest --method POST --url "$graph/v1.0/servicePrincipals/$principal/appRoleAssignments" --output none \
    --body "{\"principalId\":\"$principal\",\"resourceId\":\"$resource\",\"appRoleId\":\"$permission\"}"
done
made=$(az ad app credential reset --id "$app" --append --display-name 'Reporting API' --years 2 --query password \
  --output tsv --only-show-errors)
enter "$app" "$made"
for log in directoryAudits signIns; do
  az rest --url "$graph/v1.0/auditLogs/$log?\$top=1" --output none
done
echo $((($(date +%s%N) - began) / 1000000))

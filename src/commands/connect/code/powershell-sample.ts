import { overlap } from '../advice.ts';
import { powershellQuoted } from '../quoting.ts';
import { everyCloud, type Made, type Target, type TargetInput } from '../target.ts';

const sample = (file: string, login: string, graph: string): string => `\
# New rows of a log, one JSON object a line: pwsh entra-logs.ps1 [signIns|directoryAudits] [hours, on the first run]
# Needs PowerShell 7 and no module. No secret is in here: it reads the config file, which has to be in the json format.
param([string]$Log = 'signIns', [double]$Hours = 24)
$ErrorActionPreference = 'Stop'
$file = ${file}
$login = ${login}
$graph = ${graph}
$config = Get-Content -Raw -LiteralPath $file | ConvertFrom-Json
$time = if ($Log -eq 'signIns') { 'createdDateTime' } else { 'activityDateTime' }
$stateFile = "entra-$Log.state.json"
$overlap = [TimeSpan]::FromMinutes(30) # rows come late: the last half hour is read again, and known ids are left out

function Send-Request([hashtable]$Call) {
    for ($attempt = 0; ; $attempt++) {
        $reply = Invoke-WebRequest @Call -SkipHttpErrorCheck -MaximumRedirection 0
        if ($reply.StatusCode -eq 200) { return $reply.Content }
        if ($reply.StatusCode -notin 429, 500, 502, 503, 504 -or $attempt -ge 8) { throw "$($reply.StatusCode) $($reply.Content)" }
        $wait = [int]($reply.Headers['Retry-After'] | Select-Object -First 1)
        Start-Sleep -Seconds $(if ($wait) { $wait } else { [math]::Pow(2, $attempt) })
    }
}

$token = Send-Request @{
    Method = 'Post'
    Uri    = "$login/$($config.tenantId)/oauth2/v2.0/token"
    Body   = @{ grant_type = 'client_credentials'; client_id = $config.clientId; client_secret = $config.clientSecret ?? $env:AZURE_CLIENT_SECRET; scope = "$graph/.default" }
} | ConvertFrom-Json
$headers = @{ Authorization = "Bearer $($token.access_token)" }

$state = if (Test-Path $stateFile) { Get-Content -Raw $stateFile | ConvertFrom-Json -AsHashtable } else { @{ seen = @{} } }
$now = [DateTime]::UtcNow
$until = $now.AddMinutes(-5)
$since = if ($state.until) { ([DateTime]$state.until).ToUniversalTime() - $overlap } else { $now.AddHours(-$Hours) }
$filter = '{0} ge {1:yyyy-MM-ddTHH:mm:ssZ} and {0} le {2:yyyy-MM-ddTHH:mm:ssZ}' -f $time, $since, $until
$url = "$graph/v1.0/auditLogs/\${Log}?\`$filter=$([uri]::EscapeDataString($filter))&\`$orderby=$time%20asc&\`$top=999"
while ($url) {
    if (([uri]$url).Authority -ne ([uri]$graph).Authority) { throw 'The next page lies on another host.' }
    $page = Send-Request @{ Uri = $url; Headers = $headers } | ConvertFrom-Json
    foreach ($row in $page.value) {
        if (-not $state.seen.ContainsKey($row.id)) {
            $state.seen[$row.id] = ([DateTime]$row.$time).ToUniversalTime().ToString('o')
            $row | ConvertTo-Json -Depth 20 -Compress
        }
    }
    $url = $page.'@odata.nextLink'
}
foreach ($id in @($state.seen.Keys)) { if ([DateTime]$state.seen[$id] -lt ($until - $overlap)) { $state.seen.Remove($id) } }
@{ until = $until.ToString('o'); seen = $state.seen } | ConvertTo-Json -Depth 5 | Set-Content $stateFile
`;

function make({ configPath, cloud, pathOf, shellLine }: TargetInput): Made {
  const text = sample(
    powershellQuoted(configPath),
    powershellQuoted(cloud.authorityHost),
    powershellQuoted(cloud.graphUrl),
  );
  return {
    files: [{ name: 'entra-logs.ps1', text, comments: 'hash' }],
    steps: [
      {
        does: 'Run it every five minutes or less often:',
        run: `${shellLine(['pwsh', pathOf('entra-logs.ps1')])} signIns >> sign-ins.ndjson`,
      },
      overlap,
    ],
  };
}

export const target: Target = {
  name: 'powershell',
  group: 'code',
  title: 'PowerShell 7, without any module',
  credentials: ['secret'],
  clouds: everyCloud,
  formats: ['json'],
  permissions: [],
  secret: 'none',
  needs: ['PowerShell 7', 'a config file in the json format'],
  ages: false,
  proven: 'golden text alone: PowerShell is not there to run or parse it',
  unconfirmed:
    'This script was never run: there was no PowerShell where it was written. It does what the Node sample does, which was.',
  make,
};

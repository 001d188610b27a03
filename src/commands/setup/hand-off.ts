import type { Files } from '../../config/file-system.ts';
import { ifThere, readTextFile, realFiles, writeTemporary } from '../../config/file-system.ts';
import { handOffPath, type OutputFiles } from '../../config/output-files.ts';
import { fileReason, WizardError } from '../../core/errors.ts';
import { utcMinutes } from '../../core/moment.ts';
import { safeText } from '../../core/text.ts';
import { windowsShell } from '../../core/windows-shell.ts';
import type { Cloud } from '../../entra/clouds.ts';
import { rolesThatGrant } from '../../tenant/account/role-table.ts';
import type { Have, Wanted } from '../../tenant/model.ts';
import { missingPermissions, permissionName } from '../../tenant/permissions/permissions.ts';
import type { Io } from '../shared/io.ts';
import type { ConsentRequest, HandOff } from '../shared/run-outcome.ts';
import { consentRedirect, consentUrl } from './consent.ts';
import { cmdAzCommand, graphPowershellLines, powershellAzCommand } from './hand-off-powershell.ts';
import { askerLines, checkLines, inCode, purposeLines } from './hand-off-words.ts';
import type { AppliedPlan } from './plan-setup.ts';
import { requestHeading } from './registration-request.ts';
import type { SetupRun } from './setup-run.ts';

/** First line of the file: by it the program knows its own. */
const handOffHeading = '# Consent for the reporting application';

const ownHeadings = [handOffHeading, requestHeading];

/** What a hand-off is about. */
export interface Pending {
  readonly cloud: Cloud;
  readonly want: Wanted;
  readonly have: Have;
  /** The command that goes on from there. */
  readonly again: string;
  /** When it was read what is granted. */
  readonly asOf: Date;
}

/** One request for each permission that is not granted yet (graph-docs serviceprincipal-post-approleassignedto). */
function requestsFor({ cloud, want, have }: Pending): ConsentRequest[] {
  const { servicePrincipal } = have;
  if (!servicePrincipal) return [];
  return missingPermissions(want, have).map((permission) => ({
    permission: permissionName(permission),
    method: 'POST',
    url: `${cloud.graphUrl}/v1.0/servicePrincipals/${permission.resourceId}/appRoleAssignedTo`,
    body: {
      principalId: servicePrincipal.id,
      resourceId: permission.resourceId,
      appRoleId: permission.appRoleId,
    },
  }));
}

/** Azure CLI knows by itself for which API a token is needed in the public cloud alone. */
function commandFor({ method, url, body }: ConsentRequest, cloud: Cloud): string {
  const resource = cloud.name === 'global' ? '' : ` --resource "${cloud.graphUrl}"`;
  const header = '--headers "Content-Type=application/json"';
  return `az rest --method ${method} --url "${url}"${resource} ${header} --body '${JSON.stringify(body)}'`;
}

/** What somebody else needs to give consent; undefined before there is an application to give it to. Pure. */
export function handOffFor(pending: Pending): (HandOff & { readonly url: string }) | undefined {
  const url = consentUrl(pending.cloud, pending.want, pending.have);
  const requests = requestsFor(pending);
  if (url === undefined || requests.length === 0) return undefined;
  const { cloud } = pending;
  return {
    url,
    requests,
    commands: requests.map((request) => commandFor(request, cloud)),
    windowsCommands: {
      powershell: requests.map((request) => powershellAzCommand(request, cloud)),
      cmd: requests.map((request) => cmdAzCommand(request, cloud)),
    },
  };
}

/** What the browser shows at the end says little: where an address is registered, it goes there. */
function afterwards({ want, have }: Pending): string {
  const redirect = consentRedirect(want, have);
  return redirect === undefined
    ? 'The page itself says when consent has been given.'
    : `The browser then goes to ${safeText(redirect, 300)}, whether anything answers there or not: consent has been given when the address says admin_consent=True.`;
}

const azureClouds: Partial<Record<Cloud['name'], string>> = {
  usgov: 'AzureUSGovernment',
  'usgov-dod': 'AzureUSGovernment',
  china: 'AzureChinaCloud',
};

function azureCliLines(
  commands: readonly string[],
  language: 'sh' | 'powershell' | 'bat',
  { cloud, have }: Pending,
): string[] {
  const named = azureClouds[cloud.name];
  const choose = named === undefined ? [] : [`az cloud set --name ${named}`];
  return [
    `\`\`\`${language}`,
    ...choose,
    `az login --tenant ${have.tenant.id} --allow-no-subscriptions`,
    ...commands,
    '```',
  ];
}

const windowsLines = ({ windowsCommands }: HandOff, pending: Pending): string[] =>
  windowsCommands === undefined
    ? []
    : [
        '## With Azure CLI in PowerShell',
        '',
        ...azureCliLines(windowsCommands.powershell, 'powershell', pending),
        '',
        '## With Azure CLI in cmd.exe',
        '',
        ...azureCliLines(windowsCommands.cmd, 'bat', pending),
        '',
      ];

const requestLines = ({ method, url, body, permission }: ConsentRequest): string[] => [
  `${permission}:`,
  '',
  '```http',
  `${method} ${url}`,
  'Content-Type: application/json',
  '',
  JSON.stringify(body),
  '```',
  '',
];

/** The hand-off as a file for whoever gives consent. Pure. */
export function handOffText(handOff: HandOff, pending: Pending): string {
  const { have, again, asOf } = pending;
  const names = handOff.requests.map(({ permission }) => permission).join(', ');
  return [
    handOffHeading,
    '',
    `Application: ${inCode(have.application?.displayName ?? '')}, client ID ${have.application?.appId ?? ''}`,
    ...askerLines(pending),
    `Not granted on ${utcMinutes(asOf)}, when this was written: ${names}`,
    '',
    ...purposeLines(pending),
    '',
    `Everything else is set up. Granting these takes ${rolesThatGrant}. One of the ways below does it.`,
    'This file holds no secret.',
    '',
    '## In a browser',
    '',
    handOff.url ?? '',
    '',
    afterwards(pending),
    '',
    '## With Azure CLI (in a POSIX shell)',
    '',
    ...azureCliLines(handOff.commands, 'sh', pending),
    '',
    ...windowsLines(handOff, pending),
    '## With Microsoft Graph PowerShell',
    '',
    '```powershell',
    ...graphPowershellLines(handOff.requests, pending.cloud, pending.have.tenant.id),
    '```',
    '',
    '## With Microsoft Graph',
    '',
    ...handOff.requests.flatMap(requestLines),
    ...checkLines(pending),
    '## Then',
    '',
    'Whoever sent this file runs the same command again; it resumes, proves the credential, finishes and removes the file on that machine:',
    '',
    `    ${safeText(again, 20_000)}`,
    '',
  ].join('\n');
}

/** Throws WizardError where there is a file that this program did not write. */
async function requireOwn(path: string, files: Files): Promise<void> {
  const held = await readTextFile(path, files);
  if (held === undefined || ownHeadings.some((heading) => held.startsWith(heading))) return;
  throw new WizardError('output-unusable', `${safeText(path, 500)} was not written by this program.`);
}

/** Saves the hand-off next to the output and returns its path. It holds no secret. Throws WizardError. */
export async function saveHandOff(output: string, text: string, files: Files = realFiles): Promise<string> {
  const path = handOffPath(output);
  await requireOwn(path, files);
  try {
    const temporary = await writeTemporary(path, text, files);
    await files.rename(temporary, path);
    return path;
  } catch (error) {
    const reason = fileReason(error);
    throw new WizardError('output-unusable', `${safeText(path, 500)} cannot be written: ${reason}.`, {
      cause: error,
    });
  }
}

/** Removes the hand-off once it is done; what is not its own, or cannot be removed, stays. */
export async function removeHandOff(output: string, files: Files = realFiles): Promise<void> {
  const path = handOffPath(output);
  try {
    await requireOwn(path, files);
    await ifThere(files.unlink(path));
  } catch (error) {
    if (!(error instanceof WizardError)) fileReason(error);
  }
}

/** The hand-off that asks for consent beside an output, by its path; undefined where none of this program is there. */
export async function findHandOff(output: string, files: Files = realFiles): Promise<string | undefined> {
  const path = handOffPath(output);
  try {
    return (await readTextFile(path, files))?.startsWith(handOffHeading) ? path : undefined;
  } catch (error) {
    if (!(error instanceof WizardError)) throw error;
    return undefined;
  }
}

/** A file that cannot be written is no reason to lose what is on the screen anyway. */
export async function saveBeside(
  { file, path }: OutputFiles,
  text: string,
  io: Io,
): Promise<string | undefined> {
  try {
    await file.requireSameFolder();
    return await saveHandOff(path, text);
  } catch (error) {
    if (!(error instanceof WizardError)) throw error;
    io.report.warn(`${error.message} Copy the lines below instead.`);
    return undefined;
  }
}

/** Where somebody else consents in a tenant of this machine: while a run waits, or served by a command. */
function showStandIn({ standIn }: Cloud, url: string, waits: boolean, { report }: Io): void {
  if (!standIn) return;
  const { person, serve, origin } = standIn;
  if (waits) {
    report.item(
      `In the sandbox you are that somebody: open the address while this waits (the browser does not know its certificate), and sign in as ${person}.`,
    );
    return;
  }
  const { pathname, search } = new URL(url);
  report.item(
    `In the sandbox you are that somebody: serve the tenant, open the address, sign in as ${person}:`,
  );
  report.code(serve);
  report.address(`${origin}${pathname}${search}`);
}

/** The one thing that is left to do: who does it, with what, and where. The file has everything else. */
export function showHandOff(
  handOff: HandOff,
  { cloud, output, io }: Pick<SetupRun, 'cloud' | 'output' | 'io'>,
): void {
  const { report } = io;
  report.title('One thing is left to do');
  report.item(`Consent by a ${rolesThatGrant}. Send them this file, or the address:`);
  const { windowsCommands, commands } = handOff;
  const here =
    io.platform === 'win32'
      ? windowsCommands?.[windowsShell(io.env) === 'cmd' ? 'cmd' : 'powershell']
      : undefined;
  if (handOff.path === undefined) for (const command of here ?? commands) report.code(command);
  else report.address(handOffPath(output.name));
  if (handOff.url === undefined) return;
  report.address(handOff.url);
  showStandIn(cloud, handOff.url, io.asks, io);
}

/** Saves what somebody else needs to give consent. */
export async function handOver(
  { want, have }: Pick<AppliedPlan, 'want' | 'have'>,
  { cloud, invocation, output, io }: SetupRun,
): Promise<HandOff | undefined> {
  const pending = { cloud, want, have, again: invocation.again, asOf: io.now() };
  const composed = handOffFor(pending);
  if (!composed) return undefined;
  const path = await saveBeside(output, handOffText(composed, pending), io);
  return path === undefined ? composed : { ...composed, path };
}

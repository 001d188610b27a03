import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { get as httpGet } from 'node:http';
import { get as httpsGet } from 'node:https';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { tryTo } from '../config/file-system.ts';
import { ownFolder } from '../config/own-folder.ts';
import { isProcessRunning } from '../config/running-processes.ts';
import { exitCodes, WizardError } from '../core/errors.ts';
import { commandLine, shellWord } from '../core/text.ts';
import type { Cloud, StandIn } from '../entra/clouds.ts';
import {
  type Sandbox,
  SandboxError,
  type SandboxOptions,
  startSandbox,
  stateFileName,
} from '../sandbox/index.ts';
import { copyLine, hang, type Style } from '../terminal/style.ts';
import { pairText } from '../terminal/table.ts';

/** What the command needs of the world outside. */
export interface SandboxIo {
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  /** Of stderr. */
  readonly style: Style;
  /** A person reads what goes to stdout: the line for programs is left out. */
  readonly toPerson?: boolean;
  /** Aborts when the sandbox is to stop. */
  readonly signal: AbortSignal;
  /** Makes a new folder that only this user can enter. */
  readonly makeTemporaryFolder: () => Promise<string>;
  /** Where what is kept between runs lies. */
  readonly stateFolder: () => Promise<string>;
}

/** The options of the command. */
export interface SandboxSettings {
  readonly port?: number;
  readonly scenario?: readonly string[];
  readonly state?: string;
}

/** An expected reason why a sandbox does not start as the error that the command line reports; any other as it is. */
function translateSandboxFailure(error: unknown): unknown {
  if (error instanceof RangeError) return new WizardError('invalid-options', error.message, { cause: error });
  if (!(error instanceof SandboxError)) return error;
  return new WizardError('invalid-options', error.message, { remedy: error.remedy, cause: error });
}

/** Where the certificate authority's certificate lies, and how it goes away again. */
interface CertificateFile {
  readonly path: string;
  readonly remove: () => Promise<void>;
}

const thisHost = createHash('sha256').update(hostname()).digest('hex').slice(0, 8);

/** Certificates of sandboxes on this machine by the number of their process. */
const certificateName = new RegExp(`^sandbox-${thisHost}-(\\d+)-[0-9a-f-]+\\.ca\\.pem$`);

/** Removes what sandboxes that were killed have left. */
async function removeAbandoned(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const pid = Number(certificateName.exec(name)?.[1] ?? Number.NaN);
    if (Number.isInteger(pid) && !isProcessRunning(pid)) await rm(join(folder, name), { force: true });
  }
}

/** In the user's own folder, where the next sandbox finds what a killed one left; else in a temporary one. */
async function certificatePlace(state: string | undefined, io: SandboxIo) {
  if (state !== undefined) return { path: resolve(`${state}.ca.pem`), folder: undefined };
  const own = await ownFolder(io.stateFolder, true);
  if ('reason' in own) {
    const folder = await io.makeTemporaryFolder();
    return { path: join(folder, 'ca.pem'), folder };
  }
  await tryTo(() => removeAbandoned(own.path));
  return {
    path: join(own.path, `sandbox-${thisHost}-${process.pid}-${randomUUID()}.ca.pem`),
    folder: undefined,
  };
}

async function writeCertificate(
  pem: string,
  state: string | undefined,
  io: SandboxIo,
): Promise<CertificateFile> {
  const { path, folder } = await certificatePlace(state, io);
  // One that a killed sandbox left would keep its mode, or be a link to somewhere else.
  await rm(path, { force: true });
  await writeFile(path, pem, { mode: 0o644, flag: 'wx' });
  return { path, remove: () => tryTo(() => rm(folder ?? path, { recursive: true, force: true })) };
}

/** The one line for programs: part of the command line's contract. */
function describeForPrograms(sandbox: Sandbox, caCertificate: string): string {
  const { authorityHost, graphUrl, tenantId, users, automation } = sandbox;
  return JSON.stringify({ authorityHost, graphUrl, tenantId, caCertificate, users, automation });
}

function describeForPeople(sandbox: Sandbox, caCertificate: string, secret: string, style: Style): string {
  const { authorityHost, graphUrl, tenant, users, automation } = sandbox;
  const line = (text: string): string => hang('', text, 0, style);
  const command = (text: string): string => copyLine(text, 2, style);
  const people = users.map(
    ({ userPrincipalName, roles }) =>
      [userPrincipalName, roles.length === 0 ? 'no role' : roles.join(', ')] as const,
  );
  return [
    line(`SANDBOX: the tenant ${tenant.displayName} is ready at ${authorityHost}`),
    line(`Tenant ID ${tenant.id}. Nothing leaves this machine.`),
    '\n',
    line('In another terminal, trust its certificate and set a credential up:'),
    command(`export NODE_EXTRA_CA_CERTS=${shellWord(caCertificate)}`),
    command(`reporting-setup setup --authority-host ${authorityHost} --graph-url ${graphUrl}`),
    '\n',
    line('You can sign in there as:'),
    pairText(people, style),
    '\n',
    line('For a run without a person, set these and add --auth environment:'),
    command(`export AZURE_TENANT_ID=${tenant.id} AZURE_CLIENT_ID=${automation.clientId}`),
    command(`export AZURE_CLIENT_SECRET=${secret}`),
    '\n',
    secret === inLine
      ? ''
      : line('For a program: reporting-setup sandbox --json prints all of this as one line.'),
    line('Press Ctrl-C to stop.'),
  ].join('');
}

const inLine = '<automation.clientSecret of the line above>';

/** A bug in the sandbox must not go unnoticed by whoever tests against it. */
function reportCrashes({ crashes }: Sandbox, io: SandboxIo): number {
  for (const { method, url, error } of crashes) {
    io.stderr(`The sandbox failed at ${method} ${url}: ${error instanceof Error ? error.message : error}\n`);
  }
  return crashes.length === 0 ? exitCodes.done : exitCodes.unexpected;
}

async function start({ port, scenario = [], state }: SandboxSettings): Promise<Sandbox> {
  try {
    return await startSandbox({
      scenarios: scenario,
      ...(port === undefined ? {} : { port }),
      ...(state === undefined ? {} : { stateFile: state }),
    });
  } catch (error) {
    throw translateSandboxFailure(error);
  }
}

/**
 * Serves the sandbox tenant until the signal aborts. Its first line on stdout is the document for programs, unless a
 * person reads there; its text for people is on stderr, with what a throw-away tenant calls secret where nothing else
 * tells it. Resolves to the exit code: 0, or 1 where the sandbox itself failed at a request. Throws
 * WizardError where it cannot start.
 */
export async function runSandbox(settings: SandboxSettings, io: SandboxIo): Promise<number> {
  const sandbox = await start(settings);
  let certificate: CertificateFile | undefined;
  try {
    certificate = await writeCertificate(sandbox.caCertificate, settings.state, io);
    if (!io.toPerson) io.stdout(`${describeForPrograms(sandbox, certificate.path)}\n`);
    const secret = io.toPerson ? sandbox.automation.clientSecret : inLine;
    io.stderr(describeForPeople(sandbox, certificate.path, secret, io.style));
    if (!io.signal.aborted) await once(io.signal, 'abort');
    return reportCrashes(sandbox, io);
  } finally {
    await sandbox.stop();
    await certificate?.remove();
  }
}

/** Milliseconds and redirects after which nothing is awaited from an address any more. */
const patience = 10_000;
const mostRedirects = 5;

/** The address to which a reply leads; undefined where it leads nowhere. */
function nextAddress(address: string, ca: string | undefined): Promise<string | undefined> {
  return new Promise((resolveNext, reject) => {
    const options = { ...(ca === undefined ? {} : { ca }), timeout: patience };
    const send = address.startsWith('https:') ? httpsGet : httpGet;
    const request = send(address, options, (reply) => {
      reply.resume();
      const { location } = reply.headers;
      resolveNext(location === undefined ? undefined : new URL(location, address).href);
    });
    request.once('error', reject).once('timeout', () => request.destroy(new Error('Nothing answers.')));
  });
}

/** Follows an address as a browser would, trusting the sandbox: it approves the sign-in, and leads back to whoever waits. */
export async function visitAddress(address: string, ca: string | undefined): Promise<void> {
  let next: string | undefined = address;
  for (let count = 0; next !== undefined && count < mostRedirects; count += 1)
    next = await nextAddress(next, ca);
}

/** How a tenant inside this process is started, and where it is kept between runs. */
export interface SandboxHost {
  readonly stateFolder: () => Promise<string>;
  readonly report: { warn(text: string): void };
  readonly startSandbox: (options: SandboxOptions) => Promise<Sandbox>;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: string;
  readonly program?: readonly string[] | undefined;
}

/** Where the tenant of `--sandbox` is served for somebody else's part of the job. */
const standInPort = 8443;

function standInOf(
  { users }: Sandbox,
  names: readonly string[],
  stateFile: string,
  host: SandboxHost,
): StandIn {
  const grants = users.find(({ roles }) => roles.includes('Global Administrator'));
  const scenario = names.flatMap((name) => (name === 'default' ? [] : ['--scenario', name]));
  const words = ['sandbox', '--port', String(standInPort), ...scenario, '--state', stateFile];
  return {
    person: grants?.userPrincipalName ?? 'somebody who may',
    serve: commandLine(words, host),
    origin: `https://127.0.0.1:${standInPort}`,
  };
}

/**
 * Gives `use` the tenant inside this process for as long as it takes: a cloud like any other, but for its certificate.
 * `scenarios` are names with commas between. Throws what `use` throws, and WizardError where the sandbox cannot start.
 */
export async function withSandboxCloud<T>(
  scenarios: string,
  host: SandboxHost,
  use: (cloud: Cloud) => Promise<T>,
): Promise<T> {
  const names = scenarios.split(',').map((name) => name.trim());
  try {
    const own = await ownFolder(host.stateFolder, true);
    if ('reason' in own) host.report.warn(`This tenant is gone after this run: ${own.reason}.`);
    const kept: { readonly stateFile?: string } =
      'reason' in own ? {} : { stateFile: join(own.path, stateFileName(names)) };
    const sandbox = await host.startSandbox({ scenarios: names, ...kept, autoApprove: true });
    try {
      return await use({
        name: 'sandbox',
        authorityHost: sandbox.authorityHost,
        graphUrl: sandbox.graphUrl,
        entraPortal: sandbox.origin,
        instanceDiscovery: false,
        ca: sandbox.caCertificate,
        ...('reason' in own ? {} : { standIn: standInOf(sandbox, names, kept.stateFile ?? '', host) }),
        ...(names.includes('unthrottled') && { isUnthrottled: true }),
      });
    } finally {
      // The run has ended as it ends, whether its tenant can be kept or not.
      await sandbox.stop().catch((error: unknown) => {
        host.report.warn(
          `This tenant was not kept: ${error instanceof Error ? error.message : String(error)}`,
        );
      });
    }
  } catch (error) {
    throw translateSandboxFailure(error);
  }
}

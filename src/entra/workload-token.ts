import { readFile } from 'node:fs/promises';
import { decodeJwt } from 'jose';
import { fileReason, WizardError } from '../core/errors.ts';
import { fieldsIn, textOf } from '../core/fields.ts';
import type { Redactor } from '../core/redact.ts';
import { Secret } from '../core/secret.ts';
import { quoted } from '../core/text.ts';
import { networkError } from '../http/network-error.ts';
import type { Transport } from '../http/transport.ts';

/** Which workload a token is of, or a federated credential trusts; undefined where nothing says so. */
export interface WorkloadIdentity {
  readonly issuer: string | undefined;
  readonly subject: string | undefined;
  readonly audience: string | undefined;
}

/** What looking for a workload's token may touch. */
export interface WorkloadIo {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly transport: Pick<Transport, 'fetch'>;
  readonly redactor: Redactor;
  /** Only this machine is spoken to. */
  readonly local: boolean;
}

/** The token of the workload that this program runs in. */
export interface WorkloadToken {
  readonly presented: WorkloadIdentity;
  /** A fresh one. Rejects with WizardError. */
  readonly read: () => Promise<Secret>;
}

const unusable = (message: string, cause?: unknown): WizardError =>
  new WizardError('credential-rejected', message, {
    remedy:
      'Let the workload hand out its token as the documentation of its platform says, then run it again.',
    cause,
  });

async function readTokenFile(path: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (error) {
    throw unusable(
      `The token file that AZURE_FEDERATED_TOKEN_FILE names cannot be read: ${fileReason(error)}.`,
      error,
    );
  }
}

const isLoopback = (host: string): boolean => ['127.0.0.1', '[::1]', 'localhost'].includes(host);

/** GitHub's own endpoint for a job with `id-token: write`. */
interface GitHubEndpoint {
  readonly url: URL;
  readonly bearer: string;
}

function gitHubEndpoint({ env, local }: WorkloadIo): GitHubEndpoint | undefined {
  const { ACTIONS_ID_TOKEN_REQUEST_URL: address, ACTIONS_ID_TOKEN_REQUEST_TOKEN: bearer } = env;
  if (!address || !bearer) return undefined;
  if (!URL.canParse(address)) throw unusable('ACTIONS_ID_TOKEN_REQUEST_URL is no address.');
  const url = new URL(address);
  if (local && !isLoopback(url.hostname)) return undefined;
  if (url.protocol !== 'https:') throw unusable('ACTIONS_ID_TOKEN_REQUEST_URL is no https address.');
  return { url, bearer };
}

/** GitHub Actions' token for an audience (GitHub docs, about security hardening with OpenID Connect). */
async function fetchGitHubToken(
  { url, bearer }: GitHubEndpoint,
  audience: string,
  { transport, redactor }: WorkloadIo,
): Promise<string> {
  redactor.add(bearer);
  const address = new URL(url);
  address.searchParams.set('audience', audience);
  let status: number;
  let body: string;
  try {
    const reply = await transport.fetch(address.href, {
      headers: { authorization: `bearer ${bearer}`, accept: 'application/json' },
    });
    status = reply.status;
    body = await reply.text();
  } catch (error) {
    throw networkError(url.host, error) ?? error;
  }
  const token = status === 200 ? textOf(fieldsIn(body)['value']) : '';
  if (token === '') throw unusable(`${url.host} gave no token for this job (HTTP ${status}).`);
  return token;
}

/** Decodes without verifying: Entra verifies. */
function identityOf(token: string): WorkloadIdentity {
  try {
    const { iss, sub, aud } = decodeJwt(token);
    return { issuer: iss, subject: sub, audience: Array.isArray(aud) ? aud.join(' ') : aud };
  } catch (error) {
    throw unusable('The token of this workload is no JSON web token.', error);
  }
}

/**
 * The token of the workload around this process: the file that AZURE_FEDERATED_TOKEN_FILE names, or GitHub Actions'
 * own endpoint; undefined outside of both. Rejects with WizardError where one is announced but not to be had.
 */
export async function findWorkloadToken(
  audience: string,
  io: WorkloadIo,
): Promise<WorkloadToken | undefined> {
  const file = io.env['AZURE_FEDERATED_TOKEN_FILE'];
  const endpoint = file ? undefined : gitHubEndpoint(io);
  if (!file && !endpoint) return undefined;
  const read = async (): Promise<string> => {
    const token = endpoint ? await fetchGitHubToken(endpoint, audience, io) : await readTokenFile(file ?? '');
    io.redactor.add(token);
    return token;
  };
  let first: string | undefined = await read();
  const presented = identityOf(first);
  return {
    presented,
    async read() {
      const token = first ?? (await read());
      first = undefined;
      return Secret.of(token);
    },
  };
}

/** `issuer "…", subject "…"`, for people. */
export const describeWorkload = ({ issuer, subject }: WorkloadIdentity): string =>
  `issuer ${quoted(issuer ?? 'unknown', 600)}, subject ${quoted(subject ?? 'unknown', 600)}`;

import type { TokenCredentialOptions } from '@azure/identity';
import type { Failure } from '../core/directory-error.ts';
import { nextAttempt, parseRetryAfter } from '../core/retry.ts';
import { networkCode } from './network-error.ts';

type PipelinePolicy = NonNullable<TokenCredentialOptions['additionalPolicies']>[number]['policy'];
type PipelineRequest = Parameters<PipelinePolicy['sendRequest']>[0];

export interface RetryClock {
  readonly now: () => Date;
  /** Milliseconds; rejects when the run is cancelled. */
  readonly sleep: (delay: number) => Promise<void>;
  readonly random: () => number;
}

const unavailable = new Set([408, 429, 500, 502, 503, 504]);

/** A code can be redeemed once: after a lost reply another try would only be told so. */
const isRepeatable = ({ body }: PipelineRequest): boolean =>
  typeof body !== 'string' || new URLSearchParams(body).get('grant_type') !== 'authorization_code';

function failureOf(status: number, retryAfter: number | undefined, lost: string | undefined): Failure {
  return {
    status,
    kind: lost === undefined ? 'http' : 'network',
    code: '',
    message: '',
    details: [],
    retryAfter,
    networkCode: lost,
  };
}

type PipelineResponse = Awaited<ReturnType<PipelinePolicy['sendRequest']>>;

/** What one try gave: a reply to hand on, or a failure and how to report it when it is final. */
type Try =
  | { readonly reply: PipelineResponse }
  | { readonly failure: Failure; readonly report: () => PipelineResponse };

async function tryOnce(
  request: PipelineRequest,
  send: () => Promise<PipelineResponse>,
  now: Date,
): Promise<Try> {
  try {
    const reply = await send();
    if (!unavailable.has(reply.status)) return { reply };
    const retryAfter = parseRetryAfter(reply.headers.get('retry-after'), now);
    return { failure: failureOf(reply.status, retryAfter, undefined), report: () => reply };
  } catch (error) {
    const lost = networkCode(error);
    if (lost === undefined || request.abortSignal?.aborted) throw error;
    const report = (): never => {
      throw error;
    };
    return { failure: failureOf(0, undefined, lost), report };
  }
}

/** Repeats requests to Entra by the same table as those to Graph, in place of the SDK's own policy. */
export function createOAuthRetry({ now, sleep, random }: RetryClock): PipelinePolicy {
  return {
    name: 'reporting-setup-retry',
    async sendRequest(request, next) {
      const started = now().getTime();
      for (let attempt = 1; ; attempt += 1) {
        const tried = await tryOnce(request, () => next(request), now());
        if ('reply' in tried) return tried.reply;
        const { failure, report } = tried;
        const repeatable = failure.kind === 'http' || isRepeatable(request);
        const elapsed = now().getTime() - started;
        const wait = nextAttempt({ failure, repeatable, fresh: false, attempt, elapsed, random: random() });
        if (!wait) return report();
        await sleep(wait.delay);
      }
    },
  };
}

import type { TokenCredentialOptions } from '@azure/identity';
import { networkCode } from '../http/network-error.ts';
import type { Failure } from '../http/retry.ts';
import { createPatience, parseRetryAfter, type RetryClock } from '../http/retry.ts';
import { isForeign } from './identity-pipeline.ts';

type PipelinePolicy = NonNullable<TokenCredentialOptions['additionalPolicies']>[number]['policy'];
type PipelineRequest = Parameters<PipelinePolicy['sendRequest']>[0];

const unavailable = new Set([408, 429, 500, 502, 503, 504]);

/** A code can be redeemed once: after a lost reply another try would only be told so. */
const isRepeatable = ({ body }: PipelineRequest): boolean =>
  typeof body !== 'string' || new URLSearchParams(body).get('grant_type') !== 'authorization_code';

const failureOf = (part: Pick<Failure, 'status' | 'kind'> & Partial<Failure>): Failure => ({
  code: '',
  message: '',
  details: [],
  ...part,
});

type PipelineResponse = Awaited<ReturnType<PipelinePolicy['sendRequest']>>;

/** What one try gave: a reply to hand on, or a failure and how to report it when it is final. */
type Try =
  | { readonly reply: PipelineResponse }
  | { readonly failure: Failure; readonly report: () => PipelineResponse };

function refuseGarbled(): never {
  throw new Error('The reply is not what Entra sends.');
}

async function tryOnce(
  request: PipelineRequest,
  send: () => Promise<PipelineResponse>,
  now: Date,
): Promise<Try> {
  try {
    const reply = await send();
    const { status, bodyAsText } = reply;
    const garbled = status === 200 && isForeign(status, bodyAsText ?? '');
    if (!garbled && !unavailable.has(status)) return { reply };
    const retryAfter = parseRetryAfter(reply.headers.get('retry-after'), now);
    return {
      failure: failureOf({ status, kind: garbled ? 'malformed' : 'http', retryAfter }),
      // The SDK would take what a garbled reply lacks for the text "undefined" and go on.
      report: garbled ? refuseGarbled : () => reply,
    };
  } catch (error) {
    const lost = networkCode(error);
    if (lost === undefined || request.abortSignal?.aborted) throw error;
    const report = (): never => {
      throw error;
    };
    return { failure: failureOf({ status: 0, kind: 'network', networkCode: lost }), report };
  }
}

/** Repeats requests to Entra by the same table as those to Graph, in place of the SDK's own policy. */
export function createOAuthRetry({ now, sleep, random }: RetryClock): PipelinePolicy {
  return {
    name: 'reporting-setup-retry',
    async sendRequest(request, next) {
      const patience = createPatience({ now, random });
      for (;;) {
        const tried = await tryOnce(request, () => next(request), now());
        if ('reply' in tried) return tried.reply;
        const { failure, report } = tried;
        const repeatable = failure.kind === 'http' || isRepeatable(request);
        const wait = patience.after({ failure, repeatable, fresh: false });
        if (!wait) return report();
        await sleep(wait.delay);
      }
    },
  };
}

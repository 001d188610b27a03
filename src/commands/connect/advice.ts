import type { ReportingConfig } from '../../config/config.ts';
import { safeText, shellWord } from '../../core/text.ts';
import type { Step } from './target.ts';

/**
 * Why a consumer should have an application of its own, and how it gets one: setup knows one application of its own, which
 * `--app-name` renames, and takes any other by its client ID.
 */
export function oneForEach(consumer: string): Step {
  const file = `${consumer.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}.json`;
  const name = shellWord(`Reporting for ${consumer}`);
  return {
    does: `Poll every 5 minutes or less often: 5 requests in 10 seconds are shared by all who use one client ID. Where others use this one too, give ${consumer} an application of its own, which a rotation then concerns alone:`,
    run: `reporting-setup --output ${file} --client-id "$(az ad app create --display-name ${name} --query appId -o tsv)"`,
  };
}

/** The client secret, with where a person finds it. */
export function secretToCopy({ clientSecret, credential: { secretIn } }: ReportingConfig): string {
  const place =
    clientSecret || !secretIn
      ? 'the config file'
      : `${safeText(secretIn.target)} (${safeText(secretIn.where, 500)})`;
  return `the client secret out of ${place}`;
}

/** How late rows come, for consumers whose window can be set. */
export const overlap: Step = {
  does: 'Rows appear minutes late and may change: it reads again what it read in the last half hour, and the row id keeps them from being stored twice.',
};

/** For consumers that keep the newest time seen and nothing else. */
export const noOverlap = (consumer: string): Step => ({
  does: `${consumer} remembers the newest time it has seen: rows that Microsoft adds later with an earlier time are missed, and rows read twice are stored twice. Compare counts now and then.`,
});

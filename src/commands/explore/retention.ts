import type { Answer } from '../../core/findings.ts';
import { utcMinutes } from '../../core/moment.ts';
import type { LogName } from '../../tenant/logs/log-streams.ts';
import { readIfPossible } from '../../tenant/optional-read.ts';
import { parseTenant } from '../../tenant/tenant.ts';
import type { ExploreRun, LeftOut } from './explore-run.ts';

const day = 86_400_000;

/** Days that the logs are kept (entra-docs reference-reports-data-retention.md), with a premium licence and without. */
const kept = { premium: 30, free: 7 } as const;

/** An hour more is no question of retention: the clock goes on while somebody types. */
const leeway = 3_600_000;

/** What of the time that was asked for is not kept any more; undefined where all is, or nobody can tell. Pure. */
function notKept(from: number, now: number, log: LogName, premium: Answer): LeftOut | undefined {
  const days = premium === 'no' ? kept.free : kept.premium;
  const oldest = now - days * day;
  if (from >= oldest - leeway) return undefined;
  const before = utcMinutes(oldest);
  const licence =
    premium === 'no' ? 'without Microsoft Entra ID P1 or P2' : 'with Microsoft Entra ID P1 or P2';
  return {
    what: `${log} before ${before}`,
    reason: 'retention',
    message: `Microsoft keeps these logs for ${days} days ${licence}: there is nothing before ${before}.`,
  };
}

/** Whether the tenant has a premium licence, as far as the application may see. */
async function readPremium({ session }: ExploreRun): Promise<Answer> {
  const sight = await readIfPossible(session.directory(), async (optional) =>
    parseTenant(
      await optional.send({
        method: 'GET',
        path: '/organization?$select=id,displayName,tenantType,assignedPlans,verifiedDomains',
        purpose: 'read the licences of the tenant',
      }),
    ),
  );
  return 'value' in sight ? sight.value.premium : 'unknown';
}

/** Says where more was asked for than is kept; the licence is read only where it makes the difference. */
export async function tellRetention(from: number, log: LogName, run: ExploreRun): Promise<void> {
  const now = run.startedAt;
  if (from >= now - kept.free * day - leeway) return;
  // Sign-ins that can be read at all are those of a tenant with a licence.
  const premium = log === 'sign-ins' ? 'yes' : await readPremium(run);
  const left = notKept(from, now, log, premium);
  if (left) {
    run.leftOut.push(left);
    run.io.report.warn(left.message);
  } else if (premium === 'unknown') {
    run.io.report.warn(
      'Cannot tell whether the tenant has Microsoft Entra ID P1 or P2: without it these logs are kept for 7 days.',
    );
  }
}

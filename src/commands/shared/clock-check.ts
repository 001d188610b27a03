import { formatDuration } from '../../core/duration.ts';
import { catalogue } from '../../core/errors.ts';
import type { Finding } from '../../core/findings.ts';

/** Milliseconds by which clocks may differ before it is told. Entra itself allows about five minutes. */
const tolerance = 120_000;

const minutesOfDay = 1_440;

/** `10 minutes`; days alone where there are any. */
function describeSkew(milliseconds: number): string {
  const minutes = Math.round(Math.abs(milliseconds) / 60_000);
  const days = Math.round(minutes / minutesOfDay);
  return formatDuration(
    minutes < minutesOfDay ? { months: 0, days: 0, seconds: minutes * 60 } : { months: 0, days, seconds: 0 },
  );
}

/**
 * A clock of this machine that differs from the servers', as a finding; none where it does not, or where no reply told
 * their time. `ahead` is in milliseconds. Pure.
 */
export function checkClock(ahead: number | undefined): Finding[] {
  if (ahead === undefined || Math.abs(ahead) <= tolerance) return [];
  const side = ahead > 0 ? 'ahead of' : 'behind';
  return [
    {
      id: 'network.clock',
      title: "This machine's clock",
      status: 'warn',
      evidence: `it is ${describeSkew(ahead)} ${side} the servers' (told by the Date of their replies)`,
      remedy: catalogue['clock-skewed'].remedy,
      code: 'clock-skewed',
    },
  ];
}

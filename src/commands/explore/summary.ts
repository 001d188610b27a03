import { type Fields, fieldsOf, textOf } from '../../core/fields.ts';
import { errorMeaning } from '../../tenant/logs/error-meanings.ts';
import type { LogStream } from '../../tenant/logs/log-streams.ts';
import { errorCodeOf, outcomeOf, type RowOutcome } from '../../tenant/logs/row-conditions.ts';
import { valueAt } from './row-columns.ts';

/** How often something occurred. Names are as Graph has them: not made safe to print. */
export interface Count {
  readonly name: string;
  readonly total: number;
  readonly failed: number;
}

/** What happened in one hour. */
export interface HourCount {
  /** ISO 8601, the full hour in UTC. */
  readonly hour: string;
  readonly total: number;
  readonly failed: number;
  readonly interrupted: number;
  /** Rows that do not say how it ended. */
  readonly unknown: number;
}

/** How often sign-ins ended with an error code. */
export interface ErrorCount {
  readonly code: number;
  /** In words; empty where nobody knows. */
  readonly meaning: string;
  readonly total: number;
  /** The sign-in was interrupted, which is no failure. */
  readonly isInterruption: boolean;
}

/** Rows of a log between two times, ISO 8601. */
export interface SummaryRange {
  readonly from: string;
  readonly until: string;
  /** False for a sample: the newest rows, as far back as `from`. */
  readonly isComplete: boolean;
}

/** Sign-ins in numbers; lists are sorted, most frequent first. */
export interface SignInSummary extends SummaryRange {
  readonly total: number;
  /** Interruptions are counted apart, and so are rows that do not say how it ended. */
  readonly failed: number;
  readonly interrupted: number;
  readonly unknown: number;
  /** Every hour of the range, in order; of one that is longer than the logs are kept, the latest 92 days. */
  readonly byHour: readonly HourCount[];
  readonly topApps: readonly Count[];
  readonly topUsers: readonly Count[];
  readonly topErrors: readonly ErrorCount[];
  readonly byCountry: readonly Count[];
  readonly byClient: readonly Count[];
  /** Risk levels while signing in; empty where the tenant's licence hides them. */
  readonly byRisk: readonly Count[];
  /** Sign-ins whose risk Microsoft says it hides: that is another thing than none. */
  readonly hiddenRisk: number;
}

/** Changes to the directory in numbers. */
export interface AuditSummary extends SummaryRange {
  readonly total: number;
  readonly failed: number;
  /** Rows that do not say how it ended. */
  readonly unknown: number;
  readonly byHour: readonly HourCount[];
  readonly topActivities: readonly Count[];
  readonly topActors: readonly Count[];
  readonly byCategory: readonly Count[];
  readonly byResult: readonly Count[];
}

/** What provisioning did, in numbers. */
export interface ProvisioningSummary extends SummaryRange {
  readonly total: number;
  readonly failed: number;
  /** Rows that do not say how it ended. */
  readonly unknown: number;
  readonly byHour: readonly HourCount[];
  readonly byAction: readonly Count[];
  readonly bySystem: readonly Count[];
  readonly byResult: readonly Count[];
}

/** Entries of a list at most: what is behind them matters to nobody. */
const longest = 50;

const hour = 3_600_000;

/** So many hours at most are listed one by one: the latest ones. */
const mostHours = 24 * 92;

/** Counts names. */
class Tally {
  private readonly counts = new Map<string, { total: number; failed: number }>();

  add(name: string, outcome: RowOutcome): void {
    if (name === '') return;
    const count = this.counts.get(name) ?? { total: 0, failed: 0 };
    count.total += 1;
    if (outcome === 'failure') count.failed += 1;
    this.counts.set(name, count);
  }

  list(): Count[] {
    return [...this.counts]
      .map(([name, count]) => ({ name, ...count }))
      .sort((a, b) => b.total - a.total || (a.name < b.name ? -1 : 1))
      .slice(0, longest);
  }
}

/** Counts what happened hour by hour. */
class Hours {
  private readonly counts = new Map<
    number,
    { total: number; failed: number; interrupted: number; unknown: number }
  >();
  total = 0;
  failed = 0;
  interrupted = 0;
  unknown = 0;

  add(at: number, outcome: RowOutcome): void {
    const start = Math.floor(at / hour) * hour;
    const count = this.counts.get(start) ?? { total: 0, failed: 0, interrupted: 0, unknown: 0 };
    for (const one of [count, this]) {
      one.total += 1;
      if (outcome === 'failure') one.failed += 1;
      if (outcome === 'interrupted') one.interrupted += 1;
      if (outcome === 'unknown') one.unknown += 1;
    }
    this.counts.set(start, count);
  }

  list(from: number, until: number): HourCount[] {
    const last = Math.floor(until / hour);
    const count = Math.min(mostHours, last - Math.floor(from / hour) + 1);
    const first = last - count + 1;
    return Array.from({ length: count }, (_, index) => {
      const start = (first + index) * hour;
      const { total = 0, failed = 0, interrupted = 0, unknown = 0 } = this.counts.get(start) ?? {};
      return { hour: new Date(start).toISOString(), total, failed, interrupted, unknown };
    });
  }
}

/** Neighbouring hours put together, so that they are no more than so many. Pure. */
export function groupHours(hours: readonly HourCount[], most: number): readonly HourCount[] {
  const size = Math.ceil(hours.length / most);
  if (size <= 1) return hours;
  return Array.from({ length: Math.ceil(hours.length / size) }, (_, index) => {
    const part = hours.slice(index * size, (index + 1) * size);
    const sum = (key: 'total' | 'failed' | 'interrupted' | 'unknown'): number =>
      part.reduce((total, one) => total + one[key], 0);
    return {
      hour: part[0]?.hour ?? '',
      total: sum('total'),
      failed: sum('failed'),
      interrupted: sum('interrupted'),
      unknown: sum('unknown'),
    };
  });
}

/** The range that rows were read of; milliseconds. */
export interface ReadRange {
  readonly from: number;
  readonly until: number;
  readonly isComplete: boolean;
}

const rangeOf = ({ from, until, isComplete }: ReadRange): SummaryRange => ({
  from: new Date(from).toISOString(),
  until: new Date(until).toISOString(),
  isComplete,
});

/** Adds rows up, one at a time, and gives what they amount to: no row is kept. */
export interface Summing<T> {
  readonly add: (row: Fields, at: number, stream: LogStream) => void;
  readonly value: (range: ReadRange) => T;
}

const firstOf = (row: Fields, ...names: readonly string[]): string =>
  names.map((name) => textOf(valueAt(row, name))).find((text) => text !== '') ?? '';

/** Levels that say that nothing is to be seen, or that there was nothing. */
const noRisk = ['', 'hidden'];

/** Sums sign-ins of any kind up. */
export function summingSignIns(): Summing<SignInSummary> {
  const hours = new Hours();
  const [apps, users, countries, clients, risks] = [
    new Tally(),
    new Tally(),
    new Tally(),
    new Tally(),
    new Tally(),
  ];
  const errors = new Map<number, { total: number; meaning: string; isInterruption: boolean }>();
  let hiddenRisk = 0;
  return {
    add(row, at) {
      const outcome = outcomeOf('sign-ins', row);
      hours.add(at, outcome);
      apps.add(firstOf(row, 'appDisplayName', 'appId'), outcome);
      users.add(
        firstOf(row, 'userPrincipalName', 'userDisplayName', 'servicePrincipalName', 'userId'),
        outcome,
      );
      countries.add(firstOf(row, 'location.countryOrRegion'), outcome);
      clients.add(firstOf(row, 'clientAppUsed', 'clientCredentialType'), outcome);
      const risk = firstOf(row, 'riskLevelDuringSignIn');
      if (risk === 'hidden') hiddenRisk += 1;
      if (!noRisk.includes(risk)) risks.add(risk, outcome);
      const code = errorCodeOf(row);
      if (outcome === 'success' || code === undefined) return;
      const meaning = errorMeaning(code, textOf(fieldsOf(row['status'])['failureReason']));
      const count = errors.get(code) ?? { total: 0, meaning, isInterruption: outcome === 'interrupted' };
      count.total += 1;
      errors.set(code, count);
    },
    value: (range) => ({
      total: hours.total,
      failed: hours.failed,
      unknown: hours.unknown,
      interrupted: hours.interrupted,
      ...rangeOf(range),
      byHour: hours.list(range.from, range.until),
      topApps: apps.list(),
      topUsers: users.list(),
      topErrors: [...errors]
        .map(([code, count]) => ({ code, ...count }))
        .sort((a, b) => b.total - a.total || a.code - b.code)
        .slice(0, longest),
      byCountry: countries.list(),
      byClient: clients.list(),
      byRisk: risks.list(),
      hiddenRisk,
    }),
  };
}

/** Sums changes to the directory up. */
export function summingAudits(): Summing<AuditSummary> {
  const hours = new Hours();
  const [activities, actors, categories, results] = [new Tally(), new Tally(), new Tally(), new Tally()];
  return {
    add(row, at) {
      const outcome = outcomeOf('audits', row);
      hours.add(at, outcome);
      activities.add(firstOf(row, 'activityDisplayName'), outcome);
      categories.add(firstOf(row, 'category'), outcome);
      results.add(firstOf(row, 'result'), outcome);
      actors.add(
        firstOf(
          row,
          'initiatedBy.user.userPrincipalName',
          'initiatedBy.user.displayName',
          'initiatedBy.app.displayName',
          'initiatedBy.user.id',
          'initiatedBy.app.appId',
        ),
        outcome,
      );
    },
    value: (range) => ({
      total: hours.total,
      failed: hours.failed,
      unknown: hours.unknown,
      ...rangeOf(range),
      byHour: hours.list(range.from, range.until),
      topActivities: activities.list(),
      topActors: actors.list(),
      byCategory: categories.list(),
      byResult: results.list(),
    }),
  };
}

/** Sums provisioning up. */
export function summingProvisioning(): Summing<ProvisioningSummary> {
  const hours = new Hours();
  const [actions, systems, results] = [new Tally(), new Tally(), new Tally()];
  return {
    add(row, at) {
      const outcome = outcomeOf('provisioning', row);
      hours.add(at, outcome);
      actions.add(firstOf(row, 'provisioningAction'), outcome);
      systems.add(firstOf(row, 'targetSystem.displayName'), outcome);
      results.add(firstOf(row, 'provisioningStatusInfo.status'), outcome);
    },
    value: (range) => ({
      total: hours.total,
      failed: hours.failed,
      unknown: hours.unknown,
      ...rangeOf(range),
      byHour: hours.list(range.from, range.until),
      byAction: actions.list(),
      bySystem: systems.list(),
      byResult: results.list(),
    }),
  };
}

/** What happened, in numbers: null where a log was not asked for or could not be read. */
export interface Summary {
  readonly signIns: SignInSummary | null;
  readonly audits: AuditSummary | null;
}

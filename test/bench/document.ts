import { availableParallelism, cpus } from 'node:os';
import type { ExportCost } from './export.ts';
import type { FleetCost } from './fleet.ts';
import type { InstallCost } from './install.ts';
import type { Cost } from './measure.ts';
import type { StartUp } from './startup.ts';
import { jobs } from './wizard.ts';

/** Everything that was measured. */
export interface Measured {
  /** By latency in milliseconds. */
  readonly wizard: readonly { readonly latency: number; readonly costs: Readonly<Record<string, Cost>> }[];
  readonly az: readonly { readonly latency: number; readonly cost: Cost }[];
  readonly fleet: readonly FleetCost[];
  readonly exports: readonly ExportCost[];
  readonly install: readonly InstallCost[];
  /** Milliseconds that an empty program takes. */
  readonly empty: number;
  readonly startUp: readonly StartUp[];
}

const ms = (value: number): string => `${Math.round(value)} ms`;
const megabytes = (bytes: number): string => `${Math.round(bytes / 1_000_000)} MB`;

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows];
  const widths = head.map((_cell, index) => Math.max(...all.map((row) => row[index]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    `| ${widths.map((width, index) => (row[index] ?? '').padEnd(width)).join(' | ')} |`;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [line(head), rule, ...rows.map(line)].join('\n');
}

function jobRow(job: string, latency: number, cost: Cost, floor: number | undefined): string[] {
  const least = floor === undefined || latency === 0 ? undefined : floor * latency;
  return [
    job,
    ms(latency),
    cost.chain === undefined ? '' : String(cost.chain),
    cost.chain === undefined || cost.signIn === undefined ? '' : String(cost.chain - cost.signIn),
    String(cost.requests),
    String(cost.connections),
    `${Math.round(cost.bytes / 1_000)} kB`,
    ms(cost.wall),
    least === undefined ? '' : ms(least),
    least === undefined ? '' : ms(cost.wall - least),
    least === undefined ? '' : (cost.wall / least).toFixed(2),
  ];
}

const jobHead = [
  'Job',
  'Latency',
  'One after the other',
  'Of these Graph and its token',
  'Requests',
  'Connections',
  'Bytes',
  'Time',
  'Floor',
  'Beyond it',
  'Time / floor',
];

function jobTable({ wizard, az }: Measured): string {
  const own = jobs.flatMap(({ name, floor }) =>
    wizard.flatMap(({ latency, costs }) => {
      const cost = costs[name];
      return cost ? [jobRow(name, latency, cost, floor)] : [];
    }),
  );
  const others = az.map(({ latency, cost }) => jobRow('az, the same job', latency, cost, undefined));
  return table(jobHead, [...own, ...others]);
}

function fleetTable(fleet: readonly FleetCost[]): string {
  return table(
    ['Tenants', 'Heap', 'Time', 'Per tenant', 'Memory at 1/4', 'at 1/2', 'at 3/4', 'at most'],
    fleet.map(({ tenants, heap, wall, memory }) => [
      String(tenants),
      heap === undefined ? '' : `at most ${heap} MB`,
      `${(wall / 1_000).toFixed(1)} s`,
      ms(wall / tenants),
      ...[memory.quarter, memory.half, memory.threeQuarters, memory.most].map(megabytes),
    ]),
  );
}

/** Rows a second that Microsoft's limit allows: 5 requests of 999 rows in 10 seconds. */
const allowed = 499.5;

function exportTable(exports: readonly ExportCost[]): string {
  return table(
    [
      'Client',
      'Rows',
      'Throttled at best',
      'Time',
      'Rows a second',
      'Processor',
      'Processor, a million rows',
      'Memory at most',
      'File',
    ],
    exports.map(({ client, rows, wall, processor, memory, size }) => [
      client,
      rows.toLocaleString('en-US'),
      `${Math.ceil(rows / allowed)} s`,
      `${(wall / 1_000).toFixed(1)} s`,
      Math.round((rows / wall) * 1_000).toLocaleString('en-US'),
      `${(processor / 1_000).toFixed(1)} s`,
      `${((processor / rows) * 1_000).toFixed(0)} s`,
      megabytes(memory),
      megabytes(size),
    ]),
  );
}

function installTable(install: readonly InstallCost[]): string {
  return table(
    ['Until the first run', 'Packages', 'On disk', 'Time'],
    install.map(({ name, packages, size, wall }) => [
      name,
      String(packages),
      `${(size / 1_000_000).toFixed(1)} MB`,
      `${(wall / 1_000).toFixed(1)} s`,
    ]),
  );
}

/** The tables, with what they were measured on. */
export function describeMeasured(measured: Measured): string {
  const machine = `Node ${process.versions.node}, ${availableParallelism()} × ${cpus()[0]?.model ?? 'unknown processor'}`;
  const startUp = measured.startUp.map(
    ({ argument, ratio }) => `\`${argument}\` takes ${ratio.toFixed(2)} times as long`,
  );
  const az = measured.az.length === 0 ? '\n\naz is not installed where this was measured.' : '';
  return [
    `Measured on ${machine}, program and sandbox on the same machine. An empty program (\`node -e 0\`) takes ${ms(measured.empty)} there; ${startUp.join(', ')}.`,
    jobTable(measured) + az,
    'Many tenants, `verify --concurrency 16`, one process, no latency:',
    fleetTable(measured.fleet),
    `Taking sign-ins along (\`explore --output\`) from a tenant without its throttle, and the same by a plain script. With its throttle Microsoft allows ${allowed} rows a second, ${Math.ceil(1_000_000 / allowed / 60)} minutes for a million, which is _throttled at best_:`,
    exportTable(measured.exports),
    'With an empty npm cache, from the registry that is configured:',
    installTable(measured.install),
  ].join('\n\n');
}

const markers = ['<!-- measured -->', '<!-- /measured -->'] as const;

/** The document with what stands between its markers replaced. Throws where it has none. */
export function withMeasured(document: string, text: string): string {
  const [from, to] = markers.map((marker) => document.indexOf(marker));
  if (from === undefined || to === undefined || from < 0 || to < from) throw new Error('No markers.');
  return `${document.slice(0, from + markers[0].length)}\n\n${text}\n\n${document.slice(to)}`;
}

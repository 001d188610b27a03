import { expect } from 'vitest';
import { fieldsOf, parseJson } from '../../../src/core/fields.ts';
import { createWorld, type World } from '../../helpers/world.ts';

/** A world of some scenarios with a credential in it. */
export async function exploreWorld(scenario: string): Promise<World> {
  const world = await createWorld({ scenarios: scenario.split(',') });
  const set = await world.run(['--sandbox', scenario, '--yes', '--no-input']);
  expect([0, 6], set.stderr).toContain(set.code);
  return world;
}

/** The objects of some lines of JSON. */
export const objectsIn = (ndjson: string) =>
  ndjson
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => fieldsOf(parseJson(line)));

export const idsIn = (ndjson: string): string[] => objectsIn(ndjson).map(({ id }) => String(id));

/** Requests for rows that reached Graph. */
export const logRequests = ({ sandbox }: World) =>
  sandbox.requests.filter(({ kind, url }) => kind === 'graph' && url.includes('/auditLogs/'));

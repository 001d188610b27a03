import { expect, it, onTestFinished } from 'vitest';
import { openConnectionPool } from '../../../src/commands/shared/connection.ts';
import { startSandbox } from '../../../src/sandbox/index.ts';
import { connectTo } from '../../helpers/signing-in.ts';

it('gives each application in its tenant one pace, and all who trust the same one set of connections', async () => {
  const sandbox = await startSandbox({ scenarios: ['default'] });
  onTestFinished(() => sandbox.stop());
  const { io, connection } = connectTo(sandbox);
  const { cloud } = connection;
  const waited: number[] = [];
  const clocked = {
    ...io,
    now: () => new Date(0),
    sleep: async (delay: number) => {
      waited.push(delay);
      throw new Error('It would wait.');
    },
  };
  const pool = openConnectionPool(clocked);
  onTestFinished(() => pool.close());
  const first = pool.reach({ tenantId: 'T1', clientId: 'A' }, cloud, io);
  const same = pool.reach({ tenantId: 't1', clientId: 'a' }, cloud, io);
  const others = [
    pool.reach({ tenantId: 'T2', clientId: 'A' }, cloud, io),
    pool.reach({ tenantId: 'T1', clientId: 'B' }, cloud, io),
    pool.reach({ tenantId: 'T1', clientId: 'A' }, { ...cloud, graphUrl: 'https://graph.example' }, io),
  ];
  for (let read = 0; read < 5; read += 1) await first.pace('/auditLogs/signIns');
  await expect(same.pace('/auditLogs/signIns')).rejects.toThrow('It would wait.');
  expect(waited).toEqual([10_100]);
  for (const other of others) await other.pace('/auditLogs/signIns');
  // Closing one does not close the way of the others.
  await first.close();
  expect((await same.transport.fetch(`${sandbox.graphUrl}/v1.0/`)).status).toBe(401);
  expect(sandbox.traffic().connections).toBe(1);
});

import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { runProcess } from '../helpers/tenants.ts';
import { type Cost, costOf, inNewPlace } from './measure.ts';

/** Whether az can be asked here. */
export function hasAz(): boolean {
  try {
    execFileSync('az', ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** The same job as a new setup, done by az commands one after the other. The time is that of the commands alone. */
export function measureAz(latency: number): Promise<Cost> {
  return inNewPlace(latency, async (place) => {
    const { sandbox, folder, env } = place;
    let commands = 0;
    const cost = await costOf(place, async () => {
      const argv = [join(import.meta.dirname, 'az.sh'), sandbox.authorityHost, sandbox.graphUrl];
      const { code, stdout, stderr } = await runProcess('bash', argv, { cwd: folder, env });
      if (code !== 0) throw new Error(`az did not get to the end: ${stderr}`);
      commands = Number(stdout.trim());
    });
    return { ...cost, wall: commands };
  });
}

// Runs the built program once without waiting for the quota, whose server has none: time passes at once where it sleeps. What
// it cost goes to the file that COST names, if it does: processor milliseconds and bytes of memory at most.
import { writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const [main, ...argv] = process.argv.slice(2);
let slept = 0;
const host = {
  env: process.env,
  cwd: process.cwd(),
  platform: process.platform,
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  now: () => new Date(Date.now() + slept),
  sleep: async (milliseconds, signal) => {
    signal.throwIfAborted();
    slept += milliseconds;
  },
  timeoutSignal: (milliseconds) => AbortSignal.timeout(milliseconds),
  random: Math.random,
  randomUUID: () => crypto.randomUUID(),
  onStop: () => () => undefined,
  makeTemporaryFolder: async () => process.cwd(),
  stateFolder: async () => `${process.cwd()}/state`,
  startSandbox: () => Promise.reject(new Error('There is a server already.')),
};
const { main: run } = await import(pathToFileURL(main).href);
process.exitCode = await run(argv, host);
const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
const cost = { processor: (userCPUTime + systemCPUTime) / 1_000, memory: maxRSS * 1_024, slept };
if (process.env.COST) writeFileSync(process.env.COST, JSON.stringify(cost));
process.stdin.destroy();

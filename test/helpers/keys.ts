import { createSandboxKeys, type SandboxKeys } from '../../src/sandbox/index.ts';

let keys: Promise<SandboxKeys> | undefined;

/** Made once for each test process: a key pair takes longer than a whole run of the command line. */
export function sharedKeys(): Promise<SandboxKeys> {
  keys ??= createSandboxKeys();
  return keys;
}

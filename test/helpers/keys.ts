import { webcrypto } from 'node:crypto';
import { createSandboxKeys, type SandboxKeys } from '../../src/sandbox/index.ts';

let keys: Promise<SandboxKeys> | undefined;

/** Made once for each test process: a key pair takes longer than a whole run of the command line. */
export function sharedKeys(): Promise<SandboxKeys> {
  keys ??= createSandboxKeys();
  return keys;
}

/** Certificates of one run that differ: the current one, its successor, and what comes behind that. */
const poolSize = 4;

const algorithm = {
  name: 'RSASSA-PKCS1-v1_5',
  hash: 'SHA-256',
  modulusLength: 2_048,
  publicExponent: new Uint8Array([1, 0, 1]),
};

const pool: Promise<webcrypto.CryptoKeyPair>[] = [];
let taken = 0;

/** Key pairs for certificates that runs make, in turn: made once for each test process, and shorter than the program's own. */
export function pooledKeyPair(): Promise<webcrypto.CryptoKeyPair> {
  const at = taken % poolSize;
  taken += 1;
  const pair = pool[at] ?? webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  pool[at] = pair;
  return pair;
}

import { execFile, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const script = fileURLToPath(new URL('az.sh', import.meta.url));
const found = spawnSync('sh', ['-c', 'command -v az']).status === 0;

interface Run {
  readonly code: number | string | null;
  readonly lines: readonly string[];
}

function runScript(): Promise<Run> {
  return new Promise((resolve) => {
    execFile('bash', [script], { timeout: 170_000 }, (error, stdout) => {
      resolve({ code: error === null ? 0 : (error.code ?? null), lines: stdout.trimEnd().split('\n') });
    });
  });
}

const title = found ? 'the Azure CLI' : 'the Azure CLI (skipped: az is not installed)';

describe.skipIf(!found)(title, () => {
  it('signs in to the sandbox tenant and uses it as it would use a real one', {
    timeout: 180_000,
  }, async () => {
    const { code, lines } = await runScript();
    expect(lines.filter((line) => !line.startsWith('ok '))).toEqual([]);
    expect(lines).toContain('ok az rest reads auditLogs/signIns');
    expect(code).toBe(0);
  });
});

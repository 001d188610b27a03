import { it } from 'vitest';
import { build } from '../terminal/built.ts';
import { measureWizard } from './wizard.ts';
it('x', async () => {
  const b = await build();
  for (const l of [0, 200]) {
    const c = await measureWizard(b.program, l, 3);
    process.stdout.write(JSON.stringify(c) + '\n');
  }
  await b.remove();
});

import { expect, it } from 'vitest';
import { createWorld } from '../../helpers/world.ts';

const powershell = {
  USERPROFILE: 'C:\\Users\\ada',
  PSModulePath: 'C:\\Users\\ada\\Documents\\WindowsPowerShell\\Modules',
};

it('speaks as Windows does', async () => {
  const world = await createWorld({ scenarios: ['app-admin'] });
  const words = ['--sandbox', '--yes', '--output', 'my file.json', '--app-name', 'Zürich $x'];
  const shown = await world.run(words, { platform: 'win32', env: powershell });
  expect(shown.code).toBe(5);
  expect(shown.stderr).toContain(`--output "my file.json" --app-name 'Zürich $x'`);
  const inCmd = await world.run(words, { platform: 'win32', env: { PROMPT: '$P$G' } });
  expect(inCmd.stderr).toContain(`--output "my file.json" --app-name "Zürich $x"`);

  const { stdout, json } = await world.run([...words, '--json'], { platform: 'win32', env: powershell });
  expect(stdout).toMatch(/^[\n -~]+$/);
  expect(stdout).toContain('Z\\u00fcrich');
  expect(JSON.stringify(json())).toContain('Zürich');

  const verify = ['verify', '--sandbox', '--config', 'none.json'];
  const asJson = await world.run([...verify, '--json'], { platform: 'win32', env: { npm_command: 'exec' } });
  const [missing] = asJson.json().checks.filter(({ code }) => code === 'config-missing');
  expect(missing?.remedy).toContain('npx reporting-setup');
});

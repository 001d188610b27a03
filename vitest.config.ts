import { defineConfig } from 'vitest/config';
import './test/helpers/node-warnings.ts';

export default defineConfig({
  // On two cores vitest would by itself start one; some files wait for other programs most of the time.
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/helpers/node-warnings.ts'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    maxWorkers: 3,
    isolate: false,
  },
});

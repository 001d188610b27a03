import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/chaos/*.chaos.ts'],
    globalSetup: ['test/chaos/report.ts'],
    testTimeout: 0,
    hookTimeout: 60_000,
    maxWorkers: 2,
  },
});

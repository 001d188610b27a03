import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/bench/bench.ts'],
    testTimeout: 1_800_000,
    disableConsoleIntercept: true,
  },
});

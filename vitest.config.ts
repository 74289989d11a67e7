/** How tests run on both runtimes: two workers, which fill the smallest machine we know; nothing is watched. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'threads',
    maxWorkers: 2,
    watch: false,
    // Modules are imported as the runtime itself does. With vitest's own guess, `import { z } from 'zod'` is undefined on Bun.
    deps: { interopDefault: false },
    testTimeout: 15_000,
    hookTimeout: 30_000,
    teardownTimeout: 5_000,
  },
});

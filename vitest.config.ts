/** How tests run on both runtimes: two workers, which fill the smallest machine we know; nothing is watched. */
import { defineConfig } from 'vitest/config';
import { patience, testMs } from './test/support/patience.ts';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'threads',
    maxWorkers: 2,
    watch: false,
    // Modules are imported as the runtime itself does. With vitest's own guess, `import { z } from 'zod'` is undefined on Bun.
    deps: { interopDefault: false },
    // What hangs ends at last; what is slow does not fail for it.
    testTimeout: testMs,
    hookTimeout: testMs,
    teardownTimeout: 30_000,
    expect: { poll: patience },
  },
});

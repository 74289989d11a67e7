/**
 * How tests run on both runtimes: two workers, which fill the smallest machine we know; nothing is watched. Most files share the
 * modules of their worker, which are loaded once and not four hundred times; what leaves something behind in its process has its own.
 */
import { defineConfig } from 'vitest/config';
import { patience, testMs } from './test/support/patience.ts';

/** What hangs on the machine, or takes long: once is enough, on one runtime. */
const once = ['test/**/*.{browser,redis,kubectl,prometheus,slow}.test.ts', 'test/**/browser/**/*.test.ts'];
/** Whole products and their surroundings, what is set for a process once, and what counts how often something is loaded. */
const alone = ['test/{chaos,clients,demo,deploy,edge,end-to-end,observe,walk}/**/*.test.ts', 'test/adapters/drawing.test.ts'];
const usual = ['**/node_modules/**'];

export default defineConfig({
  test: {
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
    projects: [
      { extends: true, test: { name: 'once', include: once, exclude: usual } },
      { extends: true, test: { name: 'alone', include: alone, exclude: [...usual, ...once] } },
      {
        extends: true,
        test: {
          name: 'together',
          include: ['test/**/*.test.ts'],
          exclude: [...usual, ...once, ...alone],
          isolate: false,
          restoreMocks: true,
        },
      },
    ],
  },
});

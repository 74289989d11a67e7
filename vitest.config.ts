import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Bun's loader gives vitest's externalised zod no `z`; inlined, it is read like our own files.
    server: { deps: { inline: ['zod'] } },
  },
});

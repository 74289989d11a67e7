import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { sourceDigest } from './source-digest.ts';

it('changes with any file that is imported on the way, and with no other', () => {
  const root = mkdtempSync(join(tmpdir(), 'tracepulse-digest-'));
  const write = (name: string, text: string) => writeFileSync(join(root, name), text);
  write('a.ts', `import type { T } from './types.ts';\nimport {\n  b,\n  type B,\n} from './b.ts';\n`);
  write('b.ts', `export { c } from './c.ts';\n`);
  write('c.ts', `import './a.ts';\nexport const c = 1;\n`);
  write('types.ts', 'export type T = 1;\n');
  const digest = () => sourceDigest(root, ['a.ts']);
  const before = digest();
  write('types.ts', 'export type T = 2;\n');
  write('d.ts', 'export const d = 1;\n');
  expect(digest()).toBe(before);
  write('c.ts', `import './a.ts';\nexport const c = 2;\n`);
  expect(digest()).not.toBe(before);
  rmSync(root, { recursive: true });
});

/** Files that share the modules of a worker load a helper once: what it does as it is loaded happens for the first of them alone. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const hook = /^(?:before|after)(?:Each|All)\(/m;
const helpers = globSync('**/*.ts', { cwd: import.meta.dirname }).filter((file) => !file.endsWith('.test.ts'));

it('finds hooks of a module itself, and not those of a function', () => {
  expect(hook.test("import { afterEach } from 'vitest';\nafterEach(() => close());\n")).toBe(true);
  expect(hook.test('export function closeAfterEach(): void {\n  afterEach(() => close());\n}\n')).toBe(false);
});

it('helpers of tests have no hooks of their own', () => {
  expect(helpers.length).toBeGreaterThan(100);
  expect(helpers.filter((file) => hook.test(readFileSync(join(import.meta.dirname, file), 'utf8')))).toEqual([]);
});

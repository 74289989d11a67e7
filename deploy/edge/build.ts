/**
 * `npm run build:edge [-- --target linux-x64,linux-arm64 --out FOLDER]`: one executable per target with everything inside, for
 * machines without Node and npm. Bun compiles the program as it is; what the program reads from files beside it (a font, a
 * WebAssembly module, the page of the workspace) is put inside by the two rules below. The second target is made from that
 * platform's own Bun, which comes from the npm registry like any package.
 */
import { mkdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { pageFiles, readPageFile } from '../../src/workspace/page/server/page-files.ts';

interface Loaded {
  readonly contents: string;
  readonly loader: 'ts';
}

interface BuildSetup {
  onLoad(which: { readonly filter: RegExp }, load: (file: { readonly path: string }) => Loaded): void;
}

interface BunBuild {
  build(options: {
    readonly entrypoints: readonly string[];
    readonly compile: { readonly target: string; readonly outfile: string };
    readonly minify: boolean;
    readonly plugins: readonly { readonly name: string; setup(build: BuildSetup): void }[];
  }): Promise<{ readonly success: boolean; readonly logs: readonly unknown[] }>;
}

const root = resolve(import.meta.dirname, '../..');
const { resolve: locate } = createRequire(import.meta.url);

/** Every target that is made; anything else is a mistake worth a word. */
export const targets: readonly string[] = ['linux-x64', 'linux-arm64'];

/** `require.resolve('some/file')` becomes the place of that file inside the executable. */
export function withFilesInside(source: string): string {
  const found = [...new Set([...source.matchAll(/require\.resolve\('([^']+)'\)/g)].map((match) => match[1] ?? ''))];
  const imports = found.map((name, n) => `import inside${n} from ${JSON.stringify(locate(name))} with { type: 'file' };`);
  const body = found.reduce((text, name, n) => text.replaceAll(`require.resolve('${name}')`, `inside${n}`), source);
  return [...imports, body].join('\n');
}

/** The module in place of `page-files.ts`: the same exports, with the files in it. */
export function pageFilesInside(): string {
  const files = Object.fromEntries(pageFiles.map((path) => [path, readPageFile(path)]));
  return `const files = new Map<string, string>(Object.entries(${JSON.stringify(files)}));
export const pageFiles = [...files.keys()];
export function readPageFile(path: string): string {
  return files.get(path) ?? '';
}`;
}

const filesInside = {
  name: 'files inside',
  setup(build: BuildSetup) {
    build.onLoad({ filter: /[\\/]page-files\.ts$/ }, () => ({ contents: pageFilesInside(), loader: 'ts' }));
    build.onLoad({ filter: /[\\/]src[\\/]adapters[\\/]drawing\.ts$/ }, ({ path }) => ({
      contents: withFilesInside(readFileSync(path, 'utf8')),
      loader: 'ts',
    }));
  },
};

/** Makes one executable and says where it is. It appears under its name once it is whole. */
export async function buildEdge(target: string, folder: string): Promise<string> {
  const bun = (globalThis as { readonly Bun?: BunBuild }).Bun;
  if (bun === undefined) throw new Error('npm run build:edge needs Bun, which npm ci installs');
  if (!targets.includes(target)) throw new Error(`${JSON.stringify(target)} is no target; there are ${targets.join(' and ')}`);
  mkdirSync(folder, { recursive: true });
  const outfile = join(folder, `tracepulse-${target}`);
  const unfinished = `${outfile}.part`;
  rmSync(unfinished, { force: true });
  const { success, logs } = await bun.build({
    entrypoints: [join(root, 'src/main.ts')],
    compile: { target: `bun-${target}`, outfile: unfinished },
    minify: true,
    plugins: [filesInside],
  });
  if (!success) throw new Error(`the build for ${target} failed: ${logs.map(String).join('\n')}`);
  renameSync(unfinished, outfile);
  return outfile;
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { target: { type: 'string' }, out: { type: 'string' } } });
  for (const target of values.target?.split(',') ?? targets) {
    const file = await buildEdge(target, resolve(values.out ?? join(root, 'dist')));
    process.stdout.write(`${file} ${(statSync(file).size / 1e6).toFixed(1)} MB\n`);
  }
}

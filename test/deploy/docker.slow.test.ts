/** The image's steps in a clean tree, then what came of them, started as its ordinary user on a tree nobody may write to. */
import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Program, runOnce, startIt } from '../edge/smoke.ts';
import { copyContext, filesBelow, instructions, rehearse, remove, type Stage } from './dockerfile.ts';

const root = join(import.meta.dirname, '..', '..');
const text = readFileSync(join(root, 'Dockerfile'), 'utf8');
const user = 65_532;
const isRoot = process.getuid?.() === 0;
/** gcr.io/distroless/base-nossl-debian12 as a registry holds it, compressed: an estimate, since nothing can be fetched here. */
const baseBytes = 8e6;
const largestBytes = 150e6;

const folder = mkdtempSync(join(tmpdir(), 'tracepulse-image-'));
let image: Stage;

beforeAll(() => {
  const context = join(folder, 'context');
  copyContext(root, context);
  const { PATH = '' } = process.env;
  const environment = {
    PATH,
    HOME: folder,
    npm_config_cache: process.env['npm_config_cache'] ?? join(process.env['HOME'] ?? folder, '.npm'),
  };
  const given = { TARGETARCH: process.arch === 'arm64' ? 'arm64' : 'amd64' };
  image = rehearse(text, { context, folder: join(folder, 'stages'), environment, given });
  chmodSync(folder, 0o755);
  lock(image.folder);
}, 30 * 60_000);

afterAll(() => remove(folder));

/** Nobody may write but into /data, and that belongs to the user of the image. */
function lock(at: string): void {
  for (const entry of readdirSync(at, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    chmodSync(path, entry.isDirectory() || path.endsWith('/bin/tracepulse') ? 0o555 : 0o444);
  }
  chmodSync(join(at, 'data'), 0o755);
  if (isRoot) chownSync(join(at, 'data'), user, user);
}

function program(command: readonly string[] = image.entrypoint): Program {
  const [file = '', ...rest] = command;
  return {
    command: [join(image.folder, file), ...rest],
    environment: { ...image.environment, TRACEPULSE_DATA: join(image.folder, 'data') },
    cwd: join(image.folder, image.workdir),
    ...(isRoot ? { uid: user } : {}),
  };
}

describe('the image', () => {
  it('runs as an ordinary user on a base without a shell, and names its health check', () => {
    expect(image.base).toMatch(/^gcr\.io\/distroless\/.+:nonroot$/);
    expect(image.user).toBe(`${user}:${user}`);
    expect(image.health).toEqual([...image.entrypoint, 'health']);
    expect(image.command).toEqual(['start']);
  });

  it('holds no secret and nothing it does not need', () => {
    const settings = instructions(text).filter(({ word }) => word === 'ENV' || word === 'ARG');
    expect(settings.map(({ rest }) => rest).join(' ')).not.toMatch(/TOKEN|SECRET|PASSWORD|KEY/);
    expect([...filesBelow(image.folder).keys()].sort()).toEqual([
      'usr/local/bin/tracepulse',
      'usr/share/doc/tracepulse/LICENSE',
      'usr/share/doc/tracepulse/sbom.cdx.json',
    ]);
  });

  it('says in its bill of materials what it is made of', () => {
    const sbom = JSON.parse(readFileSync(join(image.folder, 'usr/share/doc/tracepulse/sbom.cdx.json'), 'utf8')) as {
      bomFormat: string;
      components: { name: string; version: string }[];
    };
    const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { dependencies: Record<string, string> };
    expect(sbom.bomFormat).toBe('CycloneDX');
    const listed = new Set(sbom.components.map(({ name, version }) => `${name}@${version}`));
    expect(Object.entries(dependencies).filter(([name, version]) => !listed.has(`${name}@${version}`))).toEqual([]);
  });

  it('is small', () => {
    const { stdout } = spawnSync('sh', ['-c', `tar -C '${image.folder}' -cf - usr | gzip -6 | wc -c`], { encoding: 'utf8' });
    const bytes = Number(stdout) + baseBytes;
    console.log(`image, compressed: ${(bytes / 1e6).toFixed(0)} MB, of which the base (an estimate) ${baseBytes / 1e6} MB`);
    expect(bytes).toBeGreaterThan(baseBytes);
    expect(bytes).toBeLessThan(largestBytes);
  });

  it('refuses to be reachable from outside without tokens', () => {
    const { code, errors } = runOnce(program(), image.command, { TRACEPULSE_WORKSPACE: 'on' });
    expect([code, errors]).toEqual([78, expect.stringContaining('TRACEPULSE_WEBHOOK_TOKEN')]);
  });

  it('starts, is healthy, and writes to its data alone', async () => {
    const tokens = {
      TRACEPULSE_WEBHOOK_TOKEN: 'w'.repeat(32),
      TRACEPULSE_API_TOKEN: 'a'.repeat(32),
      TRACEPULSE_WORKSPACE_PASSWORD: 'p'.repeat(16),
    };
    const before = filesBelow(image.folder);
    const running = await startIt(program(), tokens);
    try {
      expect(running.url).toContain('http://0.0.0.0:');
      const health = runOnce(program(image.health), [], { PORT: new URL(running.url).port });
      expect([health.code, health.errors]).toEqual([0, '']);
    } finally {
      expect(await running.stop()).toBe(0);
    }
    const added = [...filesBelow(image.folder).keys()].filter((path) => !before.has(path));
    expect(added.length).toBeGreaterThan(0);
    expect(added.filter((path) => !path.startsWith('data/'))).toEqual([]);
  });
});

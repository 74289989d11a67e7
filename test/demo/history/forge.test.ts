/** The product's own reader of GitHub, asking the demo's stand-in for it. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { github } from '../../../src/adapters/change-sources/github/github.ts';
import { bugs } from '../../../src/demo/history/bugs.ts';
import { type Forge, startForge } from '../../../src/demo/history/forge.ts';
import { makeHistory } from '../../../src/demo/history/history.ts';
import { patienceMs } from '../../support/patience.ts';

const path = process.env['PATH'] ?? '';
const hasGit = spawnSync('git', ['--version']).status === 0;
const now = Date.parse('2026-03-01T12:00:00Z');
const folder = mkdtempSync(join(tmpdir(), 'forge-'));
let forge: Forge | null = null;
afterAll(() => {
  forge?.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe.skipIf(!hasGit)('startForge (skipped without git)', () => {
  it('lets the release be read with its lines, once it is deployed, and harmless commits as merged', async () => {
    const bug = bugs.find(({ service }) => service === 'session')!;
    const history = await makeHistory(folder, { now, bug, path });
    forge = await startForge(history.folder, path);
    const log = { debug() {}, info() {}, warn() {}, error() {} };
    const source = github.create(github.settings.parse(forge.settings), { fetch, now: () => now, log });
    const read = async () => {
      const { changes, gaps } = await source.changes(
        { fromMs: now - 6 * 3_600_000, toMs: now + 1 },
        ['session', 'catalog', 'storefront'],
        AbortSignal.timeout(patienceMs),
        [],
      );
      expect(gaps).toEqual([]);
      return changes;
    };
    expect((await read()).map(({ kind, service }) => `${kind} of ${service}`).sort()).toEqual([
      'commit of catalog',
      'commit of session',
      'commit of storefront',
    ]);
    forge.deployed('session', bug.version, now - 10_000);
    const deployment = (await read()).find(({ kind }) => kind === 'deployment');
    expect(deployment).toMatchObject({
      service: 'session',
      version: '1.10.0',
      startedAt: now - 10_000,
      title: bug.title,
      deployedBy: 'deployment',
      files: ['services/session/package.json', 'services/session/src/verify.js'],
    });
    expect(deployment?.patches?.find(({ file }) => file.endsWith('verify.js'))?.patch).toContain(`+  const known = ${bug.edit[1]}`);
    const page = await fetch(deployment?.url ?? '');
    expect(await page.text()).toContain(bug.title);
    expect(page.headers.get('content-type')).toBe('text/plain; charset=utf-8');
  });

  it('has nothing else', async () => {
    const base = forge?.settings['GITHUB_API_URL'];
    for (const asked of [
      '/',
      '/repos/demo/shop/keys',
      '/repos/other/shop/commits',
      '/demo/shop/commit/HEAD',
      '/repos/demo/shop/commits/--all',
    ])
      expect((await fetch(`${base}${asked}`)).status).toBe(404);
  });
});

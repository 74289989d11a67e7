/** The ways that README shows into Slack and onto Redis, walked with the commands it names; the first install aside. */
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import manifest from '../../manifest.json' with { type: 'json' };
import { startWorkspaceServer } from '../../src/workspace/server.ts';
import { createWorkspace } from '../../src/workspace/workspace.ts';
import { hasRedis, startRedis } from '../redis-server.ts';
import { type Step, stopwatch } from './steps.ts';
import { walkRedis, walkSlack } from './ways.ts';

const root = join(import.meta.dirname, '..', '..');
const folder = mkdtempSync(join(tmpdir(), 'tracepulse-ways-'));
const good = 'An alarm reaches everybody it should.';

/** What a package holds, in a folder where the product may leave its data. */
beforeAll(() => {
  for (const part of ['bin', 'src', 'clients', 'manifest.json', 'package.json'])
    cpSync(join(root, part), join(folder, part), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function withSlack(walk: (slack: Awaited<ReturnType<typeof startWorkspaceServer>>, steps: Step[]) => Promise<string[]>) {
  const slack = await startWorkspaceServer({ workspace: createWorkspace({ manifest }) });
  const steps: Step[] = [];
  try {
    const said = await walk(slack, steps);
    const cards = slack.workspace.messages('debug').filter(({ text }) => text?.includes('DRILL'));
    return { said, steps, cards, refusals: slack.workspace.refusals() };
  } finally {
    await slack.stop();
  }
}

describe('a stranger', () => {
  it('gets a test alarm into Slack', async () => {
    const { said, steps, cards, refusals } = await withSlack((slack, steps) => walkSlack(folder, slack, stopwatch(steps)));
    expect(said.map((text) => text.includes(good))).toEqual([true]);
    expect(steps).toHaveLength(4);
    expect([cards.length, refusals]).toEqual([1, []]);
  });

  it.skipIf(!hasRedis)('loses no alarm and sees none twice when one of two replicas on Redis is killed', { timeout: 180_000 }, async () => {
    const redis = await startRedis(['--appendonly', 'yes']);
    try {
      const { said, cards, refusals } = await withSlack((slack, steps) => walkRedis(folder, redis.url, slack, stopwatch(steps)));
      expect(said.map((text) => text.includes(good))).toEqual([true, true, true]);
      expect(said.map((text) => /took it as (INC-\d+)/.exec(text)?.[1])).toEqual(['INC-1', 'INC-2', 'INC-3']);
      expect([cards.length, refusals]).toEqual([3, []]);
    } finally {
      await redis.stop();
    }
  });
});

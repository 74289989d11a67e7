/**
 * Walks README as a stranger would, in an empty clone of the last commit, and writes docs/walk.md with the time of each step
 * and pictures of the demo: `bun test/walk/walk.ts`. Needs git, Chromium and a Redis server; takes some minutes.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import manifest from '../../manifest.json' with { type: 'json' };
import { startWorkspaceServer } from '../../src/workspace/server.ts';
import { createWorkspace } from '../../src/workspace/workspace.ts';
import { measuredOn, table } from '../bench/page.ts';
import { askInThread } from '../end-to-end/ask-in-thread.ts';
import { launchChromium, openPage } from '../support/chromium.ts';
import { startRedis } from '../redis-server.ts';
import { done, type Step, stopwatch, type } from './steps.ts';
import { type Stage, walkDemo, walkRedis, walkSlack } from './ways.ts';

const root = join(import.meta.dirname, '..', '..');
const images = join(root, 'docs', 'images');
const installMs = 10 * 60_000;
const folder = mkdtempSync(join(tmpdir(), 'tracepulse-walk-'));
const clone = join(folder, 'tracepulse');

async function picture(page: Page, name: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.mouse.move(0, 0);
    await page.screenshot({ path: join(images, `walk-${name}-${colorScheme}.png`), caret: 'hide', animations: 'disabled' });
  }
}

async function confirmAndAsk(page: Page): Promise<void> {
  const card = page.locator('.row', { hasText: 'Most likely cause' }).first();
  await card.waitFor();
  // A card higher than the window is read from its top; the page shows the newest line.
  await card.locator('.row-name').first().scrollIntoViewIfNeeded();
  await picture(page, '2-report');
  await card.getByRole('button', { name: 'Confirm' }).first().click();
  await card
    .getByText(/[Cc]onfirmed/)
    .first()
    .waitFor();
  await picture(page, '3-confirmed');
  await card.hover();
  await card.getByRole('button', { name: 'Reply in thread' }).click();
  await askInThread(page, 'what changed');
  await picture(page, '4-asked');
}

async function demo(): Promise<Step[]> {
  const steps: Step[] = [];
  const browser = await launchChromium();
  try {
    const page = await openPage(browser, { viewport: { width: 1180, height: 900 } });
    await walkDemo(clone, stopwatch(steps), async (url: string, stage: Stage) => {
      if (stage === 'reported') return confirmAndAsk(page);
      await page.goto(`${url}/chat`);
      await page.getByText('debug').first().waitFor();
      await picture(page, '1-before');
    });
  } finally {
    await browser.close();
  }
  return steps;
}

async function withSlack(walk: (slack: Parameters<typeof walkSlack>[1], steps: Step[]) => Promise<unknown>): Promise<Step[]> {
  const steps: Step[] = [];
  const server = await startWorkspaceServer({ workspace: createWorkspace({ manifest }) });
  try {
    await walk(server, steps);
  } finally {
    await server.stop();
  }
  return steps;
}

async function onRedis(): Promise<Step[]> {
  const redis = await startRedis(['--appendonly', 'yes']);
  try {
    return await withSlack((slack, steps) => walkRedis(clone, redis.url, slack, stopwatch(steps)));
  } finally {
    await redis.stop();
  }
}

const rows = (steps: readonly Step[]) =>
  table(
    ['step', 'time'],
    steps.map(({ what, ms }) => [what, `${(ms / 1_000).toFixed(1)} s`]),
  );

function shown(name: string, alt: string): string {
  return [
    '<picture>',
    `  <source media="(prefers-color-scheme: dark)" srcset="images/walk-${name}-dark.png">`,
    `  <img alt="${alt}" src="images/walk-${name}-light.png">`,
    '</picture>',
  ].join('\n');
}

async function walk(): Promise<string> {
  const installed: Step[] = [];
  const sizes: string[] = [];
  const timed = stopwatch(installed);
  await timed('`git clone`', async () => execFileSync('git', ['clone', '-q', root, clone]));
  for (const line of ['npm ci --omit=dev', 'npm ci']) {
    await timed(`\`${line}\``, () => done(type(line, clone), installMs));
    const [mebibytes = ''] = execFileSync('du', ['-sm', join(clone, 'node_modules')], { encoding: 'utf8' }).split(/\s/);
    sizes.push(`after \`${line}\` ${mebibytes} MiB`);
  }
  const [ofDemo, ofSlack] = [await demo(), await withSlack((slack, steps) => walkSlack(clone, slack, stopwatch(steps)))];
  const ofRedis = await onRedis();
  return [
    '# README, walked',
    'Three ways from an empty clone, by the commands of the README, timed by a program that types them: `bun test/walk/walk.ts`.',
    measuredOn('bun test/walk/walk.ts'),
    `## First, in all three\n\n${rows(installed)}\n\nWhat is installed takes ${sizes.join(', ')}; without \`--omit=dev\`, what tests need comes too.`,
    'On Node 20 `npm ci` warns (`EBADENGINE`) of packages that want Node 22. They run on the Bun that it installs, so nothing has to be done.',
    `## The demo\n\n${rows(ofDemo)}`,
    `The page as soon as the demo says where it is; the shop runs well.\n\n${shown('1-before', 'The channel, still empty')}`,
    `The report, as it arrives.\n\n${shown('2-report', 'The report in the channel: the most likely cause, with evidence, Confirm and Reject')}`,
    `After *Confirm*.\n\n${shown('3-confirmed', 'The same card, confirmed')}`,
    `After asking *what changed* in its thread.\n\n${shown('4-asked', 'The answer in the thread beside the channel')}`,
    `## Slack\n\nIn Slack's place stands the workspace of \`src/workspace/workspace.ts\`, which refuses what Slack would refuse.\n\n${rows(ofSlack)}`,
    `## Redis and two replicas\n\nThe same workspace, a Redis server of this machine's own, replicas as processes. The second drill begins right after the kill.\n\n${rows(ofRedis)}`,
  ].join('\n\n');
}

try {
  writeFileSync(join(root, 'docs', 'walk.md'), `${await walk()}\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

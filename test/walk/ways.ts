/**
 * The three ways into the product that README shows, walked by its own commands in a clone: the demo, Slack, and two
 * replicas on Redis. In Slack's place stands the strict workspace, on an address of its own.
 */
import { join } from 'node:path';
import type { Workspace } from '../../src/workspace/workspace.ts';
import { freePort } from '../support/free-port.ts';
import { patienceMs } from '../support/patience.ts';
import { done, type Timed, type Typed, type } from './steps.ts';

const startMs = patienceMs;
const drillMs = patienceMs;
const promisedMs = patienceMs;
const endMs = patienceMs;

export type Stage = 'up' | 'reported';

/** `see` looks at the page where the walk stands still. */
export async function walkDemo(clone: string, timed: Timed, see: (url: string, stage: Stage) => Promise<void>): Promise<void> {
  const demo = type('npm run demo', clone);
  try {
    const [, url = ''] = await timed('`npm run demo`, until it says where to watch', () => demo.hears(/Watch it at (\S+)\/chat/, startMs));
    await see(url, 'up');
    await timed('until the report stands in the channel', () => demo.hears('The report names it', promisedMs));
    await see(url, 'reported');
  } finally {
    demo.signal('SIGINT');
    await timed('Ctrl-C, until all of it has ended', () => ended(demo));
  }
}

export interface Slack {
  readonly workspace: Workspace;
  readonly apiUrl: string;
}

function slackSettings({ workspace, apiUrl }: Slack): string {
  const { bot, app } = workspace.tokens;
  return `SLACK_API_URL=${apiUrl} SLACK_APP_TOKEN=${app} SLACK_BOT_TOKEN=${bot} SLACK_CHANNEL='#debug'`;
}

export async function walkSlack(clone: string, slack: Slack, timed: Timed): Promise<string[]> {
  const port = await freePort();
  const settings = { TRACEPULSE_DATA: join(clone, 'data-slack'), PORT: String(port) };
  const words = slackSettings(slack);
  await timed('`tracepulse check`', () => done(type(`${words} npx tracepulse check`, clone, settings), startMs));
  const product = type(`${words} npm start`, clone, settings);
  try {
    await timed('`npm start`, until it listens', () => product.hears('TracePulse listens on', startMs));
    const said = await timed('`tracepulse drill`, until Slack has the alarm', () =>
      done(type(`${words} npx tracepulse drill`, clone, settings), drillMs),
    );
    return [said];
  } finally {
    product.signal('SIGTERM');
    await timed('SIGTERM, until it has ended', () => ended(product));
  }
}

/** Two replicas on two ports, a drill through each, the first killed in between and started again. */
export async function walkRedis(clone: string, redisUrl: string, slack: Slack, timed: Timed): Promise<string[]> {
  const [first, second] = [String(await freePort()), String(await freePort())];
  const words = `${slackSettings(slack)} REDIS_URL=${redisUrl}`;
  const start = (port: string) => type(`${words} PORT=${port} npm start`, clone, { TRACEPULSE_DATA: join(clone, `data-${port}`) });
  const drill = (port: string) => done(type(`${words} PORT=${port} npx tracepulse drill`, clone), drillMs);
  const running: Typed[] = [];
  try {
    const [one, two] = [start(first), start(second)];
    running.push(one, two);
    await timed('two of `npm start` on two ports, until both listen', () =>
      Promise.all([one, two].map((replica) => replica.hears('TracePulse listens on', startMs))),
    );
    const said = [await timed('`tracepulse drill` through the first', () => drill(first))];
    one.signal('SIGKILL');
    await one.ended;
    said.push(await timed('`tracepulse drill` through the second, the first killed with -9', () => drill(second)));
    const again = start(first);
    running.push(again);
    await timed('`npm start` of the first once more', () => again.hears('TracePulse listens on', startMs));
    said.push(await timed('`tracepulse drill` through the first once more', () => drill(first)));
    return said;
  } finally {
    for (const replica of running) replica.signal('SIGTERM');
    await Promise.all(running.map(ended));
  }
}

async function ended(typed: Typed): Promise<void> {
  const timer = setTimeout(() => typed.signal('SIGKILL'), endMs);
  await typed.ended;
  clearTimeout(timer);
}

/** The surface as it is in production, against the built-in workspace, with the real sink for what is to be said. */

import manifest from '../../../manifest.json' with { type: 'json' };
import type { Tools } from '../../../src/adapter.ts';
import { slack as slackSink } from '../../../src/adapters/sinks/slack/slack.ts';
import type { Card } from '../../../src/domain/report.ts';
import { type SlackSurface, slackSurface } from '../../../src/surfaces/slack/slack.ts';
import { type Clock, systemClock } from '../../../src/workspace/clock.ts';
import { startWorkspaceServer, type WorkspaceServer } from '../../../src/workspace/server.ts';
import { createWorkspace } from '../../../src/workspace/workspace.ts';
import { states } from '../../adapters/sinks/slack/cards.ts';
import { eventually } from '../../workspace/bolt.ts';
import { type FakeApp, type FakeAppOptions, fakeApp } from './fake-app.ts';

export interface Logged {
  readonly level: string;
  readonly text: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface Run extends FakeApp {
  readonly server: WorkspaceServer;
  readonly surface: SlackSurface;
  readonly log: Logged[];
  /** Moves the product's clock on; timers are not touched. */
  pass(ms: number): void;
  /** The report of INC-12, posted as production posts it. */
  postCard(shown?: Card): Promise<{ channel: string; ts: string }>;
  stop(): Promise<void>;
}

export const channel = '#debug';
const noDeadline = new AbortController().signal;

export function makeTools(log: Logged[], fetch: typeof globalThis.fetch = globalThis.fetch, now: () => number = Date.now): Tools {
  const write =
    (level: string) =>
    (text: string, fields: Readonly<Record<string, unknown>> = {}) =>
      void log.push({ level, text, fields });
  return { fetch, now, log: { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') } };
}

export interface RunOptions extends FakeAppOptions {
  readonly groups?: Readonly<Record<string, readonly string[]>>;
  /** Further settings of the surface. */
  readonly settings?: Readonly<Record<string, string>>;
  /** The workspace's. */
  readonly clock?: Clock;
}

export async function startRun({ groups = {}, settings = {}, clock = systemClock, ...options }: RunOptions = {}): Promise<Run> {
  const server = await startWorkspaceServer({ workspace: createWorkspace({ manifest, groups, clock }) });
  const { workspace } = server;
  const log: Logged[] = [];
  let ahead = 0;
  const tools = makeTools(log, globalThis.fetch, () => Date.now() + ahead);
  const environment = { SLACK_BOT_TOKEN: workspace.tokens.bot, SLACK_APP_TOKEN: workspace.tokens.app, SLACK_API_URL: server.apiUrl };
  const sink = slackSink.create(slackSink.settings.parse(environment), tools);
  const fake = fakeApp({
    ...options,
    now: tools.now,
    onSay: async ({ id, channel: place, text, threadId }) =>
      void (await sink.deliver({ kind: 'text', id, channel: place, text, threadId }, { mayExist: false, signal: noDeadline })),
  });
  const surface = slackSurface.create(slackSurface.settings.parse({ ...environment, ...settings }), tools)(fake.app);
  await surface.start();
  await eventually(server, () => (surface.connected() === 2 ? true : undefined));
  return {
    ...fake,
    server,
    surface,
    log,
    pass(ms) {
      ahead += ms;
    },
    async postCard(shown = states['three-close']!) {
      const { messageId, url } = await sink.deliver(
        { kind: 'card', channel, card: shown, receipt: null },
        { mayExist: false, signal: noDeadline },
      );
      fake.receipts.push({ incidentId: 'INC-12', sink: 'slack', channel, messageId, url, at: Date.now() });
      const [id = '', ts = ''] = messageId.split('/');
      return { channel: id, ts };
    },
    async stop() {
      await surface.stop();
      await server.stop();
    },
  };
}

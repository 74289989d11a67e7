/**
 * Slack, as people use TracePulse in it: commands, buttons, forms and talk, over Socket Mode. No public address is needed.
 * Listeners hold no state; what they need is looked up by id. Posting reports is the sink's work, not done here.
 */
import { App as Bolt, type ReceiverEvent, type SocketModeReceiver } from '@slack/bolt';
import { z } from 'zod';
import { definer, type Tools } from '../../adapter.ts';
import type { App } from '../../app.ts';
import { Failure } from '../../domain/failure.ts';
import type { Surface } from '../surface.ts';
import { listenToCommands } from './commands.ts';
import { listenToNotes } from './confirm-note.ts';
import { createConnection } from './connection.ts';
import { listenToTalk } from './conversation.ts';
import { listenToVerdicts } from './feedback.ts';
import { listenToHome } from './home.ts';
import { listenToIncidentButtons } from './incident-buttons.ts';
import { replayUnfinished, storeFirst } from './inbox.ts';
import { listenToSaid } from './said.ts';
import { sdkLog } from './sdk-log.ts';
import { actorsPattern, createPermits } from './permits.ts';
import { listenToOpening } from './prompts.ts';
import { listenToRatings } from './rating.ts';
import { listenToShortcuts } from './shortcuts.ts';
import { createSockets } from './sockets.ts';
import { wrongKind } from './start-failure.ts';
import { listenToTickets } from './tickets.ts';
import { listenerClient } from './web.ts';

const Settings = z.object({
  SLACK_BOT_TOKEN: z.string().min(1).describe('Bot token of the Slack app (xoxb-…)'),
  SLACK_APP_TOKEN: z.string().min(1).describe('App-level token of the Slack app (xapp-…), for Socket Mode'),
  SLACK_CHANNEL: z.string().min(1).default('#debug').describe('Channel that gets the reports'),
  SLACK_ACTORS: z
    .string()
    .regex(actorsPattern, 'must be ids of people, user groups or channels, separated by commas')
    .optional()
    .describe('Who may judge, mute and resolve: ids of people, user groups or channels, comma-separated; everybody without it'),
  SLACK_API_URL: z
    .url({ protocol: /^https?$/ })
    .default('https://slack.com/api/')
    .describe('Base address of the Slack Web API'),
  TRACEPULSE_URL: z.url({ protocol: /^https?$/ }).optional(),
});

/** Makes the surface of one product; what came in and was not acted on is taken up from the moment it is made. */
export type MakeSurface = (app: App) => SlackSurface;

export interface SlackSurface extends Surface {
  /** Why nothing arrives from Slack, where that is known. */
  problem(): string | null;
  /** Connections that are up, of two. */
  connected(): number;
}

export const slackSurface = definer<MakeSurface>()({
  id: 'slack',
  settings: Settings,
  create: (settings, tools) => (app) => createSurface(settings, tools, app),
});

function createSurface(settings: z.infer<typeof Settings>, tools: Tools, app: App): SlackSurface {
  const { SLACK_BOT_TOKEN, SLACK_APP_TOKEN, SLACK_API_URL, SLACK_CHANNEL } = settings;
  const { log } = tools;
  const sockets = createSockets({ appToken: SLACK_APP_TOKEN, slackApiUrl: SLACK_API_URL, tools });
  const bolt = createBolt(settings, tools, sockets.first);
  const connection = createConnection(bolt, sockets, log);
  const dispatch = bolt.processEvent.bind(bolt);
  const handle = async (event: ReceiverEvent): Promise<void> => {
    if (!connection.isLoggedIn()) throw new Failure('unavailable', 'slack', 'take up what came in before', { hint: 'not connected yet' });
    await dispatch(event);
  };
  // Both receivers call this method: nothing reaches a listener, or is acknowledged, before it is stored.
  bolt.processEvent = storeFirst({ app, now: tools.now, log, handle });
  replayUnfinished(app, handle);
  const permits = createPermits(settings.SLACK_ACTORS, tools.now, log);
  const url = settings.TRACEPULSE_URL?.replace(/\/+$/, '') ?? null;
  listenToCommands(bolt, app, permits, tools.now, log, url);
  listenToIncidentButtons(bolt, app, permits, tools.now, log, url);
  listenToVerdicts(bolt, app, permits, log);
  listenToNotes(bolt, app, permits, log);
  listenToTickets(bolt, app, permits, log);
  listenToShortcuts(bolt, app, log);
  listenToHome(bolt, app, log);
  listenToTalk(bolt, { app, channel: SLACK_CHANNEL, now: tools.now, log });
  listenToRatings(bolt, app, SLACK_CHANNEL, log);
  listenToOpening(bolt, app, log);
  listenToSaid(bolt, app, permits, log);
  return {
    problem: connection.problem,
    connected: sockets.connected,
    async start() {
      const wrong = wrongKind('SLACK_BOT_TOKEN', SLACK_BOT_TOKEN) ?? wrongKind('SLACK_APP_TOKEN', SLACK_APP_TOKEN);
      if (wrong !== null) throw wrong;
      await connection.start();
    },
    stop: connection.stop,
  };
}

function createBolt({ SLACK_BOT_TOKEN, SLACK_API_URL }: z.infer<typeof Settings>, tools: Tools, receiver: SocketModeReceiver): Bolt {
  const bolt = new Bolt({
    token: SLACK_BOT_TOKEN,
    receiver,
    // Without this a bad token ends in an unhandled rejection while start() resolves.
    deferInitialization: true,
    // Bolt would keep a state per conversation in memory; ours is in the ledger.
    convoStore: false,
    clientOptions: listenerClient(SLACK_API_URL, tools),
    logger: sdkLog(tools.log),
  });
  // The inbox decides what a failed listener means; it must hear of it.
  bolt.error(async (error) => {
    throw error;
  });
  return bolt;
}

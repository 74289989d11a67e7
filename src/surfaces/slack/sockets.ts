/**
 * Two Socket Mode connections, so that one that breaks loses no click. Each opens its successor before Slack refreshes it; should
 * both break at once, the one that ended last is made anew without waiting. A refused token is final: said once, not tried for ever.
 */
import { type App as Bolt, SocketModeReceiver } from '@slack/bolt';
import { SlackError, type WebClientOptions } from '@slack/web-api';
import type { Tools } from '../../adapter.ts';
import type { Failure } from '../../domain/failure.ts';
import { sdkLog } from './sdk-log.ts';
import { SocketLine } from './socket-line.ts';
import { startFailure } from './start-failure.ts';
import { socketClient } from './web.ts';

const clientPingTimeoutMs = 5_000;
/** The start of everything else does not wait longer than this for Slack. */
const startWaitMs = 10_000;
/** What was under way when we stop has failed by then. */
const failingMs = 15_000;

export interface SocketsOptions {
  readonly appToken: string;
  readonly slackApiUrl: string;
  readonly tools: Tools;
}

export interface Sockets {
  /** For Bolt's constructor, which insists on one; it is never started by Bolt. */
  readonly first: SocketModeReceiver;
  /** Resolves with the first connection up, or after a while; rejects with a Failure. The second follows by itself. */
  start(bolt: Bolt): Promise<void>;
  stop(): Promise<void>;
  /** How many are up. */
  connected(): number;
  /** Why no more tries are made; null while all is well or worth another try. */
  problem(): string | null;
}

export function createSockets({ appToken, slackApiUrl, tools }: SocketsOptions): Sockets {
  const { log } = tools;
  let refused: string | null = null;
  let failStart: (failure: Failure) => void = () => undefined;
  const makeLine = (): SocketLine =>
    new SocketLine({
      tools,
      makeReceiver: (onRefused) => makeReceiver(appToken, socketClient(slackApiUrl, tools, onRefused), tools),
      onLost: (line) => {
        if (connected() === 0) line.replace();
      },
      onRefused: (failure) => {
        if (refused === null) log.error('Slack refuses the app token: nothing more arrives from Slack', { failure: failure.message });
        refused = failure.message;
        failStart(failure);
      },
    });
  const [first, second] = [makeLine(), makeLine()];
  const lines = [first, second];
  const connected = (): number => lines.filter((line) => line.isUp).length;
  let isStopped = false;
  const guard = guardFor(lines, () => isStopped, tools);

  return {
    first: first.receiver,
    connected,
    problem: () => refused,
    async start(bolt) {
      isStopped = false;
      process.on('unhandledRejection', guard);
      const refusal = new Promise<never>((_, reject) => {
        failStart = reject;
      });
      refusal.catch(() => undefined);
      const opening = first.open(bolt);
      try {
        await Promise.race([opening, refusal, aWhile()]);
      } catch (error) {
        process.off('unhandledRejection', guard);
        throw startFailure(error, 'SLACK_APP_TOKEN');
      }
      // Past the wait it goes on by itself.
      first.keepOpening(opening);
      second.keepOpening(second.open(bolt));
    },
    async stop() {
      isStopped = true;
      for (const line of lines) line.stop();
      // What was under way fails now, such as an acknowledgement that can no longer be sent (Slack sends that envelope again).
      // Nobody catches it in the SDK: without the guard it ended a process that was told to stop with exit code 1.
      setTimeout(() => process.off('unhandledRejection', guard), failingMs).unref();
    },
  };
}

function makeReceiver(appToken: string, clientOptions: WebClientOptions, tools: Tools): SocketModeReceiver {
  return new SocketModeReceiver({
    appToken,
    clientPingTimeout: clientPingTimeoutMs,
    logger: sdkLog(tools.log),
    installerOptions: { clientOptions },
    // Not acknowledged: Slack sends it again.
    processEventErrorHandler: async ({ error }) => {
      tools.log.error('an envelope from Slack could not be stored', { error: String(error) });
      return false;
    },
  });
}

/** The SDK's reconnect promise has no catch: its failures surface here, and what is down then is made anew. */
function guardFor(lines: readonly SocketLine[], isStopped: () => boolean, { log }: Tools): (reason: unknown) => void {
  return (reason) => {
    if (!(reason instanceof SlackError) && !isSocketError(reason)) {
      // Not ours. With no other listener Node would have ended the process; so it must.
      if (process.listenerCount('unhandledRejection') === 1) throw reason;
      return;
    }
    if (isStopped()) return;
    log.warn('a connection to Slack broke for good and is replaced', { error: String(reason) });
    for (const line of lines) if (!line.isUp && !line.isWaiting) line.replace();
  };
}

function aWhile(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, startWaitMs).unref();
  });
}

function isSocketError(reason: unknown): boolean {
  return reason instanceof Error && 'code' in reason && typeof reason.code === 'string' && reason.code.startsWith('slack_socket_mode_');
}

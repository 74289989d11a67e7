/**
 * Two Socket Mode connections, so that Slack's hourly refresh of one loses no click (measured: 5 s without, 0 with two).
 * Each keeps itself up; what its SDK cannot recover from surfaces as an unhandled rejection (its reconnect promise has no
 * catch), and then the broken connection is replaced here. A refused token is final: said once, not tried for ever.
 */
import { type App as Bolt, SocketModeReceiver } from '@slack/bolt';
import { SlackError } from '@slack/web-api';
import type { Tools } from '../../adapter.ts';
import { startFailure } from './start-failure.ts';
import { sdkLog } from './sdk-log.ts';
import { socketClient } from './web.ts';

const connections = 2;
const clientPingTimeoutMs = 5_000;
const startWaitMs = 10_000;
const firstWaitMs = 1_000;
const longestWaitMs = 30_000;

export interface SocketsOptions {
  readonly appToken: string;
  readonly slackApiUrl: string;
  readonly tools: Tools;
}

export interface Sockets {
  /** For Bolt's constructor, which insists on one; it is never started by Bolt. */
  readonly first: SocketModeReceiver;
  /** Resolves with the first connection up; rejects with a Failure. The second follows by itself. */
  start(bolt: Bolt): Promise<void>;
  stop(): Promise<void>;
  /** How many are up. */
  connected(): number;
  /** Why no more tries are made; null while all is well or worth another try. */
  problem(): string | null;
}

interface Line {
  receiver: SocketModeReceiver;
  isUp: boolean;
  timer: NodeJS.Timeout | null;
}

export function createSockets({ appToken, slackApiUrl, tools }: SocketsOptions): Sockets {
  const { log } = tools;
  let bolt: Bolt | null = null;
  let isStopped = false;
  let final: string | null = null;

  function receiver(): SocketModeReceiver {
    return new SocketModeReceiver({
      appToken,
      clientPingTimeout: clientPingTimeoutMs,
      logger: sdkLog(log),
      installerOptions: { clientOptions: socketClient(slackApiUrl, tools) },
      // Not acknowledged: Slack sends it again.
      processEventErrorHandler: async ({ error }) => {
        log.error('an envelope from Slack could not be stored', { error: String(error) });
        return false;
      },
    });
  }

  function makeLine(): Line {
    const line: Line = { receiver: receiver(), isUp: false, timer: null };
    watch(line);
    return line;
  }

  function watch(line: Line): void {
    const { receiver: watched } = line;
    // One that was replaced may still report its end, or come up late: then it is told to go.
    const note = (isUp: boolean) => () => {
      if (line.receiver === watched && !isStopped) line.isUp = isUp;
      else if (isUp) quit(watched);
    };
    watched.client.on('connected', note(true));
    watched.client.on('close', note(false));
  }

  const lines = Array.from({ length: connections }, makeLine);

  async function open(line: Line): Promise<void> {
    if (bolt !== null) line.receiver.init(bolt);
    await line.receiver.start();
  }

  /** Tries until it stands or is refused for good. */
  function keepOpening(line: Line, waitMs: number): void {
    keep(line, open(line), waitMs);
  }

  function keep(line: Line, opening: Promise<void>, waitMs: number): void {
    const { receiver: opened } = line;
    opening.catch((error: unknown) => {
      const failure = startFailure(error, 'SLACK_APP_TOKEN');
      // One that was replaced meanwhile has no say.
      if (isStopped || line.receiver !== opened) return;
      if (!failure.isRetryable) {
        final = failure.message;
        log.error('Slack refuses the app token: nothing more arrives from Slack', { failure: failure.message });
        return;
      }
      log.warn('no connection to Slack yet', { failure: failure.message, waitMs });
      line.timer = setTimeout(() => replace(line, Math.min(longestWaitMs, waitMs * 2)), waitMs);
      line.timer.unref();
    });
  }

  function replace(line: Line, waitMs: number): void {
    line.timer = null;
    if (isStopped) return;
    quit(line.receiver);
    line.receiver = receiver();
    watch(line);
    keepOpening(line, waitMs);
  }

  const onUnhandled = (reason: unknown): void => {
    if (!(reason instanceof SlackError) && !isSocketError(reason)) {
      // Not ours. With no other listener Node would have ended the process; so it must.
      if (process.listenerCount('unhandledRejection') === 1) throw reason;
      return;
    }
    log.warn('a connection to Slack broke for good and is replaced', { error: String(reason) });
    for (const line of lines) if (!line.isUp && line.timer === null) replace(line, firstWaitMs);
  };

  return {
    get first() {
      return lines[0]!.receiver;
    },
    async start(made) {
      bolt = made;
      isStopped = false;
      process.on('unhandledRejection', onUnhandled);
      const [first, ...others] = lines;
      if (first === undefined) return;
      const opening = open(first);
      try {
        await Promise.race([opening, aWhile()]);
      } catch (error) {
        process.off('unhandledRejection', onUnhandled);
        throw startFailure(error, 'SLACK_APP_TOKEN');
      }
      // Past the wait it goes on by itself.
      keep(first, opening, firstWaitMs);
      for (const line of others) keepOpening(line, firstWaitMs);
    },
    async stop() {
      isStopped = true;
      process.off('unhandledRejection', onUnhandled);
      for (const line of lines) {
        if (line.timer !== null) clearTimeout(line.timer);
        line.isUp = false;
        quit(line.receiver);
      }
    },
    connected: () => lines.filter((line) => line.isUp).length,
    problem: () => final,
  };
}

/** The start of everything else does not wait longer than this for Slack. */
function aWhile(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, startWaitMs).unref();
  });
}

/** Says goodbye and does not wait for an answer: the SDK's own wait can take half a minute. */
function quit(receiver: SocketModeReceiver): void {
  receiver.client.disconnect().catch(() => undefined);
}

function isSocketError(reason: unknown): boolean {
  return reason instanceof Error && 'code' in reason && typeof reason.code === 'string' && reason.code.startsWith('slack_socket_mode_');
}

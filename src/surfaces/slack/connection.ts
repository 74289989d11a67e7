/**
 * Logging in and staying connected. Wrong tokens end the start with a sentence; Slack being away does not: the product takes
 * alerts meanwhile, and this goes on trying.
 */
import type { App as Bolt } from '@slack/bolt';
import type { Log } from '../../adapter.ts';
import { Failure } from '../../domain/failure.ts';
import type { Surface } from '../surface.ts';
import type { Sockets } from './sockets.ts';
import { startFailure } from './start-failure.ts';

const firstWaitMs = 1_000;
const longestWaitMs = 60_000;

export interface Connection extends Surface {
  /** Bolt can run listeners. */
  isLoggedIn(): boolean;
  /** Why nothing arrives from Slack, where that is known. */
  problem(): string | null;
}

export function createConnection(bolt: Bolt, sockets: Sockets, log: Log): Connection {
  let isLoggedIn = false;
  let isStopped = false;
  let timer: NodeJS.Timeout | null = null;
  let trouble: string | null = null;

  async function connect(): Promise<void> {
    if (!isLoggedIn) {
      await bolt.init().catch((error: unknown) => {
        throw startFailure(error, 'SLACK_BOT_TOKEN');
      });
      isLoggedIn = true;
    }
    if (isStopped) return;
    await sockets.start(bolt);
    trouble = null;
  }

  function connectLater(waitMs: number): void {
    timer = setTimeout(() => {
      connect().catch((error: unknown) => {
        if (!(error instanceof Failure)) throw error;
        trouble = error.message;
        if (isStopped) return;
        if (error.isRetryable) connectLater(Math.min(longestWaitMs, waitMs * 2));
        else log.error('Slack refuses us: nothing arrives from Slack', { failure: error.message });
      });
    }, waitMs);
    timer.unref();
  }

  return {
    isLoggedIn: () => isLoggedIn,
    problem: () => trouble ?? sockets.problem(),
    async start() {
      isStopped = false;
      try {
        await connect();
      } catch (error) {
        if (!(error instanceof Failure) || !error.isRetryable) throw error;
        trouble = error.message;
        log.warn('Slack cannot be reached yet; trying on', { failure: error.message });
        connectLater(firstWaitMs);
      }
    },
    async stop() {
      isStopped = true;
      if (timer !== null) clearTimeout(timer);
      await sockets.stop();
    },
  };
}

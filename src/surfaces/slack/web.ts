/** How the listeners' calls to Slack are made: bounded in time, and with the network's faults as Failures. */
import type { FetchFunction, WebClientOptions } from '@slack/web-api';
import { z } from 'zod';
import type { Tools } from '../../adapter.ts';
import { Failure } from '../../domain/failure.ts';
import { refusedTokens } from './start-failure.ts';

const callTimeoutMs = 10_000;
const Refusal = z.object({ ok: z.literal(false), error: z.string() });

/** One object for each client: the SDK writes into what it is given (SLACK_API_URL clients would share retries otherwise). */
export function listenerClient(slackApiUrl: string, tools: Tools): WebClientOptions {
  return {
    slackApiUrl,
    timeout: callTimeoutMs,
    rejectRateLimitedCalls: true,
    retryConfig: { retries: 2, minTimeout: 300, maxTimeout: 2_000 },
    fetch: boundedFetch(tools),
  };
}

/**
 * For apps.connections.open: keeps trying through an outage, but never waits longer than half a minute between tries. The SDK
 * would ask for ever with a token that was revoked; `refused` is told, and is to stop it.
 */
export function socketClient(slackApiUrl: string, tools: Tools, refused: (word: string) => void): WebClientOptions {
  return {
    slackApiUrl,
    timeout: callTimeoutMs,
    retryConfig: { retries: 1_000, factor: 1.3, maxTimeout: 30_000 },
    fetch: watchedFetch(boundedFetch(tools), refused),
  };
}

type Ask = (...asked: Parameters<FetchFunction>) => Promise<Response>;

function watchedFetch(fetch: Ask, refused: (word: string) => void): FetchFunction {
  return async (url, init) => {
    const answer = await fetch(url, init);
    const { data } = Refusal.safeParse(
      await answer
        .clone()
        .json()
        .catch(() => null),
    );
    if (data !== undefined && refusedTokens.has(data.error)) refused(data.error);
    return answer;
  };
}

/** `respond()` uses this too, and has no time limit of its own. */
function boundedFetch({ fetch }: Tools): Ask {
  return async (url, init) => {
    try {
      return await fetch(url, { ...init, signal: init?.signal ?? AbortSignal.timeout(callTimeoutMs) });
    } catch (error) {
      const isTimeout = error instanceof DOMException && (error.name === 'TimeoutError' || error.name === 'AbortError');
      throw new Failure(isTimeout ? 'timeout' : 'unavailable', 'slack', 'reach Slack', { cause: error });
    }
  };
}

/** How the listeners' calls to Slack are made: bounded in time, and with the network's faults as Failures. */
import type { FetchFunction, WebClientOptions } from '@slack/web-api';
import type { Tools } from '../../adapter.ts';
import { Failure } from '../../domain/failure.ts';

const callTimeoutMs = 10_000;

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

/** For apps.connections.open: keeps trying through an outage, but never waits longer than half a minute between tries. */
export function socketClient(slackApiUrl: string, tools: Tools): WebClientOptions {
  return {
    slackApiUrl,
    timeout: callTimeoutMs,
    retryConfig: { retries: 1_000, factor: 1.3, maxTimeout: 30_000 },
    fetch: boundedFetch(tools),
  };
}

/** `respond()` uses this too, and has no time limit of its own. */
function boundedFetch({ fetch }: Tools): FetchFunction {
  return async (url, init) => {
    try {
      return await fetch(url, { ...init, signal: init?.signal ?? AbortSignal.timeout(callTimeoutMs) });
    } catch (error) {
      const isTimeout = error instanceof DOMException && (error.name === 'TimeoutError' || error.name === 'AbortError');
      throw new Failure(isTimeout ? 'timeout' : 'unavailable', 'slack', 'reach Slack', { cause: error });
    }
  };
}

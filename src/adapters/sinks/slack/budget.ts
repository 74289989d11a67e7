/**
 * How often each method of Slack's Web API may still be called. Slack counts by method and minute, over all channels
 * (docs.slack.dev, "Rate limits": tiers); whoever calls faster is refused, and goes on being refused. So we count with it, a
 * little below its limits, and what has to wait is not sent at all. Posting has a pace of its own, by channel, in the outbox.
 */
import { Failure } from '../../../domain/failure.ts';

export interface Budget {
  /** Takes one call, or throws Failure `rate_limited` with the wait. */
  take(method: string): void;
  /** Slack said that a method must rest. */
  rest(method: string, ms: number): void;
}

/** Slack's tiers: 20, 50 and 100 calls a minute. */
const tiers: Readonly<Record<string, number>> = {
  'chat.update': 50,
  'conversations.history': 50,
  'conversations.replies': 50,
  'conversations.list': 20,
  'chat.getPermalink': 100,
  'files.getUploadURLExternal': 100,
  'files.completeUploadExternal': 100,
};

const minuteMs = 60_000;
const longestWaitMs = 10 * minuteMs;
/** Of a tier: what is refilled in a minute, and what may come at once. Together less than the tier in any minute. */
const refilled = 0.8;
const atOnce = 0.16;

/** Full at first, refilled evenly. */
export function createBudget(now: () => number): Budget {
  const buckets = new Map<string, { left: number; at: number; slotAt: number }>();
  const resting = new Map<string, number>();
  return {
    take(method) {
      const rest = (resting.get(method) ?? 0) - now();
      if (rest > 0) throw wait(method, rest);
      const tier = tiers[method];
      if (tier === undefined) return;
      const most = tier * atOnce;
      const perMs = (tier * refilled) / minuteMs;
      const at = now();
      const bucket = buckets.get(method) ?? { left: most, at, slotAt: Number.NEGATIVE_INFINITY };
      const left = Math.min(most, bucket.left + (at - bucket.at) * perMs);
      // Who is turned away gets the next free moment, one after the other: none comes back just to be turned away again.
      const slotAt = left >= 1 ? bucket.slotAt : Math.min(at + longestWaitMs, Math.max(at + (1 - left) / perMs, bucket.slotAt + 1 / perMs));
      buckets.set(method, { left: left >= 1 ? left - 1 : left, at, slotAt });
      if (left < 1) throw wait(method, slotAt - at);
    },
    rest(method, ms) {
      // Of posting, only the channel that was refused must rest: the outbox sees to that.
      if (method !== 'chat.postMessage') resting.set(method, now() + ms);
    },
  };
}

function wait(method: string, ms: number): Failure {
  return new Failure('rate_limited', 'slack', `call ${method}`, { hint: 'as often as Slack lets us', retryAfterMs: Math.ceil(ms) });
}

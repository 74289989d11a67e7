/**
 * Slack's rates (docs.slack.dev, "Rate limits"): posting about once a second and channel with a small burst, everything
 * else by the method's tier, per minute. Token buckets: `burst` at once, then one every `everyMs`.
 */
import type { Clock } from './clock.ts';

interface Rate {
  readonly burst: number;
  readonly everyMs: number;
}

const perMinute = (calls: number): Rate => ({ burst: calls, everyMs: 60_000 / calls });
const tier = { one: perMinute(1), two: perMinute(20), three: perMinute(50), four: perMinute(100) };
// "Short bursts" are allowed without a number; three is what third parties measured before the first 429.
const posting: Rate = { burst: 3, everyMs: 1_000 };

const byMethod: Readonly<Record<string, Rate>> = {
  'chat.postMessage': posting,
  'chat.postEphemeral': tier.four,
  'chat.update': tier.three,
  'chat.delete': tier.three,
  'chat.startStream': tier.two,
  'chat.appendStream': tier.four,
  'chat.stopStream': tier.two,
  'chat.getPermalink': tier.four,
  'conversations.history': tier.three,
  'conversations.replies': tier.three,
  'conversations.list': tier.two,
  'users.list': tier.two,
  'users.info': tier.four,
  'views.open': tier.four,
  'views.update': tier.four,
  'views.publish': tier.four,
  'auth.test': perMinute(600),
  'apps.connections.open': tier.one,
};

/** apps.connections.open is tier 1, yet two sockets may open at once: short bursts are allowed there too. */
const bursts: Readonly<Record<string, number>> = { 'apps.connections.open': 10 };

export interface Rates {
  /** Takes one call; seconds to wait where there is none left, else 0. */
  take(method: string, channel: string | null): number;
}

export function createRates(clock: Clock): Rates {
  const buckets = new Map<string, { left: number; at: number }>();
  return {
    take(method, channel) {
      const rate = byMethod[method] ?? tier.three;
      const burst = bursts[method] ?? rate.burst;
      const key = rate === posting ? `${method} ${channel}` : method;
      const bucket = buckets.get(key) ?? { left: burst, at: clock.now() };
      const left = Math.min(burst, bucket.left + (clock.now() - bucket.at) / rate.everyMs);
      buckets.set(key, { left: left >= 1 ? left - 1 : left, at: clock.now() });
      return left >= 1 ? 0 : Math.max(1, Math.ceil(((1 - left) * rate.everyMs) / 1000));
    },
  };
}

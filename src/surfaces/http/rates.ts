/**
 * How much one source may ask, and how often it may guess. Senders on this machine are not counted. An alert is never answered
 * with 429, since senders drop what they get it for (contract): theirs is 503, and a wrong token on their route is 401 each time.
 */
import { isIP } from 'node:net';
import { errorAnswer } from './answers.ts';

export interface Limits {
  /** A source that keeps asking may ask so often. */
  readonly perSecond: number;
  /** And so often at once. */
  readonly burst: number;
  /** Wrong credentials in a minute; whoever goes on is not listened to. */
  readonly guessesPerMinute: number;
}

/** A collector of a large cluster sends some hundred bodies a second; a storm of alerts comes in bursts. */
const defaultRates: Limits = { perSecond: 1_000, burst: 20_000, guessesPerMinute: 30 };

/** Sources remembered; the longest silent goes first. */
const maxSources = 10_000;

export interface Rates {
  /** The refusal of a request that comes too soon; null: it may go on. */
  refusal(request: Request, address: string | undefined): Response | null;
  /** What a request was answered with. */
  answered(request: Request, address: string | undefined, status: number): void;
}

export function createRates(now: () => number, { perSecond, burst, guessesPerMinute }: Limits = defaultRates): Rates {
  const asking = createBuckets(now, perSecond, burst);
  const guessing = createBuckets(now, guessesPerMinute / 60, guessesPerMinute);
  return {
    refusal(request, address) {
      const source = sourceOf(address);
      if (source === null || probes.has(new URL(request.url).pathname)) return null;
      const wait = asking.take(source) || (isAlerts(request) ? 0 : guessing.wait(source));
      return wait === 0 ? null : tooMuch(isAlerts(request), wait);
    },
    answered(request, address, status) {
      const source = sourceOf(address);
      if (status === 401 && source !== null && !isAlerts(request)) guessing.take(source);
    },
  };
}

/** Whoever decides whether we are restarted. */
const probes: ReadonlySet<string> = new Set(['/healthz', '/readyz']);

/** The path as it came, which is what routes are found by as well. */
export function isAlerts({ url }: Request): boolean {
  const path = url.indexOf('/', url.indexOf('://') + 3);
  if (url.startsWith('/webhook/', path)) return true;
  const after = path + alertmanagerPath.length;
  return url.startsWith(alertmanagerPath, path) && (after === url.length || url[after] === '?' || url[after] === '#');
}

const alertmanagerPath = '/api/v2/alerts';

function tooMuch(isAlert: boolean, seconds: number): Response {
  const headers = { 'Retry-After': String(Math.max(1, Math.ceil(seconds))) };
  const message = 'too many requests from this address; try again';
  return isAlert
    ? errorAnswer({ status: 503, code: 'unavailable', message, headers })
    : errorAnswer({ status: 429, code: 'rate_limited', message, headers });
}

/** An IPv6 network of one customer counts as one. Null: this machine, or nobody knows. */
function sourceOf(address: string | undefined): string | null {
  if (address === undefined || address === '::1' || /^(?:::ffff:)?127\./.test(address)) return null;
  return isIP(address) === 6 ? networkOf(address) : address;
}

/** The first 64 bits. */
function networkOf(address: string): string {
  const [head = '', tail] = address.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? [] : Array.from({ length: Math.max(0, 8 - before.length - after.length) }, () => '0');
  return [...before, ...zeros, ...after].slice(0, 4).join(':');
}

/** Token buckets by source. `take` and `wait` answer the seconds until the next is free; 0: one was. */
function createBuckets(now: () => number, perSecond: number, burst: number) {
  const buckets = new Map<string, { left: number; at: number }>();
  const filled = (source: string) => {
    const bucket = buckets.get(source) ?? { left: burst, at: now() };
    bucket.left = Math.min(burst, bucket.left + (Math.max(0, now() - bucket.at) / 1_000) * perSecond);
    bucket.at = now();
    return bucket;
  };
  const missing = (left: number) => (left >= 1 ? 0 : (1 - left) / perSecond);
  return {
    wait: (source: string) => (buckets.has(source) ? missing(filled(source).left) : 0),
    take(source: string): number {
      const bucket = filled(source);
      const wait = missing(bucket.left);
      if (wait === 0) bucket.left -= 1;
      buckets.delete(source);
      buckets.set(source, bucket);
      const oldest = buckets.keys().next().value;
      if (buckets.size > maxSources && oldest !== undefined) buckets.delete(oldest);
      return wait;
    },
  };
}

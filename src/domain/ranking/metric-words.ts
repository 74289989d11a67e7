/**
 * What a metric's name says, whatever convention it follows: dotted (OpenTelemetry, Datadog, StatsD), with suffixes
 * (Prometheus, Micrometer), with the service and whom it calls written into it (StatsD).
 */
import type { MetricSeries } from '../telemetry.ts';
import type { Known } from './known.ts';
import { plain } from './plain-name.ts';

/**
 * `disk`: what is read and written; `network`: packets that a container lost; `work`: what a service gets done, in its own
 * words; `served`: calls, as counts between two scrapes; `asked`: calls made for each call taken.
 */
export type Measured = 'latency' | 'calls' | 'loss' | Resource | 'restarts' | 'work' | 'served' | 'asked';
/** What a service uses or runs out of. */
export type Resource = 'cpu' | 'memory' | 'disk' | 'network' | 'pressure';
/** A value as it stands, one half of a running total, or so many a second or a minute. */
export type Part = 'value' | 'count' | 'sum' | 'mean' | 'perSecond' | 'perMinute';
/** Which end of a call measured it, where the name says so. */
export type Side = 'inbound' | 'outbound' | null;

export interface Words {
  /** In lower case, dotted, without the service's own name and without the one it calls. */
  readonly name: string;
  /** `name` without its part. */
  readonly base: string;
  readonly suffix: string;
  /** A service named within the name, as whom the calls are to or from. */
  readonly peer: string | null;
  readonly side: Side;
}

const relayed = /^stats\.(gauges|counters|counts|timers|sets)\./;
const outboundName = /(^|\.)(client|outbound|out|egress|upstream|dependency|dependencies|external|remote)(\.|$)/;
const inboundName = /(^|\.)(server|inbound|in|ingress|downstream)(\.|$)/;
/** What stands before the name of another service where calls to it are measured, and where calls from it are. */
const beforeCallee = new Set(['client', 'outbound', 'out', 'egress', 'upstream', 'downstream', 'calls', 'to', 'peer', 'target']);
for (const word of ['dependency', 'dependencies', 'external', 'remote', 'callee']) beforeCallee.add(word);
const beforeCaller = new Set(['inbound', 'in', 'ingress', 'from', 'caller', 'server']);

export function wordsOf({ name: given, service }: MetricSeries, known: Known): Words {
  let name = plain(given).replace(relayed, '');
  const own = plain(service);
  if (own !== '' && name.startsWith(`${own}.`)) name = name.slice(own.length + 1);
  const within = peerIn(name, known);
  if (within !== null) name = within.name;
  const [, base = name, suffix = ''] = /^(.*?)(?:\.(sum|count|mean|total))?$/.exec(name) ?? [];
  const side = within?.side ?? (outboundName.test(base) ? 'outbound' : inboundName.test(base) ? 'inbound' : null);
  return { name, base, suffix, peer: within?.peer ?? null, side };
}

/** `out.fare.api.rate`, with a service `fare-api`: calls to it. */
function peerIn(name: string, known: Known): { name: string; peer: string; side: Side } | null {
  const words = name.split('.');
  for (let from = 1; from < words.length - 1; from++) {
    const before = words[from - 1]!;
    const side = beforeCallee.has(before) ? 'outbound' : beforeCaller.has(before) ? 'inbound' : null;
    if (side === null) continue;
    for (let to = words.length - 1; to > from; to--) {
      const peer = known.spelled(words.slice(from, to).join('.'));
      if (peer !== undefined) return { name: [...words.slice(0, from), ...words.slice(to)].join('.'), peer, side };
    }
  }
  return null;
}

const latencyName = /(^|\.)(latency|duration|(response|request|req|rq)\.time|rtt)(\.|$)|request.{0,200}\.(seconds|milliseconds|ms)(\.|$)/;
const notLatency =
  /(^|\.)(gc|pause|startup|uptime|build|compile|scrape|cpu|process|collect|collector|lag|age|throttle|throttled|throttling|size|bytes|length|body)(\.|$)/;
/** Words for calls, and what a time or a quantile of them is called. */
const callsName = /(^|\.)(requests?|reqs?|rq|calls?|rpcs?|responses?)(\.|$)/;
const traffic = /(^|\.)(http|https|grpc|rpc|server|client|inbound|outbound|in|out|upstream|downstream|trace|edge)(\.|$)/;
const timeName =
  /\.(time|timer|timing|elapsed|took|ms|millis|milliseconds|seconds|mean|avg|median|upper|p\d{2,3})(\.|$)|\.\d{2}percentile$/;
/** Counts of calls in the words of tracers, and so many calls in a stretch of time. */
const hitsName = /^trace\..*\.hits(\.|$)|(^|\.)(requests?|reqs?|rq|calls?)\.hits$/;
const perSecondName = /(^|\.)(rate|rps|qps|throughput|per\.(s|sec|second)|(m1|one\.minute|1m)\.rate)$/;
const perMinuteName = /(^|\.)(rpm|per\.(m|min|minute))$/;
/** A rate of these is the part of the calls of which it is true. */
const rateOfSome = /(^|\.)(hits?|miss(es)?|retry|retries|drop(s|ped)?|reject(s|ed|ions?)?|timeouts?|sampl(e|ed|ing))\.rate$/;
const sizeName = /(^|\.)(size|bytes|length)(\.|$)/;
const lossName = /(success|error|errors|failure|failed)\.(ratio|rate|percent|percentage|pct)/;
const failedName = /\.(failed|failures?|errors?|5xx)(\.|$)/;
const cpuName =
  /(^|\.)cpu(\.|$).{0,200}(util|usage|percent|pct|share|load|ratio|time|seconds)|(usage|percent|load).{0,200}(^|\.)cpu(\.|$)|cpu\.limit/;
const throttleName = /(^|\.)(throttled|throttling|throttle)(\.|$)/;
/** How often a container was started again, a total in every convention, whatever its type is called. */
const restartsName = /(^|\.)(containers?|pods?|process)(\..{0,40})?\.restarts?(\.|$)|^restarts?(\.(count|total))?$/;
const memoryName =
  /mem(ory)?\.(.*\.)?(util|usage|used|percent|(pct|share)(\.|$)|ratio|working|rss|resident)|memory\.limit|heap\.(used|usage|bytes)|(^|\.)rss(\.|$)|resident\.memory/;
/** What goes to and from disks; how full they are is something else. */
const diskName = /(^|\.)(fs|filesystem|disk|blkio|blockio)\.(.{0,60}\.)?(reads?|writes?|written|io)(\.|$)/;
const notDisk = /(^|\.)(usage|used|free|available|limit|inodes?|files|time|seconds|ms|util(ization)?|percent|errors?|queue|pending)(\.|$)/;
/** Packets lost at a container's own interface: a node's are anybody's. */
const networkName = /(^|\.)(container|pod|k8s|kube)\.(.{0,60}\.)?network\.(.{0,60}\.)?(errors?|dropped|drops?)(\.|$)/;
/** What fills up, waits, or is handed out from a bounded stock. */
const pressureName =
  /(connections?|conns?|pool|threads?|queue|backlog|lag|pending|waiting|inflight|in\.flight|(^|\.)sockets|open\.files|file\.descriptors|fds|goroutines)/;
const notPressure = /(^|\.)(max|min|limit|capacity|created|closed|total|count|bucket|idle|available|free)(\.|$)|^up$/;

/** Totals of what a service is there for: orders placed, jobs completed, messages consumed. */
const workName =
  /(^|\.)(orders?|payments?|bookings?|checkouts?|sales|deliveries|signups?|jobs|messages|operations|transactions|completed|processed|handled|consumed|published|placed|booked|sold|paid|shipped|confirmed|issued)$/;
/** Without a suffix only what is done is a total: `jobs` may as well be those at hand. */
const doneName = /ed$|\.(sold|paid)$/;
const notWork =
  /(^|\.)(failed|failures?|errors?|rejected|dropped|retries|retried|cancell?ed|expired|evicted|gc|jvm|go|cache|db|sql|disk|network|tcp|container|process|thread|threads)(\.|$)/;

/** OpenTelemetry's gauges of what is there now are called counts. */
const stockName = /(^|\.)(connections?|threads?)\.count$/;

const isOfCalls = (base: string): boolean => callsName.test(base) || traffic.test(base);

/** `failed`: what the labels say of success; null where they do not. */
export function measuredBy(words: Words, series: MetricSeries, failed: boolean | null): Measured | null {
  const { labels, unit } = series;
  const { name, base, suffix } = words;
  if (restartsName.test(name)) return 'restarts';
  if (networkName.test(name)) return 'network';
  if (lossName.test(name)) return 'loss';
  if (isTime(words)) return 'latency';
  if (throttleName.test(name)) return 'pressure';
  if (diskName.test(name) && !notDisk.test(name)) return 'disk';
  if (cpuName.test(name)) return 'cpu';
  if (memoryName.test(name)) return 'memory';
  const countsCalls = isCount(words) || (callsName.test(name) && failed !== null && unit !== 'ms');
  if (countsCalls && !isRatio(name, series)) return 'calls';
  const isIdle = (labels['state'] ?? labels['db.client.connection.state']) === 'idle';
  if (pressureName.test(name) && (stockName.test(name) || !notPressure.test(name)) && !isIdle) return 'pressure';
  return (suffix === 'total' || doneName.test(name)) && workName.test(base) && !notWork.test(base) ? 'work' : null;
}

function isTime({ name, base, suffix }: Words): boolean {
  if (notLatency.test(base)) return false;
  if (latencyName.test(base)) return true;
  if (suffix === 'count' || suffix === 'total' || suffix === 'sum' || pressureName.test(name)) return false;
  return isOfCalls(base) && timeName.test(name) && !perSecondName.test(name) && !perMinuteName.test(name);
}

/** A rate that is a share. With `1` for its unit it may be either, but a share is never more than that. */
const isRatio = (name: string, { unit, values }: MetricSeries): boolean =>
  rateOfSome.test(name) || (perSecondName.test(name) && (unit === '%' || (unit === '1' && values.every((value) => value <= 1))));

function isCount({ name, base, suffix, peer }: Words): boolean {
  if (sizeName.test(base)) return false;
  if (suffix !== '' && suffix !== 'mean' && callsName.test(base)) return true;
  if (hitsName.test(name)) return true;
  const isRate = perSecondName.test(name) || perMinuteName.test(name);
  if (isRate && (callsName.test(name) || (peer !== null && isOfCalls(base)))) return true;
  return isOfCalls(base) && failedName.test(`.${base}`) && (isRate || suffix === 'count' || suffix === 'total' || /^trace\./.test(name));
}

/** Whether what is counted failed, by the name alone. */
export const countsFailures = (base: string): boolean => failedName.test(`.${base}`);

export function partOf(measured: Measured, { name, suffix }: Words, unit: string | null): Part {
  if (measured === 'latency') return suffix === '' || suffix === 'total' ? 'value' : (suffix as Part);
  if (measured === 'calls') return perSecondName.test(name) ? 'perSecond' : perMinuteName.test(name) ? 'perMinute' : 'count';
  if (measured === 'restarts' || measured === 'work') return 'count';
  if (measured === 'disk' || measured === 'network') return unit?.endsWith('/s') || perSecondName.test(name) ? 'value' : 'count';
  return (measured === 'cpu' && /seconds|time|[._]total$/i.test(name)) || (/throttl/i.test(name) && suffix !== '') ? 'count' : 'value';
}

/** Whether a value is a share, by its name alone. */
export const saysShare = (name: string): boolean => /util|ratio|percent|(^|\.)(share|pct)(\.|$)/.test(plain(name));

/** "Error rate" may mean errors a second as well as a share. */
export const isRateOfErrors = (name: string): boolean => /(errors?|failures?|failed)\.rate$/.test(name);

/** What counts of all calls and of those that failed have in common: `trace.web.request.hits`, `….errors`. */
export const familyOf = (base: string): string =>
  base
    .split('.')
    .filter((word) => !ofOneKind.test(word))
    .join('.');
const ofOneKind =
  /^(requests?|reqs?|rq|calls?|hits|failed|failures?|errors?|success|5xx|rate|per|s|sec|second|m|min|minute|rps|qps|rpm|count|total)$/;

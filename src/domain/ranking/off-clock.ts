/**
 * Failures over a time that has passed, or has yet to come, brought about by a clock: whoever gives out tokens by a clock that is off
 * gives out expired ones, and those that check them are right to refuse them.
 *
 *   door   ─ asks keys, whose span begins 90 s before door asks ─ answered      keys (one pod of it) has a clock that is off
 *   ledger ─ "token expired 30 s ago" ✗                                         keys, and not ledger
 *
 * Who refuses may say why in a line of his own, and the other be told no more than that he may not.
 *
 * That a clock is off is no failure by itself, and where those that complain have one that is off it is theirs.
 */
import type { Origin } from '../baseline/error-origins.ts';
import { spanKind } from '../telemetry.ts';
import { refusingVisit } from './refusals.ts';
import { saidIn } from './said.ts';
import type { Scene } from './scene.ts';

/** No call is answered so long before it is made, or taken so long after it was answered. */
const impossibleMs = 2000;
/** So many such calls, and this share of all since the first, are no odd stamp. */
const fewest = 8;
const nearlyAll = 0.8;

/** What is said of a time that is not now, in the words of those that check tokens, signatures and certificates. */
const outOfTime =
  /\b(?:jwt|token|assertion|ticket|signature|certificate|credential|session|request)s?\b[^\n]{0,60}\b(?:expired|not yet valid|not active|used before|in the (?:future|past))\b|\b(?:expired|immature|not yet valid)[ -]?(?:jwt|token|assertion|ticket|signature|certificate|credential)|\bclock skew\b|Expired(?:Jwt|Signature|Token)|TokenExpired|ImmatureSignature|TimeTooSkewed/i;

/** By span row that failed on it: whose clock it was; a number of the window's strings. */
type OutOfTime = ReadonlyMap<number, number>;

const memo = new WeakMap<Scene, OutOfTime>();

export function outOfTimeFailures(scene: Scene): OutOfTime {
  const known = memo.get(scene);
  if (known) return known;
  const found = new Map<number, number>();
  memo.set(scene, found);
  const { origins, bucketOfTrace, window } = scene.recent;
  const said = saidIn(scene.recent);
  const votes = origins.votes.filter(({ why, trace }) => bucketOfTrace[trace]! >= 0 && (why === 'own' || why === 'refused'));
  const refusing = votes.some(({ why }) => why === 'refused') ? visitsSayingSo(scene) : new Set<number>();
  const isRefused = ({ why, row, service }: Origin): boolean => why === 'refused' && refusing.has(refusingVisit(scene, row, service));
  const failed = votes.filter((vote) => isRefused(vote) || said(vote.row).some((text) => outOfTime.test(text)));
  if (failed.length === 0) return found;
  const [clock, another] = clocksOff(scene);
  if (clock === undefined || another !== undefined) return found;
  for (const { row } of failed) if (window.spans.service[row] !== clock) found.set(row, clock);
  return found;
}

/** WARN in OTLP's numbers. */
const warning = 13;
/** A message stands at the front of its line. */
const headLength = 400;

/** Visits with a line that says it. */
function visitsSayingSo({ recent: { visits, window } }: Scene): Set<number> {
  const { logs } = window;
  const found = new Set<number>();
  for (let row = 0; row < logs.length; row++)
    if (visits.ofLog[row]! >= 0 && logs.severity[row]! >= warning && outOfTime.test(logs.text(row).slice(0, headLength)))
      found.add(visits.ofLog[row]!);
  return found;
}

/** Calls of an instance, as caller and as callee: those that cannot have been so, and the others since the first such. */
interface Calls {
  readonly service: number;
  readonly impossible: number[];
  readonly possible: number[];
}

/** Services of which an instance has a clock that is off. */
function clocksOff({ recent }: Scene): Set<number> {
  const { window, tree, bucketOfTrace } = recent;
  const { spans } = window;
  const instances = new Map<string, Calls>();
  const callsOf = (row: number): Calls => {
    const key = `${spans.service[row]} ${spans.instance[row]}`;
    const calls = instances.get(key) ?? { service: spans.service[row]!, impossible: [], possible: [] };
    instances.set(key, calls);
    return calls;
  };
  for (let row = 0; row < spans.length; row++) {
    const parent = spans.parent[row]!;
    if (parent < 0 || spans.service[parent] === spans.service[row] || bucketOfTrace[spans.trace[row]!]! < 0) continue;
    if (spans.kind[parent] !== spanKind.client || spans.kind[row] !== spanKind.server || tree.adopted[row] === 1) continue;
    const early = spans.startMs[parent]! - spans.startMs[row]!;
    const late = spans.startMs[row]! - spans.startMs[parent]! - spans.durationMs[parent]!;
    for (const end of [parent, row])
      callsOf(end)[Math.max(early, late) >= impossibleMs ? 'impossible' : 'possible'].push(spans.startMs[parent]!);
  }
  const found = new Set<number>();
  for (const { service, impossible, possible } of instances.values()) {
    const since = Math.min(...impossible);
    const others = possible.filter((at) => at >= since).length;
    if (impossible.length >= fewest && impossible.length >= nearlyAll * (impossible.length + others)) found.add(service);
  }
  return found;
}

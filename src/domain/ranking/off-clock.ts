/**
 * Failures over a time that has passed, or has yet to come, brought about by a clock: whoever gives out tokens by a clock that is off
 * gives out expired ones, and those that check them are right to refuse them.
 *
 *   door   ─ asks keys, whose span begins 90 s before door asks ─ answered      keys (one pod of it) has a clock that is off
 *   ledger ─ "token expired 30 s ago" ✗                                         keys, and not ledger
 *
 * Who refuses may say why in a line of his own, and the other be told no more than that he may not. Where he refuses by a clock that
 * is off, it is his doing, and not that of who asks.
 *
 *   door ─ asks keys, on the node that is 52 s behind ─ "token used before issued" ✗        keys, and not door
 *
 * That a clock is off is no failure by itself. A node takes all that run on it along, so several may have one that is off; whose
 * clock it is that fails requests is known then only where that one refuses by itself.
 */
import { median } from '../baseline/clock.ts';
import type { Origin } from '../baseline/error-origins.ts';
import { spanKind, type TelemetryWindow } from '../telemetry.ts';
import { refusingVisit } from './refusals.ts';
import { saidIn } from './said.ts';
import type { Scene } from './scene.ts';

/** No call is answered so long before it is made, or taken so long after it was answered. */
const impossibleMs = 2000;
/** So many such calls, and this share of all between the two since the first, are no odd stamp. */
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
  const off = clocksOff(scene);
  const [clock, another] = new Set(off.values());
  for (const vote of failed) {
    const refusing = vote.why === 'refused' ? refusingRow(scene, vote) : -1;
    const own = refusing < 0 ? undefined : off.get(instanceOf(window, refusing));
    if (own !== undefined) found.set(vote.row, own);
    else if (clock !== undefined && another === undefined && window.spans.service[vote.row] !== clock) found.set(vote.row, clock);
  }
  return found;
}

/** Where whoever refused says so; -1: it left no trace. */
function refusingRow(scene: Scene, { row, service }: Origin): number {
  const visit = refusingVisit(scene, row, service);
  return visit < 0 ? -1 : scene.recent.visits.entryRow[visit]!;
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

/** Calls of one instance to another: by how much the stamps of the far side would have to be moved, where they cannot be so. */
interface Link {
  readonly ends: readonly [caller: string, callee: string];
  readonly impossible: { readonly at: number; readonly shift: number }[];
  readonly possible: number[];
}

const instanceOf = ({ spans }: TelemetryWindow, row: number): string => `${spans.service[row]} ${spans.instance[row]}`;

/** Instances that have a clock which is off, with their services. Most of those that calls connect without contradiction are right. */
function clocksOff({ recent: { window, tree, bucketOfTrace } }: Scene): Map<string, number> {
  const { spans } = window;
  const links = new Map<string, Link>();
  const services = new Map<string, number>();
  for (let row = 0; row < spans.length; row++) {
    const parent = spans.parent[row]!;
    if (parent < 0 || spans.service[parent] === spans.service[row] || bucketOfTrace[spans.trace[row]!]! < 0) continue;
    if (spans.kind[parent] !== spanKind.client || spans.kind[row] !== spanKind.server || tree.adopted[row] === 1) continue;
    const ends = [instanceOf(window, parent), instanceOf(window, row)] as const;
    const link = links.get(`${ends}`) ?? { ends, impossible: [], possible: [] };
    links.set(`${ends}`, link);
    for (const [i, end] of [parent, row].entries()) services.set(ends[i]!, spans.service[end]!);
    const early = spans.startMs[parent]! - spans.startMs[row]!;
    const late = -early - spans.durationMs[parent]!;
    // By whichever clock is ahead: one that was set back has the times before twice.
    const at = Math.max(spans.startMs[parent]!, spans.startMs[row]!);
    if (Math.max(early, late) < impossibleMs) link.possible.push(at);
    else link.impossible.push({ at, shift: early });
  }
  const shifted = [...links.values()].map((link) => ({
    ends: link.ends,
    calls: link.possible.length + link.impossible.length,
    ...shiftOf(link),
  }));
  const found = new Map<string, number>();
  for (const [instance, shift] of shiftsOf(shifted)) {
    const calls = shifted.reduce((sum, { ends, contradicting }) => (ends.includes(instance) ? sum + contradicting : sum), 0);
    if (Math.abs(shift) >= impossibleMs && calls >= fewest) found.set(instance, services.get(instance)!);
  }
  return found;
}

interface Shifted {
  readonly ends: Link['ends'];
  readonly calls: number;
  /** What to add to the callee's stamps, and so many calls that say it. */
  readonly shift: number;
  readonly contradicting: number;
}

function shiftOf({ impossible, possible }: Link): Pick<Shifted, 'shift' | 'contradicting'> {
  const since = Math.min(...impossible.map(({ at }) => at));
  const others = possible.filter((at) => at >= since).length;
  if (impossible.length === 0 || impossible.length < nearlyAll * (impossible.length + others)) return { shift: 0, contradicting: 0 };
  return { shift: median(impossible.map(({ shift }) => shift)), contradicting: impossible.length };
}

/** What to add to the stamps of each instance, beside the largest group of those that agree. */
function shiftsOf(links: readonly Shifted[]): Map<string, number> {
  const calls = new Map<string, number>();
  for (const link of links) for (const end of link.ends) calls.set(end, (calls.get(end) ?? 0) + link.calls);
  const agreeing = links.filter(({ shift }) => shift === 0);
  const groups: { readonly start: string; readonly size: number; readonly calls: number }[] = [];
  const seen = new Set<string>();
  for (const start of calls.keys()) {
    if (seen.has(start)) continue;
    const group = [...walk(start, agreeing).keys()];
    for (const member of group) seen.add(member);
    groups.push({ start, size: group.length, calls: group.reduce((sum, member) => sum + calls.get(member)!, 0) });
  }
  const [largest, next] = groups.sort((a, b) => b.size - a.size || b.calls - a.calls);
  // With as many on either side nobody can say whose clock is right.
  const isEven = next !== undefined && next.size === largest!.size && next.calls === largest!.calls;
  return largest === undefined || isEven ? new Map() : walk(largest.start, links);
}

/** Adds shifts along the calls. */
function walk(start: string, links: readonly Shifted[]): Map<string, number> {
  const shifts = new Map([[start, 0]]);
  for (const [instance, shift] of shifts)
    for (const {
      ends: [caller, callee],
      shift: apart,
    } of links) {
      if (caller === instance && !shifts.has(callee)) shifts.set(callee, shift + apart);
      if (callee === instance && !shifts.has(caller)) shifts.set(caller, shift - apart);
    }
  return shifts;
}

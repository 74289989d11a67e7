/**
 * A service part of whose calls finds nobody, to several others at once, while these go on answering: it has run out of sockets,
 * of connections or of a way out, rather than each of them of something of its own. One callee alone is as likely at fault, and so
 * are several where nobody else asks any of them. Who does not find the name of one that others find has lost the way to it itself.
 *
 *   orders ─ no answer ─ stock ─ answers shipping        orders is cut off
 *      └──── no answer ─ prices ─ answers shipping, or orders at times
 *
 * What complaints in log lines say of this is in `shut-in.ts`.
 */
import { isHungUp, isResolverSilent, unreachedIn } from '../baseline/failure-text.ts';
import { peerKind, spanStatus } from '../telemetry.ts';
import { isTaken } from './dangling.ts';
import type { Scene } from './scene.ts';

/** Callees and stores that a cut-off service does not reach, by the number of the service; all by their numbers in the window's strings. */
type CutOff = ReadonlyMap<number, ReadonlySet<number>>;

/** Failed requests that got no answer from a callee, before it counts. */
const fewestFailed = 3;
const fewestCallees = 2;
/** One is enough where its name alone is not found, which others find. */
const fewestUnresolved = 1;
/** Each callee is lost at least this much as often as the one that is lost most, and in this share of calls: odd failures are everywhere. */
const alike = 0.3;
const noticeable = 0.1;
/** Calls of others, or of the same one in the same minutes, that show a callee to be well. */
const fewestAnswered = 3;
/** Of the calls that are answered, one in so many may fail for others too: every service has bad moments. */
const passing = 0.1;

interface Pair {
  readonly traces: Set<number>;
  since: number;
  answered: number;
  /** It could not even look the name up: that tells nothing of who has it. */
  isBlind: boolean;
  /** Its name was not found, each time, though whoever is asked for names answered. */
  isUnresolved: boolean;
}

const memo = new WeakMap<Scene, CutOff>();

function cutOff(scene: Scene): CutOff {
  const known = memo.get(scene);
  if (known) return known;
  const pairs = failedPairs(scene);
  const answers = countAnswers(scene, pairs);
  const found = new Map<number, ReadonlySet<number>>();
  for (const [caller, callees] of pairs) {
    const most = Math.max(...[...callees.values()].map(({ traces }) => traces.size));
    const isLost = ({ traces, answered }: Pair): boolean =>
      traces.size >= Math.max(fewestFailed, alike * most) && traces.size >= noticeable * (traces.size + answered);
    const lost = [...callees].filter(([, pair]) => isLost(pair));
    if (lost.length < (lost.every(([, { isUnresolved }]) => isUnresolved) ? fewestUnresolved : fewestCallees)) continue;
    const witnesses = lost.map(([callee, { answered, isBlind }]) => {
      const failed = [...pairs].reduce((sum, [other, of]) => (other === caller ? sum : sum + (of.get(callee)?.traces.size ?? 0)), 0);
      const others = (answers.get(callee) ?? 0) - answered;
      if (failed > passing * others) return 'against';
      if (isBlind) return 'others';
      return others >= fewestAnswered ? 'others' : answered >= fewestAnswered ? 'itself' : 'against';
    });
    // That several have each lost a replica is as likely while nobody else asks any of them.
    const areWell = witnesses.includes('others') && !witnesses.includes('against');
    if (areWell) found.set(caller, new Set(lost.map(([callee]) => callee)));
  }
  memo.set(scene, found);
  return found;
}

/** Whether a call stands for its caller's being cut off. */
export const isCutOff = (scene: Scene, caller: number, callee: number): boolean => cutOff(scene).get(caller)?.has(callee) === true;

/** By caller and callee (or store): failed requests of the recent minutes in which nobody answered. */
function failedPairs({ recent: { origins, bucketOfTrace, tree, window } }: Scene): Map<number, Map<number, Pair>> {
  const { spans } = window;
  const pairs = new Map<number, Map<number, Pair>>();
  for (const { why, trace, row, service } of origins.votes) {
    if ((why !== 'unanswered' && why !== 'store') || bucketOfTrace[trace]! < 0 || spans.peerKind[row] === peerKind.none) continue;
    const callee = why === 'store' ? spans.peer[row]! : service;
    if (why === 'store' && !isUnreached(window, row)) continue;
    const of = pairs.get(spans.service[row]!) ?? new Map<number, Pair>();
    pairs.set(spans.service[row]!, of);
    const pair = of.get(callee) ?? { traces: new Set(), since: Number.POSITIVE_INFINITY, answered: 0, isBlind: false, isUnresolved: true };
    of.set(callee, pair);
    pair.traces.add(trace);
    const problem = spans.problem[row]! >= 0 ? window.strings.text(spans.problem[row]!) : '';
    pair.isBlind ||= isResolverSilent(problem);
    pair.isUnresolved &&= !pair.isBlind && unreachedIn(problem)?.manner === 'unresolved';
    pair.since = Math.min(pair.since, tree.startMs[row]!);
  }
  return pairs;
}

/** A store that says what is wrong with a query has answered. */
function isUnreached({ spans, strings }: Scene['recent']['window'], row: number): boolean {
  const problem = spans.problem[row]! >= 0 ? strings.text(spans.problem[row]!) : '';
  const told = unreachedIn(problem);
  return problem === '' || (told === null ? isHungUp(problem) : told.manner !== 'denied');
}

/** Calls that each callee answered since the first that it did not; those of the caller that lost some are noted with the pair. */
function countAnswers(scene: Scene, pairs: ReadonlyMap<number, ReadonlyMap<number, Pair>>): Map<number, number> {
  const { window, tree } = scene.recent;
  const { spans } = window;
  const since = new Map<number, number>();
  for (const of of pairs.values())
    for (const [callee, pair] of of) since.set(callee, Math.min(pair.since, since.get(callee) ?? Number.POSITIVE_INFINITY));
  const answers = new Map<number, number>();
  if (since.size === 0) return answers;
  const note = (row: number, caller: number, callee: number): void => {
    if (!(tree.startMs[row]! >= (since.get(callee) ?? Number.POSITIVE_INFINITY))) return;
    answers.set(callee, (answers.get(callee) ?? 0) + 1);
    const pair = pairs.get(caller)?.get(callee);
    if (pair) pair.answered++;
  };
  for (let row = 0; row < spans.length; row++) {
    const parent = tree.parent[row]!;
    if (parent >= 0 && spans.service[parent] !== spans.service[row]) note(row, spans.service[parent]!, spans.service[row]!);
    // Of a store that sends no telemetry its clients alone tell.
    else if (spans.peer[row]! >= 0 && spans.status[row] !== spanStatus.error && !isTaken(scene, row))
      note(row, spans.service[row]!, spans.peer[row]!);
  }
  return answers;
}

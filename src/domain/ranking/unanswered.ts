/** Calls that are made still and that nobody takes any more: whom they speak against. */
import { pairKey } from '../baseline/counts.ts';
import { endedJustNow } from '../baseline/lost-entries.ts';
import { isCutOff } from './cut-off.ts';
import { anybody, calledBy, likelyCallingOperations } from './dangling.ts';
import type { Departure } from './departures.ts';
import { isUnsent, untakenMessages } from './messages.ts';
import { share, tracesWith, visitsHaving } from './presence.ts';
import { onsetAt, type Scene } from './scene.ts';
import { finding, type Suspicions } from './suspicion.ts';

/** Consumers pause for as long while they are rolled out or share out their queues anew: where nothing fails, that is no fault. */
const pausedMs = 45_000;

/** A call whose loss is this share of the clearest loss of its unit is lost as often, chance apart. */
const asMissing = 0.5;

/**
 * A call that lost its far side while the caller still makes it speaks against the callee. Of several calls a unit lost the
 * one that usually comes first is the one that failed: it is missing wherever a later one is, so one that is missing much
 * less does not count.
 */
export function judgeUnanswered(scene: Scene, suspicions: Suspicions, departures: readonly Departure[], shut: ReadonlySet<number>): void {
  const lost = departures
    .filter(({ signal, item }) => signal === 'call' && scene.lexicon.parts(item)[0] === 'C')
    .map((departure) => ({ departure, callee: scene.lexicon.parts(departure.item)[1] ?? '', place: usualPlace(scene, departure) }))
    .sort((a, b) => a.place - b.place);
  if (lost.length === 0) return;
  const most = new Map<number, number>();
  for (const { departure } of lost) most.set(departure.unit, Math.max(most.get(departure.unit) ?? 0, departure.strength));
  const dangling = danglingVisits(scene);
  const judged = new Set<number>();
  const best = new Map<string, Departure>();
  for (const { departure, callee } of lost) {
    if (departure.strength < asMissing * most.get(departure.unit)!) continue;
    if (judged.has(departure.unit) || !stillCalled(scene, departure, callee, dangling)) continue;
    judged.add(departure.unit);
    if (departure.strength > (best.get(callee)?.strength ?? 0)) best.set(callee, departure);
  }
  const cut = callersCutOff(scene, best);
  const { strings } = scene.recent.window;
  for (const [callee, departure] of best) {
    const caller = scene.lexicon.parts(departure.unit)[1] ?? '';
    // Whom it does not reach is not to blame; that it reaches none of them is said where its failed requests are judged.
    if (isCutOff(scene, strings.find(caller), strings.find(callee))) continue;
    const isOwn = cut.has(caller) || shut.has(strings.find(caller));
    const value = Math.log1p(departure.strength);
    const seen = `${share(departure.after)} visits, before in ${share(departure.before)}`;
    const how = cut.has(caller)
      ? 'nor at others that it calls, while these go on answering'
      : 'by its own account, while it answers others';
    const text = isOwn
      ? `${caller} finds nobody at ${callee}, ${how}: answered in ${seen}.`
      : untakenMessages(scene, departure, pausedMs).sent.size > 0
        ? `${caller} still sends its messages but there is no sign of ${callee} taking them: taken in ${seen}.`
        : `${caller} still calls ${callee} but there is no sign of ${callee} taking the call: answered in ${seen}.`;
    suspicions.add(isOwn ? caller : callee, 'unanswered', value, [
      finding({
        kind: 'unavailable',
        source: 'span',
        subject: `unanswered ${isOwn ? callee : caller}`,
        text,
        at: onsetAt(scene, departure.onset),
        strength: value,
        onset: departure.onset,
        traces: tracesWith(scene, departure, false),
      }),
    ]);
  }
}

/** Callees that others find well, or that one finds at times, of those it lost; one of them at least the first. */
const fewestLost = 2;
const fewestAnswered = 3;

/**
 * Who lost several of those it calls at once while these go on answering: it has no way out, and no line or status says so
 * (`cut-off.ts` and `shut-in.ts` go by what they say).
 */
function callersCutOff(scene: Scene, lost: ReadonlyMap<string, Departure>): Set<string> {
  const found = new Set<string>();
  const callerOf = ({ unit }: Departure): string => scene.lexicon.parts(unit)[1] ?? '';
  for (const [caller, of] of Map.groupBy(lost, ([, departure]) => callerOf(departure))) {
    if (of.length < fewestLost) continue;
    const answers = of.map(([callee, { onset }]) => answersOf(scene, callee, caller, onset));
    const areWell = answers.every(({ others, own }) => others >= fewestAnswered || own >= fewestAnswered);
    if (areWell && answers.some(({ others }) => others >= fewestAnswered)) found.add(caller);
  }
  return found;
}

/** Calls that a callee answered since the onset, to that caller and to others. */
function answersOf({ recent }: Scene, callee: string, caller: string, onset: number): { own: number; others: number } {
  const { window, tree, bucketOfTrace } = recent;
  const { spans, strings } = window;
  const [target, asking] = [strings.find(callee), strings.find(caller)];
  let [own, others] = [0, 0];
  for (let row = 0; row < spans.length; row++) {
    const parent = tree.parent[row]!;
    if (spans.service[row] !== target || parent < 0 || spans.service[parent] === target || bucketOfTrace[spans.trace[row]!]! < onset)
      continue;
    if (spans.service[parent] === asking) own++;
    else others++;
  }
  return { own, others };
}

function usualPlace({ normal, recent }: Scene, { unit, item }: Departure): number {
  const key = pairKey(unit, item);
  const seen = normal.seen.sum(key) + recent.order.seen.sum(key);
  return seen > 0 ? (normal.places.sum(key) + recent.order.places.sum(key)) / seen : 0;
}

/** Visits with calls that nobody took, and whom those calls were made to. */
function danglingVisits(scene: Scene): Map<number, Set<string>> {
  const { visits, window } = scene.recent;
  const isDangling = likelyCallingOperations(scene);
  const found = new Map<number, Set<string>>();
  for (let row = 0; row < window.spans.length; row++) {
    if (!isDangling(row) || isUnsent(window, row)) continue;
    const visit = visits.ofSpan[row]!;
    const called = found.get(visit);
    if (called) called.add(calledBy(scene, row));
    else found.set(visit, new Set([calledBy(scene, row)]));
  }
  return found;
}

/** What has yet to be taken, or to come in, says nothing. */
function stillCalled(scene: Scene, departure: Departure, callee: string, dangling: ReadonlyMap<number, Set<string>>): boolean {
  const { unit, item, onset } = departure;
  const { visits, bucketOfTrace, window, tree } = scene.recent;
  const has = visitsHaving(scene, item);
  const isFresh = endedJustNow(window, tree);
  const { sent, waiting } = untakenMessages(scene, departure, pausedMs);
  let lacking = 0;
  let calling = 0;
  for (let visit = 0; visit < visits.count; visit++) {
    if (visits.unit[visit] !== unit || bucketOfTrace[visits.trace[visit]!]! < onset || has[visit] === 1) continue;
    if (waiting.has(visit) || (visits.entryRow[visit]! >= 0 && isFresh(visits.entryRow[visit]!))) continue;
    lacking++;
    const called = dangling.get(visit);
    if (called?.has(callee) || called?.has(anybody) || sent.has(visit)) calling++;
  }
  return lacking > 0 && calling / lacking > 0.6;
}

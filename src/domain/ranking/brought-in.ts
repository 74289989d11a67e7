/**
 * Requests that come in besides the usual ones and are turned down: somebody tries passwords, or asks for one number after another.
 * Whoever turns them down does as he should, and those who asked are outside.
 *
 *   before   4 logins a minute, nearly all well
 *   now      4 a minute well, 30 a minute answered with 401           nobody's fault: nothing is missing
 *
 * Where a service turns down what it used to take, the good ones become as many fewer, and nothing of this holds; nor where one of
 * those that took part was started anew or released, as it may have become stricter while people try again.
 */
import { rememberedMinutes } from '../baseline/baseline.ts';
import { saysClientError } from '../baseline/refusal-text.ts';
import { spanKind } from '../telemetry.ts';
import { rateLikelihoodRatio } from './likelihood.ts';
import { buckets, onsetAt, type Scene } from './scene.ts';
import { changedWithin } from './unreadable.ts';

/** Requests of that kind in normal times, and minutes, which show how many are usual; and those turned down since. */
const fewestBefore = 10;
const fewestMinutes = 5;
const fewestRefused = 5;
/** Far likelier more requests than before; and hardly likelier fewer good ones. */
const more = 4;
const fewer = 4;
/** Of those turned down so many came besides: one who fails tries again, and that is fewer. */
const besides = 0.8;
/** A change shows by the first requests after it. */
const soonMs = 5 * 60_000;
const minuteMs = 60_000;

/** WARN and ERROR in OTLP's numbers. */
const warning = 13;
const error = 17;
/** A message stands at the front of its line. */
const headLength = 400;

const memo = new WeakMap<Scene, ReadonlySet<number>>();

/** Traces of requests that nobody of ours made, that came besides the usual ones and were turned down. */
export function broughtIn(scene: Scene): ReadonlySet<number> {
  const known = memo.get(scene);
  if (known) return known;
  const found = new Set<number>();
  if (scene.baseline.minutes >= fewestMinutes)
    for (const [unit, traces] of turnedDown(scene))
      if (traces.length >= fewestRefused) for (const trace of cameBesides(scene, unit, traces)) found.add(trace);
  memo.set(scene, found);
  return found;
}

/** By unit of the first visit: traces of the recent minutes that it turned down, and that nobody failed in. */
function turnedDown(scene: Scene): Map<number, number[]> {
  const { visits, tree, window, bucketOfTrace } = scene.recent;
  const { spans } = window;
  const failing = tracesFailing(scene);
  const turned: number[] = [];
  /** 1 for first visits whose spans bear no code. */
  const untold = new Uint8Array(visits.count);
  for (let visit = 0; visit < visits.count; visit++) {
    const row = visits.entryRow[visit]!;
    if (row < 0 || tree.parent[row]! >= 0 || spans.parent[row] !== -1 || spans.kind[row] !== spanKind.server) continue;
    if (bucketOfTrace[visits.trace[visit]!]! < 0 || failing.has(visits.trace[visit]!)) continue;
    const code = spans.statusCode[row]!;
    if (code <= 0) untold[visit] = 1;
    else if (code >= 400 && code < 500 && code !== 408 && code !== 429 && code !== 499) turned.push(visit);
  }
  for (const visit of saying(scene, untold)) turned.push(visit);
  return new Map(
    [...Map.groupBy(turned, (visit) => visits.unit[visit]!)].map(([unit, of]) => [unit, of.map((visit) => visits.trace[visit]!)]),
  );
}

/** Those in which somebody fails by himself, by a code or the level of a line. */
function tracesFailing({ recent: { window } }: Scene): Set<number> {
  const { spans, logs } = window;
  const found = new Set<number>();
  for (let row = 0; row < spans.length; row++) if (spans.statusCode[row]! >= 500) found.add(spans.trace[row]!);
  for (let row = 0; row < logs.length; row++) if (logs.severity[row]! >= error) found.add(logs.trace[row]!);
  return found;
}

/** Of these visits those that say so by a code in a line. */
function saying({ recent: { visits, window } }: Scene, among: Uint8Array): Set<number> {
  const { logs } = window;
  const found = new Set<number>();
  for (let row = 0; row < logs.length; row++) {
    const visit = visits.ofLog[row]!;
    if (visit < 0 || among[visit] !== 1 || logs.severity[row]! < warning) continue;
    if (saysClientError.test(logs.text(row).slice(0, headLength))) found.add(visit);
  }
  return found;
}

/** Of requests of one kind that were turned down those since the moment from which on they came besides the usual ones. */
function cameBesides(scene: Scene, unit: number, traces: readonly number[]): readonly number[] {
  const { normal, recent, lexicon } = scene;
  const { visits, bucketOfTrace } = recent;
  let past = 0;
  for (const path of normal.visited.keys()) if (lexicon.unitOf(path) === unit) past += normal.visited.sum(path);
  if (past < fewestBefore) return [];
  const minutes = rememberedMinutes(scene.baseline);
  const asked = new Int32Array(buckets);
  for (let visit = 0; visit < visits.count; visit++) {
    const bucket = bucketOfTrace[visits.trace[visit]!]!;
    if (visits.unit[visit] === unit && bucket >= 0) asked[bucket]!++;
  }
  let best: { readonly strength: number; readonly traces: readonly number[] } = { strength: more, traces: [] };
  for (let onset = 0; onset < buckets; onset++) {
    const since = traces.filter((trace) => bucketOfTrace[trace]! >= onset);
    const lately = (scene.input.alertAt - onsetAt(scene, onset)) / minuteMs;
    const all = asked.subarray(onset).reduce((sum, n) => sum + n, 0);
    const usual = (past / minutes) * lately;
    const good = all - since.length;
    if (since.length < fewestRefused || lately <= 0 || all - usual < besides * since.length) continue;
    if (good < usual && rateLikelihoodRatio(past, minutes, good, lately) > fewer) continue;
    const strength = rateLikelihoodRatio(past, minutes, all, lately);
    if (strength > best.strength && !hasAnyChanged(scene, since)) best = { strength, traces: since };
  }
  return best.traces;
}

/** Whether anybody that took part in these requests was started anew or released shortly before, or since. */
function hasAnyChanged(scene: Scene, traces: readonly number[]): boolean {
  const { window, tree } = scene.recent;
  const { spans } = window;
  const { alertAt } = scene.input;
  const among = new Set(traces);
  const services = new Set<number>();
  let from = alertAt;
  for (let row = 0; row < spans.length; row++) {
    if (!among.has(spans.trace[row]!)) continue;
    services.add(spans.service[row]!);
    from = Math.min(from, tree.startMs[row]! - soonMs);
  }
  return [...services].some((service) => changedWithin(scene, service, from, alertAt));
}

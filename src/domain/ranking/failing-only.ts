/**
 * Stretches of which hardly any request is known that went well, though many did before. Either everything fails, or failing requests
 * alone were kept (a collector that samples by outcome, a search for errors): then whatever they have in common is in all that is known,
 * and shares of visits say nothing. Two things hold either way: how often something came in a minute, and how much of all that failed
 * it was. Where both are as before, it is what always fails a little.
 *
 *   before   80 requests well, 20 fail, 12 of them on a wrong number      3 a minute, 3 in 5 of what fails
 *   now                         9 fail,  6 of them on a wrong number      3 a minute, 2 in 3 of what fails: as ever
 */
import { rememberedMinutes } from '../baseline/baseline.ts';
import { ofTraces } from '../baseline/period.ts';
import { likelihoodRatio, rateLikelihoodRatio } from './likelihood.ts';
import { buckets, onsetAt, type Scene } from './scene.ts';

/** Of the requests since an onset; a sampler that keeps what fails keeps a few others. */
const hardlyAny = 0.1;
/** Before, so many went well: what always fails is another matter. */
const many = 0.3;
/** As much as half more of the same comes with the hour, and with who comes. */
const varying = 1.5;

/** What is known of the time before an onset and since: minutes, and requests that failed. */
interface Stretches {
  readonly minutesBefore: number;
  readonly failedBefore: number;
  readonly minutesSince: number;
  readonly failedSince: number;
}

/** By onset; null where shares of visits tell. */
const memo = new WeakMap<Scene, (Stretches | null)[]>();

function stretchesOf(scene: Scene, onset: number): Stretches | null {
  const known = memo.get(scene) ?? [];
  memo.set(scene, known);
  if (known[onset] === undefined) known[onset] = stretches(scene, onset);
  return known[onset] ?? null;
}

function stretches(scene: Scene, onset: number): Stretches | null {
  const { normal, recent, baseline, input } = scene;
  const traced = tracedIn(scene);
  const all = traced.slice(onset).reduce((sum, n) => sum + n, 0);
  const failedSince = recent.traces.sum(ofTraces.failed, onset);
  const before = normal.traces.sum(ofTraces.all) + traced.slice(0, onset).reduce((sum, n) => sum + n, 0);
  const failedBefore = normal.traces.sum(ofTraces.failed) + recent.traces.sum(ofTraces.failed, 0, onset);
  const isKept = all > 0 && failedSince >= (1 - hardlyAny) * all && failedBefore <= (1 - many) * before;
  if (baseline.minutes === 0 || !isKept) return null;
  const minutesBefore = rememberedMinutes(baseline) + (onsetAt(scene, onset) - scene.firstAt) / 60_000;
  return { minutesBefore, failedBefore, minutesSince: Math.max(1, (input.alertAt - onsetAt(scene, onset)) / 60_000), failedSince };
}

/** By bucket: requests of which a span is known. Of one that is known from its log lines alone nobody says whether it went well. */
function tracedIn({ recent: { tree, window, bucketOfTrace } }: Scene): number[] {
  const traced = new Array<number>(buckets).fill(0);
  for (let trace = 0; trace < window.traces; trace++)
    if (bucketOfTrace[trace]! >= 0 && (tree.firstOfTrace[trace] ?? -1) >= 0) traced[bucketOfTrace[trace]!]!++;
  return traced;
}

/**
 * How much more often it came since an onset than before, as a log-likelihood ratio; infinite where enough requests are known that went
 * well, so that shares of visits tell.
 */
export function moreThanUsual(scene: Scene, onset: number, seen: number, since: number): number {
  const of = stretchesOf(scene, onset);
  if (of === null) return Infinity;
  const { minutesBefore, failedBefore, minutesSince, failedSince } = of;
  const before = varying * seen;
  const isOftener = since / minutesSince > before / minutesBefore;
  const rateRise = isOftener ? rateLikelihoodRatio(before, minutesBefore, since, minutesSince) : 0;
  return Math.max(rateRise, grown(before, failedBefore, since, failedSince));
}

function grown(before: number, failedBefore: number, since: number, failed: number): number {
  // Of what fails nothing is known yet to compare with.
  if (failedBefore < 1) return Infinity;
  const [had, has] = [Math.min(before, failedBefore), Math.min(since, failed)];
  return has / failed > had / failedBefore ? likelihoodRatio(had, failedBefore, has, failed) : 0;
}

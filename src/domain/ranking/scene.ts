/** What one ranking looks at: the recent minutes cut at the moments the fault may have begun, beside what is normal. */
import type { Baseline } from '../baseline/baseline.ts';
import { type Period, summarise } from '../baseline/period.ts';
import type { Normal } from '../baseline/normal.ts';
import type { Lexicon } from '../baseline/lexicon.ts';
import { Known } from './known.ts';
import type { RankInput } from './rank-input.ts';
import type { Steps } from '../steps.ts';

/**
 * When the fault may have begun, ms before the alert. The onset is not located first and trusted then: each test is run
 * for every one of these, with everything before as its normal, and the best counts. Close to the alert the steps are
 * fine because that is where alerts point; the first entry stands for all recent telemetry.
 */
const usualOnsetsMs = [Number.POSITIVE_INFINITY, 8, 6, 5, 4, 3.5, 3, 2.5, 2, 1.5, 1, 0.6].map((minutes) => minutes * 60_000);
export const buckets = usualOnsetsMs.length;
/** The first bucket of "lately": used to see whether something lasts. */
export const lately = usualOnsetsMs.indexOf(60_000);

/** Where so little was recorded and nothing was learned, the same number of onsets is spread over what there is. */
const youngMs = 150_000;
const youngShares = [0.7, 0.6, 0.5, 0.42, 0.35, 0.28, 0.23, 0.19, 0.15, 0.12, 0.08];

function onsetsFor(recordedMs: number, isLearned: boolean): readonly number[] {
  if (isLearned || recordedMs > youngMs) return usualOnsetsMs;
  return [Number.POSITIVE_INFINITY, ...youngShares.map((share) => share * recordedMs)];
}

export interface Scene {
  readonly input: RankInput;
  readonly baseline: Baseline;
  readonly normal: Normal;
  readonly lexicon: Lexicon;
  readonly recent: Period;
  readonly known: Known;
  /** First and last instant of recent telemetry; equal when there is none. */
  readonly firstAt: number;
  readonly lastAt: number;
  /** ms before the alert at which each bucket begins. */
  readonly onsetsMs: readonly number[];
  /** 0 without any past, towards 1 as the baseline has seen more minutes. */
  readonly trust: number;
}

/** Minutes at which the past is half trusted: sessions differ from minute to minute as much as mild faults do. */
const halfTrusted = 20;

export function* observe(input: RankInput): Steps<Scene> {
  const { window, baseline, alertAt } = input;
  const from = Math.max(window.fromMs, baseline.learnedUntil ?? window.fromMs);
  const onsetsMs = onsetsFor(alertAt - earliest(input, from), baseline.minutes > 0);
  const bucketAt = (at: number): number => {
    if (at < from || at > alertAt) return -1;
    const before = alertAt - at;
    let bucket = 0;
    while (bucket + 1 < buckets && before <= onsetsMs[bucket + 1]!) bucket++;
    return bucket;
  };
  baseline.follow(window);
  const recent = yield* summarise(window, baseline.lexicon, buckets, bucketAt, baseline.normal.within);
  const { firstAt, lastAt } = extent(recent, from, alertAt);
  const trust = baseline.minutes / (baseline.minutes + halfTrusted);
  return {
    input,
    baseline,
    normal: baseline.normal,
    lexicon: baseline.lexicon,
    recent,
    known: new Known(input, recent),
    firstAt,
    lastAt,
    onsetsMs,
    trust,
  };
}

/** First instant of telemetry in the recent stretch, clocks as they are. */
function earliest({ window, alertAt }: RankInput, from: number): number {
  let first = alertAt;
  for (const times of [window.spans.startMs, window.logs.timeMs])
    for (let row = 0; row < times.length; row++) if (times[row]! >= from && times[row]! < first) first = times[row]!;
  return first;
}

function extent({ window, tree }: Period, from: number, alertAt: number): { firstAt: number; lastAt: number } {
  let firstAt = Infinity;
  let lastAt = -Infinity;
  const see = (at: number): void => {
    if (at < from || at > alertAt) return;
    if (at < firstAt) firstAt = at;
    if (at > lastAt) lastAt = at;
  };
  for (const times of [tree.startMs, window.logs.timeMs, ...window.metrics.map(({ timeMs }) => timeMs)])
    for (let i = 0; i < times.length; i++) see(times[i]!);
  return firstAt <= lastAt ? { firstAt, lastAt } : { firstAt: alertAt, lastAt: alertAt };
}

/** The instant an onset stands for. */
export const onsetAt = (scene: Scene, onset: number): number =>
  onset === 0 ? scene.firstAt : Math.max(scene.firstAt, scene.input.alertAt - scene.onsetsMs[onset]!);

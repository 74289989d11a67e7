/**
 * Whether the level of a gauge has changed for good within the last minutes: nearly all its points since then are beyond what it was before,
 * and hardly any before were. A spike that ended, a drift, and what it does every few minutes are no such change.
 */
import { median } from '../baseline/clock.ts';

export interface Shift {
  readonly at: number;
  readonly usual: number;
  readonly now: number;
  /** So many times as much, or as little. */
  readonly times: number;
}

export interface Points {
  readonly at: ArrayLike<number>;
  readonly values: ArrayLike<number>;
}

/** A change is looked for in the last minutes, and has lasted so long at least. */
const longestMs = 330_000;
const shortestMs = 40_000;
const stepMs = 10_000;
const fewestBefore = 12;
const fewestSince = 4;
/** Of the points since, so many are beyond what was usual; of those before, hardly any. */
const nearlyAll = 0.75;
const hardlyAny = 0.03;
/** Beyond: so many times the usual spread, of which a drift is a part, and no less than a share of the level. */
const spreads = 4;
const leastOfLevel = 0.1;

export function shiftOf(points: Points, alertAt: number, isUp: boolean): Shift | null {
  let best: (Shift & { readonly purity: number }) | null = null;
  for (let ago = longestMs; ago >= shortestMs; ago -= stepMs) {
    const found = shiftAt(points, alertAt, alertAt - ago, isUp);
    if (found !== null && found.purity > (best?.purity ?? 0)) best = found;
  }
  return best;
}

function shiftAt(points: Points, alertAt: number, onset: number, isUp: boolean): (Shift & { purity: number }) | null {
  const { before, since } = cut(points, alertAt, onset);
  if (before.length < fewestBefore || since.length < fewestSince) return null;
  const late = median(before.slice(-Math.ceil(before.length / 3)));
  const middle = median(before);
  const spread = 1.5 * median(before.map((value) => Math.abs(value - middle)));
  const least = Math.max(spreads * spread, leastOfLevel * Math.abs(late));
  const now = median(since);
  const sign = isUp ? 1 : -1;
  if (!(sign * (now - late) > least)) return null;
  const isBeyond = (value: number): boolean => sign * (value - late) > least;
  const isHalfway = (value: number): boolean => sign * (value - late) > sign * (now - late) * 0.5;
  const lasting = shareOf(since, isBeyond);
  // What came and went is over: the newest points are still beyond.
  if (lasting < nearlyAll || shareOf(since.slice(-fewestSince), isBeyond) < nearlyAll) return null;
  const usually = shareOf(before, isHalfway);
  if (usually > hardlyAny) return null;
  const [more, less] = isUp ? [now, late] : [late, now];
  return { at: onset, usual: late, now, times: more / Math.max(less, more / mostTimes), purity: lasting - 3 * usually };
}

/** From nothing to something is many times as much. */
const mostTimes = 100;

/** The mean since the moment that tells it best from the mean before: for what comes and goes while it lasts, as errors do. */
export function riseOf(points: Points, alertAt: number, least: number): Shift | null {
  let best: (Shift & { readonly weight: number }) | null = null;
  for (let ago = longestMs; ago >= shortestMs; ago -= stepMs) {
    const { before, since } = cut(points, alertAt, alertAt - ago);
    if (before.length < fewestBefore || since.length < fewestSince) continue;
    const [usual, now] = [meanOf(before), meanOf(since)];
    if (now - usual < least || now < rising * usual) continue;
    // One that fails now and then lifts the mean as well.
    const beyond = since.filter((value) => value > usual + least).length;
    if (beyond < fewestBeyond || beyond < often * since.length) continue;
    const weight = (now - usual) * Math.sqrt(since.length);
    if (weight > (best?.weight ?? 0)) best = { at: alertAt - ago, usual, now, times: now / Math.max(usual, now / mostTimes), weight };
  }
  return best;
}
const rising = 3;
const fewestBeyond = 3;
const often = 0.2;

function cut({ at, values }: Points, alertAt: number, onset: number): { before: number[]; since: number[] } {
  const [before, since]: [number[], number[]] = [[], []];
  for (let i = 0; i < at.length; i++) if (at[i]! <= alertAt) (at[i]! < onset ? before : since).push(values[i]!);
  return { before, since };
}

const shareOf = (values: readonly number[], is: (value: number) => boolean): number => values.filter(is).length / values.length;

const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/**
 * What is learned: a blend of fits that differ in where they begin and how far they go, each by how well it foretells words
 * that it had no part in. So a start that is right is hardly left, one that is far off is soon, and nobody has to choose
 * (pseudo-BMA: Yao, Vehtari, Simpson and Gelman 2018).
 */
import { fnv1a } from '../evidence.ts';
import type { Steps } from '../steps.ts';
import { fitted, type Labelled, type Prior } from './fit.ts';
import type { LearnedWeights } from './replay.ts';
import { lossOf } from './word.ts';

export interface Candidate extends Prior {
  /** Belief in it before the first word. */
  readonly belief: number;
}

const scale = 0.3;
/** Chosen on the choosing worlds of `npm run learning -- --choosing`, none of whose incidents is in docs/learning.md. */
export const candidates: readonly Candidate[] = [
  { centre: 'start', spread: 0.3, scale, belief: 3 },
  { centre: 'start', spread: 1.5, scale, belief: 1 },
  { centre: 'alike', spread: 0.3, scale, belief: 1 },
];

const folds = 5;

export interface Spoken extends Labelled {
  readonly incidentId: string;
}

export interface Blend {
  readonly learned: LearnedWeights;
  /** Of each word, by what is learned without its incident. */
  readonly losses: readonly number[];
}

/** In steps of one fit each. */
export function* blended(words: readonly Spoken[], start: LearnedWeights, among: readonly Candidate[] = candidates): Steps<Blend> {
  const { losses, shares } = yield* foretold(words, start, among);
  const whole: LearnedWeights[] = [];
  for (const candidate of among) {
    whole.push(fitted(words, start, candidate));
    yield;
  }
  return { learned: mixed(whole, shares), losses };
}

interface Foretold {
  readonly losses: readonly number[];
  /** How well they speak for each candidate. */
  readonly shares: readonly number[];
}

/** Of each word, the loss by what is learned without its incident. */
export function* foretold(words: readonly Spoken[], start: LearnedWeights, among: readonly Candidate[] = candidates): Steps<Foretold> {
  const foldOf = words.map(({ incidentId }) => fnv1a(incidentId) % folds);
  const fits: { candidate: Candidate; without: LearnedWeights[]; losses: number[] }[] = [];
  for (const candidate of among) {
    const without: LearnedWeights[] = [];
    for (let fold = 0; fold < folds; fold++) {
      const others = words.filter((_, i) => foldOf[i] !== fold);
      without.push(fitted(others, start, candidate));
      yield;
    }
    fits.push({ candidate, without, losses: words.map((word, i) => lossOf(word, without[foldOf[i]!]!)) });
  }
  const sharesBy = (counts: (i: number) => boolean) =>
    sharesOf(
      fits.map(({ candidate, losses }) => {
        const loss = losses.reduce((sum, one, i) => (counts(i) ? sum + words[i]!.weight * one : sum), 0);
        return Math.log(candidate.belief) - loss;
      }),
    );
  // What is foretold of a fold is blended by how well the other folds were.
  const foretelling = Array.from({ length: folds }, (_, fold) => {
    const withoutFold = fits.map(({ without }) => without[fold]!);
    return mixed(
      withoutFold,
      sharesBy((i) => foldOf[i] !== fold),
    );
  });
  return { losses: words.map((word, i) => lossOf(word, foretelling[foldOf[i]!]!)), shares: sharesBy(() => true) };
}

function sharesOf(logs: readonly number[]): number[] {
  const highest = Math.max(...logs);
  const powers = logs.map((log) => Math.exp(log - highest));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}

/** Factors are mixed by their logarithms. */
function mixed(weights: readonly LearnedWeights[], shares: readonly number[]): LearnedWeights {
  const over = (
    kind: (one: LearnedWeights) => Readonly<Record<string, number>>,
    to: (value: number) => number,
    from: (value: number) => number,
  ) =>
    Object.fromEntries(
      Object.keys(kind(weights[0]!)).map((name) => {
        const value = weights.reduce((sum, one, i) => sum + shares[i]! * to(kind(one)[name]!), 0);
        return [name, Math.round(from(value) * 1e4) / 1e4];
      }),
    );
  return {
    signals: over(({ signals }) => signals, Math.log, Math.exp),
    leanings: over(
      ({ leanings }) => leanings ?? {},
      (value) => value,
      (value) => value,
    ),
  };
}

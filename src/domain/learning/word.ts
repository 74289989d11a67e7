/**
 * What somebody said of an incident, and how likely they would say just that, whichever suspect it really was. Mistakes have
 * their own form: who is mistaken agrees with what stands first, or rejects what is right and names what stands next.
 */
import { type LearnedWeights, type PreparedCase, type Weighed, weigh } from './replay.ts';

export interface Word {
  readonly prepared: PreparedCase;
  /** Places that the word calls right, or leaves open. */
  readonly right: ReadonlySet<number>;
  /** It only says who it is not: it may have been nobody, or somebody who is not listed. */
  readonly maybeNone: boolean;
}

/** Words that are mistaken: of honest ones a tenth, and some of a hostile person who is not found out. */
export const noise = 0.15;
/** How often somebody who knows which of the listed it was rejects another and does not say so; there is a field for it. */
const untold = 0.15;
/** Of mistaken rejections, those that name nobody. */
const mistakenUntold = 0.3;
/** Of mistaken names, those of the suspect that stood next; the others are shared by the rest. */
const mistakenNext = 0.6;
/** Who is mistaken seldom names a wrong suspect where a third one was right, or nothing was wrong. */
const mistakenTwice = 0.1;

export interface Odds {
  /** Of the word, by the place of the suspect that it was. */
  readonly places: readonly number[];
  /** Of the word, where nothing was wrong or the one at fault is not listed. */
  readonly none: number;
}

/** How likely the word is, by what is so; `mistaken`: how often this speaker is. */
export function oddsOf({ prepared, right, maybeNone }: Word, mistaken: number): Odds {
  const meant = 1 - mistaken;
  const count = prepared.suspects.length;
  const by = (of: (place: number) => number) => Array.from({ length: count }, (_, place) => of(place));
  if (maybeNone) return { places: by((place) => (right.has(place) ? meant * untold : mistaken * mistakenUntold)), none: meant };
  if (right.has(0)) return { places: by((place) => (right.has(place) ? meant : mistaken)), none: mistaken };
  const slip = mistaken * (right.has(1) ? mistakenNext : (1 - mistakenNext) / Math.max(1, count - 2));
  const twice = mistaken * mistakenTwice;
  return { places: by((place) => (right.has(place) ? meant : place === 0 ? slip : twice)), none: twice };
}

/** How likely the word is, with what the weights make of the incident. */
export function likelihoodOf({ places, none }: Odds, weighed: Pick<Weighed, 'shares' | 'none'>): number {
  return Math.max(
    1e-9,
    places.reduce((sum, odds, place) => sum + odds * weighed.shares[place]!, none * weighed.none),
  );
}

/** Negative log-likelihood of a word: what weights are compared by. */
export function lossOf(word: Word, weights: LearnedWeights): number {
  return -Math.log(likelihoodOf(oddsOf(word, noise), weigh(word.prepared, weights)));
}

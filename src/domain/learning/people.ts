/**
 * How much each voice counts: old words fade, a person who keeps contradicting what everybody else's words add up to is
 * believed less, and nobody outweighs the others by saying more.
 */
import type { Example, Voice } from './example.ts';
import type { Spoken } from './blend.ts';
import { fitted } from './fit.ts';
import { type LearnedWeights, weigh } from './replay.ts';
import { likelihoodOf, noise, oddsOf } from './word.ts';

const dayMs = 86_400_000;
const halfLifeMs = 120 * dayMs;
/** Log odds that somebody means well before the first word: nine in ten. No single word moves them by more than the second. */
const priorTrust = Math.log(9);
const mostPerWord = 2;
/** Of one person: as much as this many words at least, and this share of everybody else's at most. */
const leastTotal = 3;
const mostShare = 0.25;

export interface Weighted extends Spoken {
  readonly person: string;
  readonly at: number;
}

/** From wherever the start may be, to what words add up to. */
const openMinded = { centre: 'start', spread: 1.2, scale: 1.2 } as const;

/** From far off, what is right looks like a mistake, and everybody would be taken for hostile. */
const openMindedNoise = 0.002;

/** Every voice as a labelled example, with its weight. */
export function weightedVoices(examples: readonly Example[], start: LearnedWeights, now: number): Weighted[] {
  const plain = capped(examples.flatMap((example) => example.voices.map((voice) => labelled(example, voice, now))));
  // First everybody alike: whom the evidence and the others bear out is seen by what they add up to.
  const together = fitted(plain, start, openMinded, openMindedNoise);
  const trust = trustOf(plain, together);
  return capped(plain.map((one) => ({ ...one, weight: one.weight * (trust.get(one.person) ?? 1) })));
}

function labelled({ incidentId, prepared, voices }: Example, { person, at, right, maybeNone }: Voice, now: number): Weighted {
  // An incident is one incident, however many speak of it.
  const weight = 2 ** (-Math.max(0, now - at) / halfLifeMs) / Math.sqrt(voices.length);
  return { incidentId, person, at, prepared, right, maybeNone, weight };
}

/** Probability that each person means well, by how their words fit what all words add up to. */
function trustOf(voices: readonly Weighted[], weights: LearnedWeights): Map<string, number> {
  return new Map(
    [...Map.groupBy(voices, ({ person }) => person)].map(([person, own]) => {
      const odds = own.reduce((sum, one) => sum + speaksFor(one, weights), priorTrust);
      return [person, 1 / (1 + Math.exp(-odds))];
    }),
  );
}

/** Log of how much likelier this word is from one who means well than from one who says the contrary of what is so. */
function speaksFor(one: Weighted, weights: LearnedWeights): number {
  const weighed = weigh(one.prepared, weights);
  const meant = likelihoodOf(oddsOf(one, noise), weighed);
  const contrary = likelihoodOf(oddsOf(one, 1 - noise), weighed);
  return Math.max(-mostPerWord, Math.min(mostPerWord, Math.log(meant / contrary)));
}

function capped(voices: readonly Weighted[]): Weighted[] {
  const totals = new Map<string, number>();
  for (const { person, weight } of voices) totals.set(person, (totals.get(person) ?? 0) + weight);
  const all = [...totals.values()].reduce((sum, total) => sum + total, 0);
  return voices.map((one) => {
    const total = totals.get(one.person)!;
    const limit = Math.max(leastTotal, mostShare * (all - total));
    return { ...one, weight: one.weight * Math.min(1, limit / total) };
  });
}

/**
 * Which weights rank: the tuned ones, those that are live, or those just learned. A new set must beat the one in force on
 * past incidents, each weighed by a set learned without it, and on the built-in scenarios: none fewer right, and a smaller
 * loss. Until then it is a shadow: computed, told of, and without effect.
 */
import { fnv1a } from '../evidence.ts';
import type { Vote } from '../feedback.ts';
import { atOnce, type Steps } from '../steps.ts';
import { basisOf, examplesOf } from './example.ts';
import { blended, type Candidate, foretold } from './blend.ts';
import { type Weighted, weightedVoices } from './people.ts';
import { type LearnedWeights, type PreparedCase, rankedAgain } from './replay.ts';
import { lossOf } from './word.ts';

/** What is stored: the set in force and what became of the latest contest. */
export interface Learning {
  /** 0: the tuned weights. */
  readonly version: number;
  readonly weights: LearnedWeights;
  /** When the set in force was learned, and the words it was learned from. */
  readonly learnedAt: number;
  readonly basis: string;
  readonly contest: Contest;
}

const outcomes = ['too few verdicts', 'went live', 'loses on past incidents', 'loses on scenarios'] as const;
export type Outcome = (typeof outcomes)[number];

export interface Contest {
  readonly at: number;
  readonly incidents: number;
  readonly people: number;
  /** Mean loss on verdicts that neither set was learned from; lower is better. */
  readonly lossInForce: number;
  readonly lossLearned: number;
  /** What the learned set gains a verdict, and the standard error of that; absent in what was stored before it was kept. */
  readonly gain?: { readonly mean: number; readonly error: number };
  /** Of the built-in scenarios: how many there are, and how many have the right service first. */
  readonly scenarios: number;
  readonly rightInForce: number;
  readonly rightLearned: number;
  /** Mean loss on them; absent in what was stored before it was kept. */
  readonly scenarioLoss?: { readonly inForce: number; readonly learned: number };
  readonly outcome: Outcome;
}

export interface Scenario {
  readonly prepared: PreparedCase;
  /** Place of the service at fault; null where nothing is wrong. */
  readonly right: number | null;
}

const tuned: LearnedWeights = { signals: {}, leanings: {} };

/** Fewer judged incidents show nothing. */
const fewest = 8;
/** A gain counts from so many of its own standard errors on: learning is tried after every verdict, and chance has many tries. */
const surely = 1;

export interface ContestInput {
  readonly votes: readonly Vote[];
  readonly before: Learning | null;
  readonly scenarios: readonly Scenario[];
  readonly now: number;
  /** What learning starts from; the tuned weights unless somebody tries others. */
  readonly start?: LearnedWeights;
  readonly among?: readonly Candidate[];
}

export const contest = (input: ContestInput): Learning => atOnce(contestInSteps(input));

/** For a process that has other things to do in between. */
export function* contestInSteps({ votes, before, scenarios, now, start = tuned, among }: ContestInput): Steps<Learning> {
  const examples = examplesOf(votes);
  const voices = weightedVoices(examples, start, now);
  const inForce = standing(before, votes, voices, start);
  const { learned, losses } = yield* blended(voices, start, among);
  const gain = gainOf(yield* compare(voices, losses, inForce, start, among));
  const [ofLearned, ofInForce] = [scenarioLoss(scenarios, learned), scenarioLoss(scenarios, inForce.weights)];
  const [rightInForce, rightLearned] = [rightIn(scenarios, inForce.weights), rightIn(scenarios, learned)];
  const outcome: Outcome =
    gain.words < fewest || voices.every(({ at }) => at <= inForce.learnedAt)
      ? 'too few verdicts'
      : gain.mean <= surely * gain.error
        ? 'loses on past incidents'
        : rightLearned >= rightInForce && ofLearned < ofInForce
          ? 'went live'
          : 'loses on scenarios';
  const report: Contest = {
    at: now,
    incidents: examples.length,
    people: new Set(voices.map(({ person }) => person)).size,
    lossInForce: gain.inForce,
    lossLearned: gain.inForce - gain.mean,
    gain: { mean: gain.mean, error: gain.error },
    scenarios: scenarios.length,
    rightInForce,
    rightLearned,
    scenarioLoss: { inForce: ofInForce, learned: ofLearned },
    outcome,
  };
  if (outcome !== 'went live') return { ...inForce, contest: report };
  return { version: (before?.version ?? 0) + 1, weights: learned, learnedAt: now, basis: digest(votes, now), contest: report };
}

const digest = (votes: readonly Vote[], until: number): string => fnv1a(basisOf(votes, until)).toString(36);

/** The set in force, unless a word it was learned from has been changed since, or what spoke for it has faded. */
function standing(before: Learning | null, votes: readonly Vote[], voices: readonly Weighted[], start: LearnedWeights) {
  const none = { version: 0, weights: start, learnedAt: 0, basis: '' };
  if (before === null || before.version === 0 || digest(votes, before.learnedAt) !== before.basis) return none;
  const gain = voices.reduce((sum, one) => sum + one.weight * (lossOf(one, start) - lossOf(one, before.weights)), 0);
  const { version, weights, learnedAt, basis } = before;
  return gain > 0 ? { version, weights, learnedAt, basis } : none;
}

interface Compared {
  readonly weight: number;
  readonly inForce: number;
  readonly learned: number;
}

/** The loss of each voice by weights that it had no part in: what was learned is learned again without its incident. */
function* compare(
  voices: readonly Weighted[],
  learned: readonly number[],
  inForce: Pick<Learning, 'weights' | 'learnedAt'>,
  start: LearnedWeights,
  among?: readonly Candidate[],
): Steps<Compared[]> {
  const old = voices.filter(({ at }) => at <= inForce.learnedAt);
  const before = new Map((old.length === 0 ? [] : (yield* foretold(old, start, among)).losses).map((loss, i) => [old[i]!, loss]));
  return voices.map((one, i) => ({
    weight: one.weight,
    inForce: before.get(one) ?? lossOf(one, inForce.weights),
    learned: learned[i]!,
  }));
}

/** What is gained over the set in force, word by word, and how far chance alone would carry that (paired standard error). */
function gainOf(compared: readonly Compared[]) {
  const words = compared.reduce((sum, { weight }) => sum + weight, 0);
  const mean = (of: (one: Compared) => number) => compared.reduce((sum, one) => sum + of(one), 0) / Math.max(words, 1e-9);
  const error = Math.sqrt(compared.reduce((sum, { weight, inForce, learned }) => sum + (weight * (inForce - learned)) ** 2, 0));
  return {
    words,
    inForce: mean(({ weight, inForce }) => weight * inForce),
    mean: mean(({ weight, inForce, learned }) => weight * (inForce - learned)),
    error: error / Math.max(words, 1e-9),
  };
}

function isRight({ prepared, right }: Scenario, weights: LearnedWeights): boolean {
  const first = rankedAgain(prepared, weights)[0];
  return right === null ? (first?.confidence ?? 0) < 0.5 : first?.place === right;
}

export function rightIn(scenarios: readonly Scenario[], weights: LearnedWeights): number {
  return scenarios.filter((one) => isRight(one, weights)).length;
}

function scenarioLoss(scenarios: readonly Scenario[], weights: LearnedWeights): number {
  const sum = scenarios.reduce((total, { prepared, right }) => {
    const word = { prepared, right: new Set(right === null ? [] : [right]), maybeNone: right === null };
    return total + lossOf(word, weights);
  }, 0);
  return sum / Math.max(1, scenarios.length);
}

/**
 * Which weights rank: the tuned ones, those that are live, or those just learned. A new set must beat the one in force on
 * past incidents, each weighed by a set learned without it, and must not lose on the built-in scenarios. Until then it is a
 * shadow: computed, told of, and without effect.
 */
import { fnv1a } from '../evidence.ts';
import type { Vote } from '../feedback.ts';
import { basisOf, examplesOf } from './example.ts';
import { fitted, lossOf, type Prior } from './fit.ts';
import { noise, type Weighted, weightedVoices } from './people.ts';
import { type LearnedWeights, type PreparedCase, rankedAgain } from './replay.ts';

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
  /** Of the built-in scenarios: how many there are, how many have the right service first, and the mean loss. */
  readonly scenarios: number;
  readonly rightInForce: number;
  readonly rightLearned: number;
  readonly outcome: Outcome;
}

export interface Scenario {
  readonly prepared: PreparedCase;
  /** Place of the service at fault; null where nothing is wrong. */
  readonly right: number | null;
}

const tuned: LearnedWeights = { signals: {}, leanings: {} };

const folds = 5;
/** Fewer judged incidents show nothing. */
const fewest = 8;
/** Loss on scenarios may grow by this much: weights that fit one house a little better fit the average a little worse. */
const scenarioSlack = 0.01;

export interface ContestInput {
  readonly votes: readonly Vote[];
  readonly before: Learning | null;
  readonly scenarios: readonly Scenario[];
  readonly now: number;
  /** What learning starts from; the tuned weights unless somebody tries others. */
  readonly start?: LearnedWeights;
}

export function contest({ votes, before, scenarios, now, start = tuned }: ContestInput): Learning {
  const examples = examplesOf(votes);
  const voices = weightedVoices(examples, start, now);
  const inForce = standing(before, votes, voices, start);
  const { learned, losses } = learnedFrom(voices, start);
  const compared = compare(voices, losses, inForce, start);
  const [ofLearned, ofInForce] = [scenarioLoss(scenarios, learned), scenarioLoss(scenarios, inForce.weights)];
  const total = voices.reduce((sum, { weight }) => sum + weight, 0);
  const [rightInForce, rightLearned] = [rightIn(scenarios, inForce.weights), rightIn(scenarios, learned)];
  const outcome: Outcome =
    total < fewest || voices.every(({ at }) => at <= inForce.learnedAt)
      ? 'too few verdicts'
      : !winsOnPast(compared)
        ? 'loses on past incidents'
        : rightLearned < rightInForce || ofLearned > ofInForce + scenarioSlack
          ? 'loses on scenarios'
          : 'went live';
  const mean = (of: (one: Compared) => number) => (total === 0 ? 0 : compared.reduce((sum, one) => sum + one.weight * of(one), 0) / total);
  const report: Contest = {
    at: now,
    incidents: examples.length,
    people: new Set(voices.map(({ person }) => person)).size,
    lossInForce: mean((one) => one.inForce),
    lossLearned: mean((one) => one.learned),
    scenarios: scenarios.length,
    rightInForce,
    rightLearned,
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
  const gain = voices.reduce((sum, one) => sum + one.weight * (lossOf(one, start, noise) - lossOf(one, before.weights, noise)), 0);
  const { version, weights, learnedAt, basis } = before;
  return gain > 0 ? { version, weights, learnedAt, basis } : none;
}

interface Compared {
  readonly weight: number;
  readonly atStart: number;
  readonly inForce: number;
  readonly learned: number;
}

/** The loss of each voice by weights that it had no part in: what was learned is learned again without its incident. */
function compare(
  voices: readonly Weighted[],
  learned: readonly number[],
  inForce: Pick<Learning, 'weights' | 'learnedAt'>,
  start: LearnedWeights,
): Compared[] {
  const old = voices.filter(({ at }) => at <= inForce.learnedAt);
  const before = new Map(learnedFrom(old, start).losses.map((loss, i) => [old[i]!, loss]));
  return voices.map((one, i) => ({
    weight: one.weight,
    atStart: lossOf(one, start, noise),
    inForce: before.get(one) ?? lossOf(one, inForce.weights, noise),
    learned: learned[i]!,
  }));
}

/** Clearly better than what learning began with, so that it is no chance, and better than the set in force. */
function winsOnPast(compared: readonly Compared[]): boolean {
  const gains = compared.map(({ weight, atStart, learned }) => weight * (atStart - learned));
  const overInForce = compared.reduce((sum, { weight, inForce, learned }) => sum + weight * (inForce - learned), 0);
  return isClear(gains) && overInForce > 0;
}

/** What is learned, and the loss of each voice by what is learned without it. The start is left only for a clear gain. */
function learnedFrom(voices: readonly Weighted[], start: LearnedWeights): { learned: LearnedWeights; losses: readonly number[] } {
  const [near, alike] = [heldOut(voices, start, 'start'), heldOut(voices, start, 'alike')];
  const isAlike = isClear(voices.map(({ weight }, i) => weight * (near[i]! - alike[i]!)));
  return { learned: fitted(voices, start, noise, isAlike ? 'alike' : 'start'), losses: isAlike ? alike : near };
}

/** Loss of each voice by weights learned from the incidents of the other folds. */
function heldOut(voices: readonly Weighted[], start: LearnedWeights, prior: Prior): number[] {
  if (voices.length === 0) return [];
  const foldOf = (one: Weighted) => fnv1a(one.incidentId) % folds;
  const learned = Array.from({ length: folds }, (_, fold) => {
    const others = voices.filter((one) => foldOf(one) !== fold);
    return fitted(others, start, noise, prior);
  });
  return voices.map((one) => lossOf(one, learned[foldOf(one)]!, noise));
}

/** Better on the whole by more than its own standard error: a difference that chance seldom makes. */
function isClear(gains: readonly number[]): boolean {
  const sum = gains.reduce((total, gain) => total + gain, 0);
  return sum > Math.sqrt(gains.reduce((total, gain) => total + gain ** 2, 0));
}

export function rightIn(scenarios: readonly Scenario[], weights: LearnedWeights): number {
  return scenarios.filter(({ prepared, right }) => {
    const first = rankedAgain(prepared, weights)[0];
    return right === null ? (first?.confidence ?? 0) < 0.5 : first?.place === right;
  }).length;
}

function scenarioLoss(scenarios: readonly Scenario[], weights: LearnedWeights): number {
  const sum = scenarios.reduce((total, { prepared, right }) => {
    const word = { prepared, right: new Set(right === null ? [] : [right]), maybeNone: right === null };
    return total + lossOf(word, weights, noise);
  }, 0);
  return sum / Math.max(1, scenarios.length);
}

/**
 * Weighs an incident again from what was kept of it, with any weights: the same arithmetic as a ranking, without telemetry.
 * `ranking/features.ts` wrote what is read here; a test holds both against each other.
 */
import type { Weights } from '../feedback.ts';
import { capOf, leaning, letSecondStand, noneLevel, notOrdinary, steepness, takenOff } from '../ranking/combine.ts';
import {
  ambiguousFeature,
  type Features,
  noneFeature,
  onlyWithPrefix,
  ordinaryPrefix,
  slightFeature,
  underPrefix,
} from '../ranking/features.ts';
import { type SignalName, signalWeights } from '../ranking/suspicion.ts';

export interface Suspect {
  readonly service: string;
  readonly features: Features;
}

/** A suspect with what does not depend on weights taken out of its features once. */
export interface Prepared {
  readonly service: string;
  /** Signal, its tuned weight times its value. */
  readonly signals: readonly (readonly [signal: SignalName, worth: number])[];
  /** Places of the suspects beneath it, and the share of its bad traces that are bad there too. */
  readonly under: readonly (readonly [place: number, both: number])[];
  /** No answer for it is surer. */
  readonly cap: number;
  /** Signals that may be ordinary, and the chance that they are. */
  readonly ordinary: ReadonlyMap<string, number>;
  /** Services that have a part in every bad trace of this one. */
  readonly onlyWith: ReadonlySet<string>;
}

export interface PreparedCase {
  readonly suspects: readonly Prepared[];
  /** Evidence of "nothing is wrong". */
  readonly none: number;
}

export interface Weighed {
  /** Evidence after what is explained by a callee, by place. */
  readonly evidence: readonly number[];
  /** Of each suspect, uncapped; with `none` they add up to 1. */
  readonly shares: readonly number[];
  readonly none: number;
}

export type LearnedWeights = Pick<Weights, 'signals' | 'leanings'>;

export function prepare(suspects: readonly Suspect[]): PreparedCase {
  const placeOf = new Map(suspects.map(({ service }, place) => [service, place]));
  return {
    none: suspects[0]?.features[noneFeature] ?? noneLevel,
    suspects: suspects.map(({ service, features }) => ({
      service,
      cap: capOf(features[ambiguousFeature] === 1, features[slightFeature] === 1),
      ordinary: new Map(named(features, ordinaryPrefix)),
      onlyWith: new Set(named(features, onlyWithPrefix).map(([service]) => service)),
      signals: Object.entries(features).flatMap(([name, value]) =>
        Object.hasOwn(signalWeights, name) ? [[name as SignalName, signalWeights[name as SignalName] * value] as const] : [],
      ),
      under: Object.entries(features).flatMap(([name, both]) => {
        const place = name.startsWith(underPrefix) ? placeOf.get(name.slice(underPrefix.length)) : undefined;
        return place === undefined ? [] : [[place, both] as const];
      }),
    })),
  };
}

function named(features: Features, prefix: string): [name: string, value: number][] {
  return Object.entries(features).flatMap(([name, value]) => (name.startsWith(prefix) ? [[name.slice(prefix.length), value]] : []));
}

export function weigh({ suspects, none }: PreparedCase, { signals, leanings }: LearnedWeights): Weighed {
  const own = suspects.map(({ service, signals: seen }) => {
    const sum = seen.reduce((total, [signal, worth]) => total + worth * (signals[signal] ?? 1), 0);
    return sum + leaning(sum, leanings?.[service]);
  });
  const evidence = suspects.map(({ under }, place) => own[place]! - mostTakenOff(own, place, under));
  return { evidence, ...shared(evidence, none) };
}

function mostTakenOff(own: readonly number[], place: number, under: Prepared['under']): number {
  if (own[place]! <= 0) return 0;
  return Math.max(0, ...under.map(([by, both]) => (own[by]! <= 0 ? 0 : takenOff(own[place]!, own[by]!, both))));
}

export function shared(evidence: readonly number[], none: number): Pick<Weighed, 'shares' | 'none'> {
  const highest = Math.max(none, ...evidence);
  const powers = evidence.map((one) => Math.exp(steepness * (one - highest)));
  const ofNone = Math.exp(steepness * (none - highest));
  const total = ofNone + powers.reduce((sum, power) => sum + power, 0);
  return { shares: powers.map((power) => power / total), none: ofNone / total };
}

/** As a report says it: places best first, with their confidences. */
export function rankedAgain(prepared: PreparedCase, weights: LearnedWeights): { place: number; confidence: number }[] {
  const { suspects } = prepared;
  const { evidence, shares, none } = weigh(prepared, weights);
  const order = [...suspects.keys()].sort((a, b) => evidence[b]! - evidence[a]! || (suspects[a]!.service < suspects[b]!.service ? -1 : 1));
  const standing = order.map((place) => shares[place]!);
  const [first, second] = order.map((place) => suspects[place]!);
  if (first && second && !second.onlyWith.has(first.service)) letSecondStand(standing, none);
  return order.map((place, rank) => {
    const { cap, ordinary, signals } = suspects[place]!;
    const doubtful = signals.reduce((sum, [signal, worth]) => sum + (ordinary.has(signal) ? worth * (weights.signals[signal] ?? 1) : 0), 0);
    const sure = notOrdinary(standing[rank]!, evidence[place]!, doubtful, Math.max(0, ...ordinary.values()));
    return { place, confidence: Math.min(cap, Math.max(0.005, sure)) };
  });
}

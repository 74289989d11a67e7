/**
 * The weights that explain people's verdicts best, held near the weights at the start by priors. Everything is computed anew
 * from all examples: no order, no state, so that a verdict taken back leaves nothing. Steps by the signs of the gradient
 * (Rprop, Riedmiller and Braun 1993), which need no step size for signals as unlike as these.
 */
import { steepness, takenOff } from '../ranking/combine.ts';
import { type SignalName, signalWeights } from '../ranking/suspicion.ts';
import { type LearnedWeights, type PreparedCase, shared, type Weighed, weigh } from './replay.ts';

export interface Labelled {
  readonly prepared: PreparedCase;
  /** Places that a word calls right. */
  readonly right: ReadonlySet<number>;
  readonly maybeNone: boolean;
  readonly weight: number;
}

/** Standard deviations of the priors: of the logarithm of a factor, and of what is added to a service. Swept by `npm run learning`. */
const signalSpread = 1.2;
const leaningSpread = 0.1;
/** Of the logarithm of a signal's weight, around what all of them have in common. */
const alikeSpread = 0.8;
const maxLeaning = 1;
const maxLogFactor = 2.5;
const rounds = 50;
/** So many rounds believe every word: from far off, what is right looks like a mistake, and would be left aside as one. */
const trustingRounds = 25;
const trustingNoise = 0.02;
/** How often somebody who knows which of the listed it was rejects the first and does not say so; there is a field for it. */
const untold = 0.15;

/** What is looked for: the logarithm of each signal's factor, and what is added to each service. */
interface Search {
  readonly names: readonly string[];
  /** Signals come first; from here on, services. */
  readonly firstService: number;
  readonly cases: readonly SearchCase[];
}

interface SearchCase {
  readonly labelled: Labelled;
  readonly suspects: readonly {
    readonly signals: readonly (readonly [index: number, worth: number])[];
    readonly service: number;
    readonly under: PreparedCase['suspects'][number]['under'];
  }[];
}

/**
 * Where factors are without evidence: at the start, or so that a unit of every signal weighs alike, with a weight in common
 * that is learned. The second needs no faith in the start, and finds a way out of one that is far off.
 */
const priors = ['start', 'alike'] as const;
export type Prior = (typeof priors)[number];

const logWeight = (name: string): number => Math.log(signalWeights[name as SignalName]);

/** `noise`: share of words that are mistaken; one that fits badly then pulls no harder than this allows. */
export function fitted(examples: readonly Labelled[], start: LearnedWeights, noise: number, prior: Prior = 'start'): LearnedWeights {
  const search = searchOf(examples);
  const { names, firstService } = search;
  const origin = names.map((name, i) => (i < firstService ? Math.log(start.signals[name] ?? 1) : (start.leanings?.[name] ?? 0)));
  const at = [...origin];
  const step = at.map(() => 0.1);
  const last = at.map(() => 0);
  const weights = names.slice(0, firstService).map(logWeight);
  const common = () => weights.reduce((sum, weight, i) => sum + weight + at[i]!, 0) / Math.max(1, firstService);
  for (let round = 0; round < rounds; round++) {
    const mean = common();
    const slope = at.map((value, i) => {
      if (i >= firstService) return (value - origin[i]!) / leaningSpread ** 2;
      return prior === 'start' ? (value - origin[i]!) / signalSpread ** 2 : (value - mean + weights[i]!) / alikeSpread ** 2;
    });
    const factors = at.map((value, i) => (i < firstService ? Math.exp(value) : value));
    const believed = round < trustingRounds ? Math.min(noise, trustingNoise) : noise;
    for (const one of search.cases) addSlope(one, factors, slope, believed);
    stepBySign(at, slope, last, step);
    for (let i = 0; i < at.length; i++) at[i] = within(at[i]!, i < firstService ? maxLogFactor : maxLeaning);
  }
  const learned = (from: number, to: number, of: (value: number) => number) =>
    Object.fromEntries(names.slice(from, to).map((name, i) => [name, rounded(of(at[from + i]!))]));
  const unseen = prior === 'start' || firstService === 0 ? start.signals : alikeAt(common());
  return {
    signals: { ...unseen, ...learned(0, firstService, Math.exp) },
    leanings: { ...start.leanings, ...learned(firstService, names.length, (value) => value) },
  };
}

/** Factors with which every signal has the same weight. */
function alikeAt(log: number): Record<string, number> {
  return Object.fromEntries(
    Object.keys(signalWeights).map((name) => [name, rounded(Math.exp(within(log - logWeight(name), maxLogFactor)))]),
  );
}

const within = (value: number, limit: number): number => Math.max(-limit, Math.min(limit, value));
const rounded = (value: number): number => Math.round(value * 1e4) / 1e4;

function searchOf(examples: readonly Labelled[]): Search {
  const suspects = examples.flatMap(({ prepared }) => prepared.suspects);
  const signals = [...new Set(suspects.flatMap((suspect) => suspect.signals.map(([signal]) => signal)))].sort();
  const services = [...new Set(suspects.map(({ service }) => service))].sort();
  const signalAt = new Map<string, number>(signals.map((name, i) => [name, i]));
  const serviceAt = new Map(services.map((name, i) => [name, signals.length + i]));
  return {
    names: [...signals, ...services],
    firstService: signals.length,
    cases: examples.map((labelled) => ({
      labelled,
      suspects: labelled.prepared.suspects.map((suspect) => ({
        signals: suspect.signals.map(([signal, worth]) => [signalAt.get(signal)!, worth] as const),
        service: serviceAt.get(suspect.service)!,
        under: suspect.under,
      })),
    })),
  };
}

function stepBySign(at: number[], slope: readonly number[], last: number[], step: number[]): void {
  for (let i = 0; i < at.length; i++) {
    const turned = slope[i]! * last[i]!;
    step[i] = turned > 0 ? Math.min(0.3, step[i]! * 1.2) : turned < 0 ? step[i]! * 0.5 : step[i]!;
    last[i] = turned < 0 ? 0 : slope[i]!;
    if (turned >= 0) at[i] = at[i]! - Math.sign(slope[i]!) * step[i]!;
  }
}

/** Probability that the weights give to a word, if it is meant as it should be. */
export function rightShare(
  { shares, none }: Pick<Weighed, 'shares' | 'none'>,
  { right, maybeNone }: Pick<Labelled, 'right' | 'maybeNone'>,
) {
  let sum = maybeNone ? none : 0;
  for (const place of right) sum += partOf(maybeNone) * shares[place]!;
  return sum;
}

/** Of a suspect that a word leaves open. */
const partOf = (maybeNone: boolean): number => (maybeNone ? untold : 1);

/** How likely somebody who is mistaken says just this: agreeing with the report is one thing to say, naming another one of many. */
export function chanceOf({ prepared, right, maybeNone }: Omit<Labelled, 'weight'>): number {
  if (maybeNone) return right.size === 0 ? 1 : 0.3;
  return right.has(0) ? 1 : 1 / Math.max(1, prepared.suspects.length);
}

/** Of a word with the given share of being meant as it should be; the rest of its speakers are mistaken. */
export function likelihoodOf(share: number, labelled: Omit<Labelled, 'weight'>, noise: number): number {
  return (1 - noise) * share + noise * chanceOf(labelled) * (1 - share);
}

/** Negative log-likelihood of a word, some words being noise. */
export function lossOf(labelled: Omit<Labelled, 'weight'>, weights: LearnedWeights, noise: number): number {
  return -Math.log(likelihoodOf(rightShare(weigh(labelled.prepared, weights), labelled), labelled, noise) + 1e-9);
}

/** The slope of one example's loss, by every factor and everything added; the counterpart of `weigh`. */
function addSlope({ labelled, suspects }: SearchCase, factors: readonly number[], slope: number[], noise: number): void {
  const sums = suspects.map(({ signals }) => signals.reduce((sum, [i, worth]) => sum + worth * factors[i]!, 0));
  const own = suspects.map(({ service }, place) => sums[place]! + factors[service]! * Math.min(1, sums[place]!));
  const taken = suspects.map(({ under }, place) => takenFrom(own, place, under));
  const weighed = shared(
    own.map((value, place) => value - taken[place]!.off),
    labelled.prepared.none,
  );
  const share = rightShare(weighed, labelled);
  const belief = ((1 - noise - noise * chanceOf(labelled)) * share) / Math.max(likelihoodOf(share, labelled, noise), 1e-9);
  const scale = labelled.weight * belief * steepness;
  const toOwn = suspects.map(() => 0);
  taken.forEach(({ by, ofOwn, ofBelow }, place) => {
    const wanted = labelled.right.has(place) ? (partOf(labelled.maybeNone) * weighed.shares[place]!) / Math.max(share, 1e-9) : 0;
    const pull = scale * (weighed.shares[place]! - wanted);
    toOwn[place] = toOwn[place]! + pull * (1 - ofOwn);
    if (by >= 0) toOwn[by] = toOwn[by]! - pull * ofBelow;
  });
  suspects.forEach(({ service, signals }, place) => {
    const pull = toOwn[place]!;
    const leaned = sums[place]! < 1 ? 1 + factors[service]! : 1;
    for (const [i, worth] of signals) slope[i] = slope[i]! + pull * leaned * worth * factors[i]!;
    slope[service] = slope[service]! + pull * Math.min(1, sums[place]!);
  });
}

const nudge = 0.001;

/** What a callee takes off, and how that grows with the upper and the lower suspect's evidence. */
function takenFrom(own: readonly number[], place: number, under: PreparedCase['suspects'][number]['under']) {
  let most = { off: 0, by: -1, ofOwn: 0, ofBelow: 0 };
  const mine = own[place]!;
  if (mine <= 0) return most;
  for (const [by, both] of under) {
    const below = own[by]!;
    const off = below <= 0 ? 0 : takenOff(mine, below, both);
    if (off <= most.off) continue;
    const ofOwn = (takenOff(mine + nudge, below, both) - off) / nudge;
    most = { off, by, ofOwn, ofBelow: (takenOff(mine, below + nudge, both) - off) / nudge };
  }
  return most;
}

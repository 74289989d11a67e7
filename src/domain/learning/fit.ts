/**
 * The weights that explain people's verdicts best, held near the weights at the start by priors. Everything is computed anew
 * from all examples: no order, no state, so that a verdict taken back leaves nothing. Steps by the signs of the gradient
 * (Rprop, Riedmiller and Braun 1993), which need no step size for signals as unlike as these.
 */
import { steepness, takenOff } from '../ranking/combine.ts';
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
const maxLeaning = 1;
const maxLogFactor = 2.5;
const rounds = 50;

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

/** `noise`: share of words that say nothing; one that fits badly then pulls no harder than this allows. */
export function fitted(examples: readonly Labelled[], start: LearnedWeights, noise: number): LearnedWeights {
  const search = searchOf(examples);
  const { names, firstService } = search;
  const origin = names.map((name, i) => (i < firstService ? Math.log(start.signals[name] ?? 1) : (start.leanings?.[name] ?? 0)));
  const at = [...origin];
  const step = at.map(() => 0.1);
  const last = at.map(() => 0);
  for (let round = 0; round < rounds; round++) {
    const slope = at.map((value, i) => (value - origin[i]!) / (i < firstService ? signalSpread : leaningSpread) ** 2);
    const factors = at.map((value, i) => (i < firstService ? Math.exp(value) : value));
    for (const one of search.cases) addSlope(one, factors, slope, noise);
    stepBySign(at, slope, last, step);
    for (let i = 0; i < at.length; i++) at[i] = within(at[i]!, i < firstService ? maxLogFactor : maxLeaning);
  }
  const learned = (from: number, to: number, of: (value: number) => number) =>
    Object.fromEntries(names.slice(from, to).map((name, i) => [name, rounded(of(at[from + i]!))]));
  return {
    signals: { ...start.signals, ...learned(0, firstService, Math.exp) },
    leanings: { ...start.leanings, ...learned(firstService, names.length, (value) => value) },
  };
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

/** Share that the weights give to what a word calls right. */
export function rightShare(
  { shares, none }: Pick<Weighed, 'shares' | 'none'>,
  { right, maybeNone }: Pick<Labelled, 'right' | 'maybeNone'>,
) {
  let sum = maybeNone ? none : 0;
  for (const place of right) sum += shares[place]!;
  return sum;
}

/** What a word would be worth by chance. */
export function chanceOf({ prepared, right, maybeNone }: Omit<Labelled, 'weight'>): number {
  return (right.size + Number(maybeNone)) / (prepared.suspects.length + 1);
}

/** Negative log-likelihood of a word, some words being noise. */
export function lossOf(labelled: Omit<Labelled, 'weight'>, weights: LearnedWeights, noise: number): number {
  const share = rightShare(weigh(labelled.prepared, weights), labelled);
  return -Math.log((1 - noise) * share + noise * chanceOf(labelled) + 1e-9);
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
  const meant = (1 - noise) * share;
  const belief = noise === 0 ? 1 : meant / (meant + noise * chanceOf(labelled));
  const scale = labelled.weight * belief * steepness;
  const toOwn = suspects.map(() => 0);
  taken.forEach(({ by, ofOwn, ofBelow }, place) => {
    const wanted = labelled.right.has(place) ? weighed.shares[place]! / Math.max(share, 1e-9) : 0;
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

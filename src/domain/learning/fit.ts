/**
 * The weights that explain people's verdicts best, held near where they are without evidence by a prior. Everything is
 * computed anew from all examples: no order, no state, so that a verdict taken back leaves nothing. Steps by the signs of the
 * gradient (Rprop, Riedmiller and Braun 1993), which need no step size for signals as unlike as these.
 */
import { steepness, takenOff } from '../ranking/combine.ts';
import { type SignalName, signalWeights } from '../ranking/suspicion.ts';
import { type LearnedWeights, type PreparedCase, shared } from './replay.ts';
import { likelihoodOf, noise, type Odds, oddsOf, type Word } from './word.ts';

export interface Labelled extends Word {
  readonly weight: number;
}

/**
 * Where factors are without evidence: at the start, or so that a unit of every signal weighs alike; and how far evidence may
 * take a factor from there (standard deviation of its logarithm). The second centre needs no faith in the start.
 */
export interface Prior {
  readonly centre: 'start' | 'alike';
  readonly spread: number;
  /**
   * The same of what all factors have in common, which is how sure a report sounds. It is held closer: to be sure is the
   * easiest way to explain people who agree, and would make every report surer than it may be.
   */
  readonly scale: number;
}

const leaningSpread = 0.1;
const maxLeaning = 1;
const maxLogFactor = 2.5;
const rounds = 50;
/** So many rounds believe every word: from far off, what is right looks like a mistake, and would be left aside as one. */
const trustingRounds = 25;
const trustingNoise = 0.02;
/** Evidence of one signal counts so far for how much it is used: one call that was slow without end is one call. */
const mostUse = 3;

/** What is looked for: the logarithm of each signal's factor, and what is added to each service. */
interface Search {
  readonly names: readonly string[];
  /** Signals come first; from here on, services. */
  readonly firstService: number;
  /** Of each signal, its share of all evidence: what all factors have in common is their mean by use. */
  readonly use: readonly number[];
  readonly cases: readonly SearchCase[];
}

/** Rows of one example, flat: a fit goes over them some fifty times. */
interface SearchCase {
  readonly weight: number;
  readonly none: number;
  /** Of each suspect: where its service stands among what is looked for. */
  readonly services: readonly number[];
  /** Where each suspect's signals begin among the rows; one more than there are suspects. */
  readonly signalsFrom: readonly number[];
  readonly signals: readonly number[];
  readonly worths: readonly number[];
  readonly under: readonly PreparedCase['suspects'][number]['under'][];
  /** Of the word, while every word is believed, and after. */
  readonly trusted: Odds;
  readonly odds: Odds;
}

const logWeight = (name: string): number => Math.log(signalWeights[name as SignalName]);
const within = (value: number, limit: number): number => Math.max(-limit, Math.min(limit, value));
const rounded = (value: number): number => Math.round(value * 1e4) / 1e4;
const allSignals = Object.keys(signalWeights);

/** `mistaken`: share of words that are; one that fits badly then pulls no harder than this allows. */
export function fitted(examples: readonly Labelled[], start: LearnedWeights, prior: Prior, mistaken = noise): LearnedWeights {
  const search = searchOf(examples, mistaken);
  const { names, firstService, use } = search;
  const centre = centreOf(search, start, prior);
  const origin = names.map((name, i) => (i < firstService ? centre(name) : (start.leanings?.[name] ?? 0)));
  const at = [...origin];
  const step = at.map(() => 0.1);
  const last = at.map(() => 0);
  const common = () => use.reduce((sum, share, i) => sum + share * (at[i]! - origin[i]!), 0);
  for (let round = 0; round < rounds; round++) {
    const scale = common();
    const apart = use.reduce((sum, _, i) => sum + at[i]! - origin[i]! - scale, 0);
    const slope = at.map((value, i) =>
      i < firstService
        ? (value - origin[i]! - scale - use[i]! * apart) / prior.spread ** 2 + (use[i]! * scale) / prior.scale ** 2
        : (value - origin[i]!) / leaningSpread ** 2,
    );
    const factors = at.map((value, i) => (i < firstService ? Math.exp(value) : value));
    for (const one of search.cases) addSlope(one, factors, slope, round < trustingRounds ? one.trusted : one.odds);
    stepBySign(at, slope, last, step);
    for (let i = 0; i < at.length; i++) at[i] = within(at[i]!, i < firstService ? maxLogFactor : maxLeaning);
  }
  const found = new Map(names.slice(0, firstService).map((name, i) => [name, at[i]!]));
  const scale = common();
  const factorOf = (name: string) => Math.exp(found.get(name) ?? within(centre(name) + scale, maxLogFactor));
  const leanings = Object.fromEntries(names.slice(firstService).map((name, i) => [name, rounded(at[firstService + i]!)]));
  return {
    signals: Object.fromEntries(allSignals.map((name) => [name, rounded(factorOf(name))])),
    leanings: { ...start.leanings, ...leanings },
  };
}

/** The logarithm of a signal's factor without evidence. Alike: as strong together as the start is where it is used. */
function centreOf({ names, firstService, use }: Search, start: LearnedWeights, { centre }: Prior): (name: string) => number {
  const atStart = (name: string) => Math.log(start.signals[name] ?? 1);
  if (centre === 'start') return atStart;
  const strength = names.slice(0, firstService).reduce((sum, name, i) => sum + use[i]! * (logWeight(name) + atStart(name)), 0);
  return (name) => within(strength - logWeight(name), maxLogFactor);
}

function searchOf(examples: readonly Labelled[], mistaken: number): Search {
  const suspects = examples.flatMap(({ prepared }) => prepared.suspects);
  const signals = [...new Set(suspects.flatMap((suspect) => suspect.signals.map(([signal]) => signal)))].sort();
  const services = [...new Set(suspects.map(({ service }) => service))].sort();
  const signalAt = new Map<string, number>(signals.map((name, i) => [name, i]));
  const serviceAt = new Map(services.map((name, i) => [name, signals.length + i]));
  const uses = signals.map(() => 0);
  for (const { prepared, weight } of examples)
    for (const suspect of prepared.suspects)
      for (const [signal, worth] of suspect.signals) uses[signalAt.get(signal)!]! += weight * Math.min(mostUse, worth);
  const all = uses.reduce((sum, one) => sum + one, 0);
  return {
    names: [...signals, ...services],
    firstService: signals.length,
    use: uses.map((one) => (all > 0 ? one / all : 0)),
    cases: examples.map((labelled) => {
      const { suspects, none } = labelled.prepared;
      const rows = suspects.flatMap((suspect) => suspect.signals);
      const signalsFrom = [0];
      for (const suspect of suspects) signalsFrom.push(signalsFrom.at(-1)! + suspect.signals.length);
      return {
        weight: labelled.weight,
        none,
        services: suspects.map(({ service }) => serviceAt.get(service)!),
        signalsFrom,
        signals: rows.map(([signal]) => signalAt.get(signal)!),
        worths: rows.map(([, worth]) => worth),
        under: suspects.map(({ under }) => under),
        trusted: oddsOf(labelled, Math.min(mistaken, trustingNoise)),
        odds: oddsOf(labelled, mistaken),
      };
    }),
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

/** The slope of one example's loss, by every factor and everything added; the counterpart of `weigh`. */
function addSlope(one: SearchCase, factors: readonly number[], slope: number[], odds: Odds): void {
  const { services, signalsFrom, signals, worths, under } = one;
  const count = services.length;
  const sums: number[] = [];
  const own: number[] = [];
  for (let place = 0; place < count; place++) {
    let sum = 0;
    for (let row = signalsFrom[place]!; row < signalsFrom[place + 1]!; row++) sum += worths[row]! * factors[signals[row]!]!;
    sums.push(sum);
    own.push(sum + factors[services[place]!]! * Math.min(1, sum));
  }
  const taken = under.map((beneath, place) => (beneath.length === 0 ? nothingTaken : takenFrom(own, place, beneath)));
  const evidence = own.map((value, place) => value - taken[place]!.off);
  const weighed = shared(evidence, one.none);
  const likelihood = likelihoodOf(odds, weighed);
  const toOwn = own.map(() => 0);
  for (let place = 0; place < count; place++) {
    const { by, ofOwn, ofBelow } = taken[place]!;
    const pull = one.weight * steepness * weighed.shares[place]! * (1 - odds.places[place]! / likelihood);
    toOwn[place] = toOwn[place]! + pull * (1 - ofOwn);
    if (by >= 0) toOwn[by] = toOwn[by]! - pull * ofBelow;
  }
  for (let place = 0; place < count; place++) {
    const pull = toOwn[place]!;
    const service = services[place]!;
    const leaned = sums[place]! < 1 ? 1 + factors[service]! : 1;
    for (let row = signalsFrom[place]!; row < signalsFrom[place + 1]!; row++) {
      const signal = signals[row]!;
      slope[signal] = slope[signal]! + pull * leaned * worths[row]! * factors[signal]!;
    }
    slope[service] = slope[service]! + pull * Math.min(1, sums[place]!);
  }
}

const nudge = 0.001;
const nothingTaken = { off: 0, by: -1, ofOwn: 0, ofBelow: 0 };

/** What a callee takes off, and how that grows with the upper and the lower suspect's evidence. */
function takenFrom(own: readonly number[], place: number, under: PreparedCase['suspects'][number]['under']) {
  const mine = own[place]!;
  if (mine <= 0) return nothingTaken;
  let off = 0;
  let by = -1;
  let overlap = 0;
  for (const [callee, both] of under) {
    const below = own[callee]!;
    const taken = below <= 0 ? 0 : takenOff(mine, below, both);
    if (taken > off) [off, by, overlap] = [taken, callee, both];
  }
  if (by < 0) return nothingTaken;
  const ofOwn = (takenOff(mine + nudge, own[by]!, overlap) - off) / nudge;
  return { off, by, ofOwn, ofBelow: (takenOff(mine, own[by]! + nudge, overlap) - off) / nudge };
}

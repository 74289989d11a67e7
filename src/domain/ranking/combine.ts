/**
 * From signals to probabilities. Evidence adds up by weight; what a callee explains is taken off its callers; a softmax
 * over all services and the answer "nothing is wrong" makes it a probability.
 */
import type { Scene } from './scene.ts';
import { isSlight } from './slight.ts';
import { type SignalName, signalWeights, type Suspicion, type Suspicions } from './suspicion.ts';

export interface Suspect {
  readonly suspicion: Suspicion;
  /** Evidence before and after what a callee explains. */
  readonly own: number;
  readonly evidence: number;
  readonly explainedBy: string | null;
  readonly probability: number;
}

export interface Combined {
  /** Best first. */
  readonly suspects: readonly Suspect[];
  readonly none: number;
}

/** Evidence that "nothing is wrong" has at best and, with little past, on top: noise is only known after many minutes. */
export const noneLevel = 1.5;
const noneUnsure = 0.8;
export const steepness = 2.2;
/** No report is surer than this, and none surer than the second where its evidence would look alike with a callee at fault. */
const cap = 0.97;
const ambiguousCap = 0.78;
/** A handful of bad requests among many good ones makes nobody surer than not. */
const slightCap = 0.45;
/** What may be as ordinary as not makes nobody surer than this, and where it is most of what there is less: a half accuses. */
const evenOdds = 0.5;
const noCharge = 0.49;

export function combine(scene: Scene, suspicions: Suspicions): Combined {
  const { weights } = scene.input;
  const worth = (signal: SignalName, value: number): number => signalWeights[signal] * (weights.signals[signal] ?? 1) * value;
  const scored = suspicions.all().map((suspicion) => {
    let seen = 0;
    for (const [signal, value] of suspicion.signals) seen += worth(signal, value);
    seen += leaning(seen, weights.leanings?.[suspicion.service]);
    const said = weights.services[suspicion.service] ?? 0;
    // However strong what was seen, people who looked know better: what they reject stands behind "nothing is wrong".
    return { suspicion, own: (said < 0 ? Math.min(seen, noneLevel) : seen) + said };
  });
  const discounted = scored.map((one) => ({ ...one, ...explained(scene, one, scored) }));
  const none = noneOf(scene);
  const highest = Math.max(none, ...discounted.map(({ evidence }) => evidence));
  const weight = (evidence: number): number => Math.exp(steepness * (evidence - highest));
  discounted.sort((a, b) => b.evidence - a.evidence || (a.suspicion.service < b.suspicion.service ? -1 : 1));
  const shares = discounted.map(({ evidence }) => weight(evidence));
  const total = weight(none) + shares.reduce((sum, one) => sum + one, 0);
  for (const place of shares.keys()) shares[place]! /= total;
  const [first, second] = discounted;
  if (first && second && overlap(second.suspicion, first.suspicion) < 1) letSecondStand(shares, weight(none) / total);
  const suspects = discounted.map(({ suspicion, own, evidence, explainedBy }, place) => {
    const share = shares[place]!;
    const doubtful = ordinaryIn(suspicion);
    let weight = 0;
    for (const signal of doubtful.keys()) weight += worth(signal, suspicion.signals.get(signal) ?? 0);
    const sure = notOrdinary(share, evidence, weight, Math.max(0, ...doubtful.values()));
    return {
      suspicion,
      own,
      evidence,
      explainedBy,
      probability: Math.min(capOf(isAmbiguous(suspicion), isSlight(scene, suspicion)), Math.max(0.005, sure)),
    };
  });
  return { suspects, none: weight(none) / total };
}

export function capOf(isAmbiguous: boolean, isSlight: boolean): number {
  return isSlight ? slightCap : isAmbiguous ? ambiguousCap : cap;
}

/** From this share on the first suspect is settled, and what it leaves unexplained is asked about anew. */
const settled = 0.5;
/** That a second thing is wrong besides is so many times less likely beforehand than that it is a chance likeness. */
const secondIsRarer = 10;
/** Less than this, chance likenesses have too. */
const notableSecond = 0.2;

/**
 * Two faults at once do not compete: with the first settled, the second is set against "nothing else is wrong" and the rest.
 * `shares`: best first.
 */
export function letSecondStand(shares: number[], none: number): void {
  const [first = 0, second = 0] = shares;
  if (first < settled) return;
  const others = shares.slice(2).reduce((sum, share) => sum + share, none);
  const own = second / (second + secondIsRarer * others);
  if (own >= notableSecond) shares[1] = Math.max(second, Math.min(first, own));
}

/** What earlier incidents of a service add or take: in full once something speaks against it, nothing where nothing does. */
export function leaning(seen: number, learned: number | undefined): number {
  return (learned ?? 0) * Math.min(1, Math.max(0, seen));
}

/** Evidence of "nothing is wrong". */
export function noneOf(scene: Scene): number {
  return noneLevel + (scene.baseline.minutes > 0 ? noneUnsure * (1 - scene.trust) : 0);
}

/** Whether most of the evidence against a service would look the same if something beneath it, or who asks it, were the cause. */
export function isAmbiguous({ findings }: Suspicion): boolean {
  const most = (kind: boolean): number =>
    Math.max(0, ...findings.filter(({ ambiguous }) => ambiguous === kind).map(({ signal, strength }) => signalWeights[signal] * strength));
  return most(true) > 2 * most(false);
}

/** Signals that may be ordinary, with the greatest such chance of each. */
export function ordinaryIn({ findings }: Suspicion): Map<SignalName, number> {
  const chances = new Map<SignalName, number>();
  for (const { signal, ordinary } of findings) if (ordinary > 0) chances.set(signal, Math.max(ordinary, chances.get(signal) ?? 0));
  return chances;
}

/**
 * What a share is worth where some of its evidence may be ordinary: no more than even odds on that allow, and no less than
 * the rest alone is worth. `doubtful`: how much of the evidence that is.
 */
export function notOrdinary(share: number, evidence: number, doubtful: number, chance: number): number {
  const left = Math.exp(-steepness * doubtful);
  const alone = (share * left) / (1 - share + share * left);
  const odds = doubtful > evidence / 2 ? noCharge : evenOdds;
  return Math.max(alone, Math.min(share, 1 - (1 - odds) * chance));
}

/** How much of a service's evidence one of its callees explains; `share`: of its bad traces, those that are bad there too. */
function explained(
  scene: Scene,
  { suspicion, own }: { suspicion: Suspicion; own: number },
  all: readonly { suspicion: Suspicion; own: number }[],
): { evidence: number; explainedBy: string | null } {
  if (own <= 0) return { evidence: own, explainedBy: null };
  const reachable = scene.known.reach(suspicion.service);
  let most = 0;
  let explainedBy: string | null = null;
  for (const other of all) {
    const callee = other.suspicion.service;
    if (other.own <= 0 || callee === suspicion.service || !reachable.has(callee)) continue;
    if (scene.known.reach(callee).has(suspicion.service)) continue;
    const both = overlap(suspicion, other.suspicion);
    const off = takenOff(own, other.own, both);
    if (off > most) [most, explainedBy] = [off, callee];
  }
  return { evidence: own - most, explainedBy };
}

/** Of evidence `own` above a callee with `below`, where `both` of its bad traces are bad there too. */
export function takenOff(own: number, below: number, both: number): number {
  return Math.max(0.3 * Math.min(own, below), 0.6 * both * Math.min(own, 2 * below));
}

export function overlap(upper: Suspicion, lower: Suspicion): number {
  if (upper.lacks.has(lower.service)) return 1;
  const mine = new Set(upper.findings.flatMap(({ traces }) => traces));
  if (mine.size === 0) return 0;
  const theirs = new Set(lower.findings.flatMap(({ traces }) => traces));
  let shared = 0;
  for (const trace of mine) if (theirs.has(trace)) shared++;
  return shared / mine.size;
}

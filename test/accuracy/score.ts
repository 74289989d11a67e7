/** Counts what answers are worth, by the rules of the public scorer of these recordings. */
import type { Case, Truth } from './folder.ts';

export interface Answer {
  readonly verdict: 'cause' | 'inconclusive' | 'healthy';
  readonly hypotheses: readonly {
    readonly service: string;
    readonly kind: string;
    readonly confidence: number;
    readonly changeService: string | null;
  }[];
  readonly elapsedMs: number;
}

export interface Scored {
  readonly name: string;
  readonly set: string;
  readonly half: Case['half'];
  readonly truth: Truth;
  readonly affected: number | null;
  readonly answer: Answer;
  /** First, alone, with verdict `cause`; for a calm window: nobody accused. */
  readonly right: boolean;
  /** First whatever the verdict. */
  readonly guess: boolean;
  readonly inThree: boolean;
  readonly confidentWrong: boolean;
  /** Of two faults that both touched a request: whether both were named among the first two, and among the first three; else null. */
  readonly both: { readonly inTwo: boolean; readonly inThree: boolean } | null;
  /** What each plain rule would have said, and whether that is right. */
  readonly plain: Readonly<Record<string, boolean>>;
}

export function judge(one: Case, name: string, answer: Answer, plainAnswers: Readonly<Record<string, string | null>>): Scored {
  const { truth } = one;
  const named = (hypothesis: Answer['hypotheses'][number] | undefined) =>
    (truth.changeService === null ? hypothesis?.service : hypothesis?.changeService) ?? null;
  const wanted = truth.changeService === null ? truth.services : [truth.changeService];
  const isWanted = (service: string | null) => service !== null && wanted.includes(service);
  const [first, second] = answer.hypotheses;
  const tied = first !== undefined && second !== undefined && first.confidence === second.confidence && named(first) !== named(second);
  const calm = truth.services.length === 0;
  const quiet = answer.verdict !== 'cause' && !((first?.confidence ?? 0) >= 0.5);
  const guess = calm ? quiet : !tied && isWanted(named(first));
  return {
    name,
    set: one.set,
    half: one.half,
    truth,
    affected: one.affected,
    answer,
    right: calm ? quiet : guess && answer.verdict === 'cause',
    guess,
    inThree: calm ? quiet : answer.hypotheses.slice(0, 3).some((hypothesis) => isWanted(named(hypothesis))),
    confidentWrong: (calm || !guess) && (first?.confidence ?? 0) >= 0.8,
    both: bothOf(one, answer),
    plain: Object.fromEntries(Object.entries(plainAnswers).map(([rule, service]) => [rule, isWanted(service)])),
  };
}

function bothOf({ truth: { services }, leastAffected = 0 }: Case, { hypotheses }: Answer): Scored['both'] {
  if (services.length !== 2 || leastAffected === 0) return null;
  const among = (first: number) => services.every((service) => hypotheses.slice(0, first).some((one) => one.service === service));
  return { inTwo: among(2), inThree: among(3) };
}

export interface Tally {
  readonly n: number;
  readonly right: number;
  readonly guess: number;
  readonly inThree: number;
  readonly confidentWrong: number;
  readonly noCause: number;
  readonly plain: Readonly<Record<string, number>>;
}

export function tally(scored: readonly Scored[]): Tally {
  const count = (holds: (one: Scored) => boolean) => scored.filter(holds).length;
  const rules = [...new Set(scored.flatMap(({ plain }) => Object.keys(plain)))];
  return {
    n: scored.length,
    right: count(({ right }) => right),
    guess: count(({ guess }) => guess),
    inThree: count(({ inThree }) => inThree),
    confidentWrong: count(({ confidentWrong }) => confidentWrong),
    noCause: count(({ answer }) => answer.verdict !== 'cause'),
    plain: Object.fromEntries(rules.map((rule) => [rule, count(({ plain }) => plain[rule] === true)])),
  };
}

/** Wilson's interval for a share, 95 %. */
export function wilson(hits: number, n: number): readonly [number, number] {
  if (n === 0) return [0, 1];
  const z = 1.96;
  const share = hits / n;
  const scale = 1 + (z * z) / n;
  const centre = share + (z * z) / (2 * n);
  const margin = z * Math.sqrt((share * (1 - share)) / n + (z * z) / (4 * n * n));
  return [Math.max(0, (centre - margin) / scale), Math.min(1, (centre + margin) / scale)];
}

export interface CalibrationBin {
  readonly from: number;
  readonly n: number;
  readonly said: number;
  readonly held: number;
}

/** How often answers of each confidence were right; ten bins. */
export function calibration(scored: readonly Scored[]): { readonly error: number; readonly bins: readonly CalibrationBin[] } {
  const answered = scored.flatMap(({ answer, guess, truth }) => {
    const first = answer.hypotheses[0];
    return first === undefined ? [] : [{ said: first.confidence, held: truth.services.length > 0 && guess ? 1 : 0 }];
  });
  const bins = Array.from({ length: 10 }, (_, index) => {
    const inside = answered.filter(({ said }) => Math.min(9, Math.floor(said * 10)) === index);
    const mean = (of: (one: (typeof inside)[number]) => number) =>
      inside.length === 0 ? 0 : inside.reduce((sum, one) => sum + of(one), 0) / inside.length;
    return { from: index / 10, n: inside.length, said: mean(({ said }) => said), held: mean(({ held }) => held) };
  });
  const error = bins.reduce((sum, { n, said, held }) => sum + (n / Math.max(1, answered.length)) * Math.abs(said - held), 0);
  return { error, bins };
}

export const affectedClasses = [
  { name: '1-9', from: 1, to: 9 },
  { name: '10-29', from: 10, to: 29 },
  { name: '30+', from: 30, to: Number.POSITIVE_INFINITY },
] as const;

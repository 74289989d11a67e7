/** Many courses of one kind, each on its own split of the incidents: what was voted on is never what is scored. */
import type { LearnedWeights } from '../../src/domain/learning/replay.ts';
import { type Candidate, candidates } from '../../src/domain/learning/blend.ts';
import type { Scenario } from '../../src/domain/learning/contest.ts';
import { signalWeights } from '../../src/domain/ranking/suspicion.ts';
import { type Random, seeded } from './random.ts';
import { type People, type Prepared, type Score, scoreOf, teach } from './taught.ts';

const tuned: LearnedWeights = { signals: {}, leanings: {} };
export const marks = [0, 10, 25, 50, 100] as const;
const share = 0.4;

export const kinds = {
  'honest, from the tuned weights': { from: 'tuned', people: { honest: 10, hostile: 0, zeal: 1 } },
  'honest, from poor weights': { from: 'poor', people: { honest: 10, hostile: 0, zeal: 1 } },
  'honest, from poor weights, words alone': { from: 'poor', people: { honest: 10, hostile: 0, zeal: 1 }, isWordsAlone: true },
  '20 % hostile, from the tuned weights': { from: 'tuned', people: { honest: 8, hostile: 2, zeal: 1 } },
  '20 % hostile, from poor weights': { from: 'poor', people: { honest: 8, hostile: 2, zeal: 1 } },
  'one hostile, five times as busy, from the tuned weights': { from: 'tuned', people: { honest: 10, hostile: 1, zeal: 5 } },
  'one hostile, five times as busy, from poor weights': { from: 'poor', people: { honest: 10, hostile: 1, zeal: 5 } },
} as const satisfies Record<string, { from: 'tuned' | 'poor'; people: People; isWordsAlone?: true }>;
export type Kind = keyof typeof kinds;

/** Without the fallback on every signal weighing alike: what is learned then comes from people and the start. */
const wordsAlone: readonly Candidate[] = candidates.filter(({ centre }) => centre === 'start');

/** Every factor a fifth or three times what was tuned, by chance. */
export function poorWeights(random: Random): LearnedWeights {
  return { signals: Object.fromEntries(Object.keys(signalWeights).map((name) => [name, random.chance(0.5) ? 0.2 : 3])), leanings: {} };
}

/** Every signal with the same weight: what can be known before the first word without any tuning. */
const alike: LearnedWeights = {
  signals: Object.fromEntries(
    Object.entries(signalWeights).map(([name, weight], _, all) => {
      const common = Math.exp(all.reduce((sum, [, one]) => sum + Math.log(one), 0) / all.length);
      return [name, common / weight];
    }),
  ),
  leanings: {},
};

export interface Point {
  /** Services never voted on, factors of signals alone. */
  readonly signals: Score;
  /** Later incidents of services that were voted on. */
  readonly services: Score;
  readonly recorded: Score;
  readonly live: boolean;
}

export interface Result {
  /** By mark, one point a course. */
  readonly points: readonly (readonly [mark: number, of: readonly Point[]])[];
  /** First place with the tuned weights on the same incidents. */
  readonly tuned: readonly number[];
  /** First place with every signal weighing alike. */
  readonly alike: readonly number[];
  readonly summary: readonly (readonly [mark: number, first: number])[];
}

export function courses(
  kind: Kind,
  count: number,
  pool: readonly Prepared[],
  recorded: readonly Prepared[],
  scenarios: readonly Scenario[],
): Result {
  const points = new Map<number, Point[]>(marks.map((mark) => [mark, []]));
  const reference: number[] = [];
  const plain: number[] = [];
  for (let index = 0; index < count; index++) {
    // The same splits and the same poor weights for every kind, so that kinds can be compared.
    const random = seeded(`course ${index}`);
    const start = kinds[kind].from === 'tuned' ? tuned : poorWeights(random);
    const among = 'isWordsAlone' in kinds[kind] ? wordsAlone : candidates;
    const { unseen, stream, later } = split(pool, random);
    reference.push(scoreOf(unseen, tuned).first);
    plain.push(scoreOf(unseen, alike).first);
    teach({ stream, people: kinds[kind].people, noise: 0.1, start, among, scenarios, marks, random }, (mark, learning) => {
      const weights = learning?.weights ?? start;
      points.get(mark)!.push({
        signals: scoreOf(unseen, { signals: weights.signals }),
        services: scoreOf(later, weights),
        recorded: scoreOf(recorded, { signals: weights.signals }),
        live: (learning?.version ?? 0) > 0,
      });
    });
  }
  const mean = (of: readonly Point[]) => of.reduce((sum, { signals }) => sum + signals.first, 0) / of.length;
  return {
    points: [...points],
    tuned: reference,
    alike: plain,
    summary: marks.map((mark) => [mark, Number(mean(points.get(mark)!).toFixed(4))] as const),
  };
}

const serviceOf = ({ kept }: Prepared): string => `${kept.set} ${kept.guilty[0] ?? ''}`;

/** Services nobody votes on; of the others, incidents that are judged, and later ones. */
function split(pool: readonly Prepared[], random: Random) {
  const faulty = pool.filter(({ kept }) => kept.guilty.length > 0);
  const services = [...new Set(faulty.map(serviceOf))].sort();
  const never = new Set(random.shuffled(services).slice(0, share * services.length));
  const isUnseen = new Set(pool.filter((one) => (one.kept.guilty.length > 0 ? never.has(serviceOf(one)) : random.chance(share))));
  const rest = random.shuffled(pool.filter((one) => !isUnseen.has(one)));
  const half = Math.floor(rest.length / 2);
  return { unseen: [...isUnseen], stream: rest.slice(0, half), later: rest.slice(half) };
}

/** Three requests or more, so that there is something to see. */
export function usableOf(injected: readonly Prepared[]): Prepared[] {
  return injected.filter(
    ({ kept }) => kept.suspects.length > 0 && (kept.guilty.length === 0 || kept.affected === null || kept.affected >= 3),
  );
}

const ownCount = 100;

/** The built-in scenarios are none of the recorded traffic, and no course uses them. */
export function splitOff(injected: readonly Prepared[]): { own: Prepared[]; rest: Prepared[] } {
  const usable = usableOf(injected);
  const own = new Set(
    usable.filter(({ kept, guilty }) => kept.set !== 'train-ticket' && (kept.guilty.length === 0 || guilty.size > 0)).slice(0, ownCount),
  );
  return { own: [...own], rest: usable.filter((one) => !own.has(one)) };
}

const listed = 6;

export function scenarioText(own: readonly Prepared[]): string {
  const lines = own.map(({ kept, guilty }) => {
    const chosen = [...new Set([...guilty].slice(0, 1).concat(kept.suspects.map((_, place) => place)))]
      .slice(0, listed)
      .sort((a, b) => a - b);
    const right = chosen.findIndex((place) => guilty.has(place));
    return JSON.stringify([right, chosen.map((place) => [kept.suspects[place]!.service, kept.suspects[place]!.features])]);
  });
  return `/**
 * Incidents whose cause is known, as numbers: what a ranking saw of each, and the place of the service at fault (-1: nothing was
 * wrong). Learned weights must do better on them. Written by \`npm run learning -- --scenarios\`; do not edit.
 */
import type { Scenario } from './contest.ts';
import { prepare } from './replay.ts';

const lines = \`
${lines.join('\n')}
\`;

let read: readonly Scenario[] | null = null;

export function builtInScenarios(): readonly Scenario[] {
  read ??= lines
    .trim()
    .split('\\n')
    .map((line) => {
      const [right, suspects] = JSON.parse(line) as [number, [string, Record<string, number>][]];
      return { prepared: prepare(suspects.map(([service, features]) => ({ service, features }))), right: right < 0 ? null : right };
    });
  return read;
}
`;
}

/** docs/learning.md: curves with intervals, and what they say of each thing that must hold. */
import { type Kind, marks, type Point, type Result } from './courses.ts';
import type { Score } from './taught.ts';

export interface Counts {
  readonly injected: number;
  readonly recorded: number;
  readonly used: number;
  readonly scenarios: number;
}

const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

/** Mean and 95 % interval over courses, in points of a hundred. */
function interval(values: readonly number[], digits = 1): string {
  const mean = meanOf(values);
  const spread = Math.sqrt(meanOf(values.map((value) => (value - mean) ** 2)) / Math.max(1, values.length - 1));
  return `${(100 * mean).toFixed(digits)} ± ${(196 * spread).toFixed(digits)}`;
}

const pointsAt = ({ points }: Result, mark: number): readonly Point[] => points.find(([at]) => at === mark)?.[1] ?? [];

function curve(result: Result): string {
  const column = (of: (point: Point) => Score) => (mark: number) => {
    const scores = pointsAt(result, mark).map(of);
    return `${interval(scores.map(({ first }) => first))} (${interval(scores.map(({ calibration }) => calibration))})`;
  };
  const rows = marks.map((mark) => {
    const live = pointsAt(result, mark).filter((point) => point.live).length;
    const cells = [column(({ signals }) => signals), column(({ services }) => services), column(({ recorded }) => recorded)].map((of) =>
      of(mark),
    );
    return `| ${mark} | ${cells.join(' | ')} | ${live}/${pointsAt(result, mark).length} |`;
  });
  return [
    '| verdicts | services never voted on | later incidents of voted services | recorded incidents | learned weights live |',
    '|---|---|---|---|---|',
    ...rows,
  ].join('\n');
}

const last = marks[marks.length - 1]!;
const firstAt = (result: Result, mark: number): number[] => pointsAt(result, mark).map(({ signals }) => signals.first);

/** Share of the way from the poor weights to the tuned ones; the interval by leaving out one course after the other. */
export function recovered(poor: Result): { share: number; error: number } {
  const [from, to] = [firstAt(poor, 0), firstAt(poor, last)];
  const without = (left: number) => {
    const mean = (values: readonly number[]) => meanOf(values.filter((_, course) => course !== left));
    return (mean(to) - mean(from)) / (mean(poor.tuned) - mean(from));
  };
  const shares = from.map((_, course) => without(course));
  const spread = meanOf(shares.map((share) => (share - meanOf(shares)) ** 2));
  return { share: without(-1), error: Math.sqrt((shares.length - 1) * spread) };
}

const shareText = ({ share, error }: ReturnType<typeof recovered>): string => `${(100 * share).toFixed(0)} ± ${(196 * error).toFixed(0)} %`;

/** Course by course, because splits are the same. */
const lost = (honest: Result, hostile: Result): number[] => firstAt(honest, last).map((value, i) => value - firstAt(hostile, last)[i]!);

export function learningPage(results: ReadonlyMap<Kind, Result>, counts: Counts): string {
  const of = (kind: Kind): Result => results.get(kind)!;
  const [tuned, poor] = [of('honest, from the tuned weights'), of('honest, from poor weights')];
  const rows = [
    ['from poor weights, share of the way to the tuned ones after 100 verdicts (goal 80 %)', shareText(recovered(poor))],
    ['the same by words alone, without the fallback', shareText(recovered(of('honest, from poor weights, words alone')))],
    ['for comparison: every signal weighing alike and no verdict at all, first place', interval(poor.alike)],
    ['20 % hostile, points lost from the tuned weights (goal < 2)', interval(lost(tuned, of('20 % hostile, from the tuned weights')), 2)],
    ['20 % hostile, points lost from poor weights (goal < 2)', interval(lost(poor, of('20 % hostile, from poor weights')), 2)],
    [
      'one busy hostile, points lost from the tuned weights (goal 0)',
      interval(lost(tuned, of('one hostile, five times as busy, from the tuned weights')), 2),
    ],
    [
      'one busy hostile, points lost from poor weights (goal 0)',
      interval(lost(poor, of('one hostile, five times as busy, from poor weights')), 2),
    ],
  ];
  return [
    '# What is learned from people',
    'Written by `npm run learning`; do not edit.',
    `${counts.injected} injected incidents are examined once, and ${counts.recorded} recorded ones where they are beside the checkout. ${counts.scenarios} are the built-in scenarios; ${counts.used} others of three requests or more make the courses. In each course ten people judge what a report puts first, one incident after the other, and a tenth of their verdicts are wrong. Factors of signals are scored on services that nobody judged, what is learned about services on other incidents of those that were. Poor weights: each factor a fifth of what was tuned or three times as much, by chance, and other ones in each course.`,
    'What is learned is a blend of fits, each by how well it foretells words that it had no part in: two begin at the start, one where every signal weighs alike (the fallback: the product knows what a unit of a signal means, and not what it is worth against the others). How much of the way the fallback makes, and how much people, is said apart. A set goes live only with a gain over the one in force that is beyond its own uncertainty and only if it does better on the built-in scenarios too (none fewer right, a smaller loss), and stays a shadow until then.',
    'How fits are blended and when a set goes live was chosen on three systems of their own and on other start-ups and releases (`npm run learning -- --choosing`), none of which is among the incidents below. How often people err, and how, was assumed earlier, with some of the incidents below at hand.',
    'First place in percent (quiet windows: nobody accused), in brackets the calibration error in points, both with 95 % intervals over courses.',
    ['| must hold | reached |', '|---|---|', ...rows.map((row) => `| ${row.join(' | ')} |`)].join('\n'),
    ...[...results].flatMap(([kind, result]) => [
      `## ${kind[0]!.toUpperCase()}${kind.slice(1)}`,
      `With the tuned weights on the same services never voted on: ${interval(result.tuned)}.`,
      curve(result),
    ]),
    '',
  ]
    .join('\n\n')
    .trimEnd()
    .concat('\n');
}

/** Tables of what was scored, for the console and for `docs/accuracy.md`. */
import { affectedClasses, calibration, type Scored, type Tally, tally, wilson } from './score.ts';

const percent = (hits: number, n: number) => (n === 0 ? '-' : `${((100 * hits) / n).toFixed(0)} %`);

function interval(hits: number, n: number): string {
  const [low, high] = wilson(hits, n);
  return `${hits}/${n} = ${percent(hits, n)} [${(100 * low).toFixed(0)}-${(100 * high).toFixed(0)}]`;
}

function grouped(scored: readonly Scored[], key: (one: Scored) => string): [string, Scored[]][] {
  const groups = new Map<string, Scored[]>();
  for (const one of scored) groups.set(key(one), [...(groups.get(key(one)) ?? []), one]);
  return [...groups];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [`| ${head.join(' | ')} |`, `|${head.map(() => '---').join('|')}|`, ...rows.map((row) => `| ${row.join(' | ')} |`)].join('\n');
}

const setHead = ['set', 'half', 'first, verdict cause', 'guess', 'in three', 'confident and wrong', 'no cause said'];

function setRow(name: string, half: string, counts: Tally, rules: readonly string[]): string[] {
  const { n } = counts;
  return [
    name,
    half,
    interval(counts.right, n),
    `${counts.guess}`,
    `${counts.inThree}`,
    `${counts.confidentWrong} (${percent(counts.confidentWrong, n)})`,
    `${counts.noCause}`,
    ...rules.map((rule) => percent(counts.plain[rule] ?? 0, n)),
  ];
}

/** One row a set and half; beside it what plain rules get. */
export function setTable(scored: readonly Scored[]): string {
  const rules = Object.keys(scored[0]?.plain ?? {});
  const rows = grouped(scored, ({ set, half }) => `${set}\t${half}`).map(([key, list]) => {
    const [set = '', half = ''] = key.split('\t');
    return setRow(set, half, tally(list), rules);
  });
  return table([...setHead, ...rules], rows);
}

/** Each fault at each size, the open half beside the closed one. */
export function kindTable(scored: readonly Scored[]): string {
  const cell = (list: readonly Scored[], half: string) => {
    const counts = tally(list.filter((one) => one.half === half));
    return counts.n === 0 ? '-' : `${interval(counts.right, counts.n)}, wrong and sure ${counts.confidentWrong}`;
  };
  const rows = grouped(scored, ({ set, truth }) => `${worldOf(set)}\t${truth.fault}`)
    .sort(([a], [b]) => a.localeCompare(b))
    .flatMap(([key, list]) => {
      const [world = '', fault = ''] = key.split('\t');
      const sized = affectedClasses.flatMap(({ name, from, to }) => {
        const inside = list.filter(({ affected }) => affected !== null && affected >= from && affected <= to);
        return inside.length === 0 ? [] : [[world, fault, name, cell(inside, 'open'), cell(inside, 'closed')]];
      });
      const unsized = list.filter(({ affected }) => affected === null || affected === 0);
      return unsized.length === 0 ? sized : [...sized, [world, fault, '-', cell(unsized, 'open'), cell(unsized, 'closed')]];
    });
  return table(['world', 'fault', 'requests affected', 'open half', 'closed half'], rows);
}

function worldOf(set: string): string {
  return set.startsWith('made') ? 'made topologies' : set;
}

/** The bars: faults of at least ten requests, and quiet windows. */
export function barTable(scored: readonly Scored[]): string {
  const rows = (['open', 'closed'] as const).map((half) => {
    const mine = scored.filter((one) => one.half === half);
    const big = tally(mine.filter(({ truth, affected }) => truth.services.length > 0 && (affected === null || affected >= 10)));
    const quiet = tally(mine.filter(({ truth }) => truth.services.length === 0));
    return [
      half,
      interval(big.right, big.n),
      `${big.confidentWrong} = ${percent(big.confidentWrong, big.n)}`,
      interval(quiet.right, quiet.n),
    ];
  });
  return table(
    ['half', 'first, faults of >= 10 requests (goal 85 %)', 'of them confident and wrong (goal <= 4 %)', 'quiet windows quiet (goal 97 %)'],
    rows,
  );
}

/** Worlds that the authors of the rules did not write: one row a form, its halves side by side; `wrong` is named by 0.5 or more. */
export function blindTable(scored: readonly Scored[]): string {
  const cells = (list: readonly Scored[], half: string) => {
    const mine = list.filter((one) => one.half === half);
    const wrong = mine.filter(
      ({ right, guess, answer, truth }) =>
        (truth.services.length === 0 || !guess) && !right && (answer.hypotheses[0]?.confidence ?? 0) >= 0.5,
    );
    return [interval(tally(mine).right, mine.length), `${wrong.length}`, `${tally(mine).noCause}`];
  };
  const rows = grouped(scored, ({ set }) => set).map(([set, list]) => [set, ...cells(list, 'open'), ...cells(list, 'closed')]);
  return table(['form', 'open: right', 'wrong', 'quiet', 'closed: right', 'wrong', 'quiet'], rows);
}

/** Two faults at once: one of them first, and how far down the other stands. */
export function pairTable(scored: readonly Scored[]): string {
  const rows = (['open', 'closed'] as const).map((half) => {
    const pairs = scored.flatMap(({ half: of, both, right }) => (of === half && both !== null ? [{ right, ...both }] : []));
    const share = (holds: (one: (typeof pairs)[number]) => boolean) => interval(pairs.filter(holds).length, pairs.length);
    return [half, share(({ right }) => right), share(({ inTwo }) => inTwo), share(({ inThree }) => inThree)];
  });
  return table(
    ['half', 'two at once, each of which touched a request: one first', 'both among the first two', 'both among the first three'],
    rows,
  );
}

export function calibrationTable(scored: readonly Scored[]): string {
  const { error, bins } = calibration(scored);
  const rows = bins
    .filter(({ n }) => n > 0)
    .map(({ from, n, said, held }) => [`${from.toFixed(1)}-${(from + 0.1).toFixed(1)}`, `${n}`, said.toFixed(2), held.toFixed(2)]);
  return `Calibration error (ECE, ten bins): ${error.toFixed(3)}\n\n${table(['confidence', 'answers', 'said', 'right'], rows)}`;
}

/** What went wrong, one line a case; cases of the closed half stay unnamed. */
export function failureList(scored: readonly Scored[]): string {
  const missed = scored.filter(({ right, half }) => !right && half === 'open');
  const hidden = scored.filter(({ right, half }) => !right && half === 'closed').length;
  const lines = missed.map(({ name, truth, affected, answer, ...rest }) => {
    const wanted = truth.changeService ?? (truth.services.join(' + ') || 'nobody');
    const said = answer.hypotheses.slice(0, 3).map((one) => `${one.service} ${one.confidence.toFixed(2)} ${one.kind}`);
    const size = affected === null || affected === 0 ? '' : `, ${affected} requests`;
    return `- ${name} (${truth.fault}${size}): wanted ${wanted}; ${whyOf({ truth, answer, ...rest })}: ${said.join(', ') || 'nobody named'}`;
  });
  return [...lines, ...(hidden > 0 ? [`- and ${hidden} of the closed half, which are not listed`] : [])].join('\n') || 'none';
}

function whyOf({ truth, answer, guess, inThree }: Pick<Scored, 'truth' | 'answer' | 'guess' | 'inThree'>): string {
  if (truth.services.length === 0) return 'accused where nothing was wrong';
  if (guess) return `right but the verdict was ${answer.verdict}`;
  if (answer.verdict !== 'cause') return inThree ? `not sure (${answer.verdict}), right one lower` : `not seen (${answer.verdict})`;
  return inThree ? 'another one put first' : 'another one named, right one not in three';
}

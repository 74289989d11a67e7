/** Bars and whether they hold: each bench says its own, `run.ts` gathers them from what was printed. */
export interface Verdict {
  readonly what: string;
  readonly measured: number;
  readonly bar: string;
  readonly holds: boolean;
  /** It does not, by less than these machines' noise from run to run. */
  readonly near: boolean;
}

/** Of the bar: what is farther from it has fallen short, what is nearer is said to be near. */
const noise = 0.85;

const mark = 'verdict ';

export const atLeast = (what: string, measured: number, bar: number): Verdict => ({
  what,
  measured,
  bar: `>= ${bar}`,
  holds: measured >= bar,
  near: measured < bar && measured >= noise * bar,
});
export const atMost = (what: string, measured: number, bar: number): Verdict => ({
  what,
  measured,
  bar: `<= ${bar}`,
  holds: measured <= bar,
  near: measured > bar && noise * measured <= bar,
});

/** A cell of the table of bars. */
export const standing = ({ holds, near }: Verdict): string => (holds ? 'yes' : near ? 'nearly: within 15 %' : '**no**');

export function sayVerdicts(verdicts: readonly Verdict[]): void {
  for (const verdict of verdicts) process.stdout.write(`${mark}${JSON.stringify(verdict)}\n`);
}

export function verdictsIn(output: string): Verdict[] {
  return output.split('\n').flatMap((line) => (line.startsWith(mark) ? [JSON.parse(line.slice(mark.length)) as Verdict] : []));
}

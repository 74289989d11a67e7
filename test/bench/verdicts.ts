/** Bars and whether they hold: each bench says its own, `run.ts` gathers them from what was printed. */
export interface Verdict {
  readonly what: string;
  readonly measured: number;
  readonly bar: string;
  readonly holds: boolean;
}

const mark = 'verdict ';

export const atLeast = (what: string, measured: number, bar: number): Verdict => ({
  what,
  measured,
  bar: `>= ${bar}`,
  holds: measured >= bar,
});
export const atMost = (what: string, measured: number, bar: number): Verdict => ({
  what,
  measured,
  bar: `<= ${bar}`,
  holds: measured <= bar,
});

export function sayVerdicts(verdicts: readonly Verdict[]): void {
  for (const verdict of verdicts) process.stdout.write(`${mark}${JSON.stringify(verdict)}\n`);
}

export function verdictsIn(output: string): Verdict[] {
  return output.split('\n').flatMap((line) => (line.startsWith(mark) ? [JSON.parse(line.slice(mark.length)) as Verdict] : []));
}

/** What `tracepulse templates` prints: every line's template as it stands once all lines are known, or a count of each. */
import { createMiner } from './miner.ts';

/**
 * Reads all lines once, then gives the output line by line. JSON: one `{ template, text }` for each line read, in order.
 * Text: how often, and the template, most frequent first.
 */
export function* templatesOfLines(lines: Iterable<string>, json: boolean): Generator<string> {
  const miner = createMiner();
  const numbers: number[] = [];
  for (const line of lines) numbers.push(miner.add(line));
  if (json) {
    const rows = new Map<number, string>();
    for (const number of numbers) {
      const template = miner.canonical(number);
      let row = rows.get(template);
      if (row === undefined) {
        row = JSON.stringify({ template: miner.stableId(template), text: miner.text(template) });
        rows.set(template, row);
      }
      yield row;
    }
    return;
  }
  const counts = new Map<number, number>();
  for (const number of numbers) {
    const template = miner.canonical(number);
    counts.set(template, (counts.get(template) ?? 0) + 1);
  }
  const width = String(numbers.length).length;
  const sorted = [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0]);
  for (const [template, count] of sorted) yield `${String(count).padStart(width)}  ${miner.text(template)}`;
}

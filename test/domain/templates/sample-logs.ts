/** Public log samples with the template of each line, from the folder beside the project where there is one. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

const folder = new URL('../../../../shared/loghub/', import.meta.url);

export interface SampleLine {
  readonly content: string;
  readonly event: string;
}

export const sampleNames: readonly string[] = existsSync(folder)
  ? readdirSync(folder)
      .filter((name) => name.endsWith('.jsonl.gz'))
      .map((name) => name.slice(0, -'.jsonl.gz'.length))
      .sort()
  : [];

export function sampleLines(name: string): SampleLine[] {
  const text = gunzipSync(readFileSync(new URL(`${name}.jsonl.gz`, folder))).toString('utf8');
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as SampleLine);
}

/** Share of lines whose predicted group is exactly their true group. */
export function groupingAccuracy(truth: readonly string[], predicted: readonly number[]): number {
  const sizes = new Map<number, number>();
  for (const group of predicted) sizes.set(group, (sizes.get(group) ?? 0) + 1);
  const rows = new Map<string, number[]>();
  truth.forEach((event, row) => {
    const list = rows.get(event);
    if (list === undefined) rows.set(event, [row]);
    else list.push(row);
  });
  let right = 0;
  for (const list of rows.values()) {
    const groups = new Set(list.map((row) => predicted[row]!));
    if (groups.size === 1 && sizes.get(predicted[list[0]!]!) === list.length) right += list.length;
  }
  return right / truth.length;
}

/** What a visit says as it fails: its lines of errors, and the problem that a failed span tells of. */
import type { Scene } from './scene.ts';

/** ERROR in OTLP's numbers. */
const error = 17;
/** A message stands at the front of its line. */
const headLength = 400;

type Saying = (row: number) => string[];
const memo = new WeakMap<Scene['recent'], Saying>();

/** By the row of a failed span; of a row of no visit its own problem alone. */
export function saidIn(recent: Scene['recent']): Saying {
  const known = memo.get(recent) ?? sayingOf(recent);
  memo.set(recent, known);
  return known;
}

function sayingOf({ window: { spans, logs, strings }, visits }: Scene['recent']): Saying {
  const lines = new Map<number, number[]>();
  for (let row = 0; row < logs.length; row++) {
    const visit = visits.ofLog[row]!;
    if (visit < 0 || logs.severity[row]! < error) continue;
    const known = lines.get(visit);
    if (known) known.push(row);
    else lines.set(visit, [row]);
  }
  return (row) => {
    const said = (lines.get(visits.ofSpan[row]!) ?? []).map((line) => logs.text(line).slice(0, headLength));
    if (spans.problem[row]! >= 0) said.push(strings.text(spans.problem[row]!).slice(0, headLength));
    return said;
  };
}

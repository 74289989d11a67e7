/** A system of which nothing is known but what its processes print from their start on. */
import { rank, type Ranking } from '../../../src/domain/ranking/rank.ts';
import type { RankInput } from '../../../src/domain/ranking/rank-input.ts';
import { alertAt, inputOf } from './made-metrics.ts';
import { learnFrom } from './recorded-case.ts';
import { flatten, type OtlpLog, Tables, windowOf } from './window-from-otlp.ts';

/** Seconds after the first line, what is printed, and how grave the printer says it is. */
export type Line = readonly [second: number, text: string, severity?: number | undefined];

const lengthMs = 200_000;

/** As a service prints that comes up and works to the end. */
export const working = (name: string): Line[] => [
  [0, `starting ${name}`, 9],
  [1, `${name} listening`, 9],
  ...Array.from({ length: 60 }, (_, i): Line => [5 + i * 3.2, `${name} handled ${i} of its letters`, 9]),
];

/** `hasPast`: the first half of it is learned as what is normal. */
export function rankLines(
  printed: Readonly<Record<string, readonly Line[]>>,
  { directory = [] as RankInput['directory'], hasPast = false } = {},
): Ranking {
  const logs = Object.entries(printed).map(([name, lines]) => {
    const logRecords = lines.map(([second, text, severity = 0]): OtlpLog => {
      const at = alertAt - (hasPast ? 9 : 1) * lengthMs + second * (hasPast ? 9 : 1) * 1000;
      return { timeUnixNano: `${Math.round(at)}000000`, severityNumber: severity, body: { stringValue: text } };
    });
    const resource = { attributes: [{ key: 'service.name', value: { stringValue: name } }] };
    return { resourceLogs: [{ resource, scopeLogs: [{ logRecords }] }] };
  });
  const [flat, tables] = [flatten({ traces: [], logs, metrics: [] }), new Tables()];
  const learned = hasPast ? { baseline: learnFrom(flat, tables, alertAt) } : {};
  return rank({ ...inputOf([]), window: windowOf(flat, tables, alertAt - 30 * 60_000, alertAt + 1), ...learned, directory });
}

/** Whom it says the cause is, if it is surer than not. */
export const causeOf = ({ hypotheses: [first] }: Ranking): string | null =>
  first !== undefined && first.confidence >= 0.5 ? first.service : null;

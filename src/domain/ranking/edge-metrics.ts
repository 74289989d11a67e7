/** Success of calls by edge and pod, as a service graph or a mesh measures it. */
import type { Reading } from './metric-readings.ts';

export interface EdgeSample {
  /** Empty where any caller is meant. */
  readonly client: string;
  readonly server: string;
  /** Whose pod measured it: the label's version is that pod's, whichever end of the call it is on. */
  readonly pod: string;
  readonly service: string;
  readonly version: string | null;
  readonly at: number;
  /** Share of calls that failed. */
  readonly loss: number;
}

/** Below this an edge is taken to be well: a retry now and then is normal. */
export const noticeableLoss = 0.02;

/** Whether an edge loses clearly more than it usually does. */
export const isLossy = ({ loss }: EdgeSample, usual: number): boolean => loss > 3 * usual + noticeableLoss;

export function edgeSamples(readings: readonly Reading[], alertAt: number): EdgeSample[] {
  return readings.flatMap(({ measured, client, server, pod, service, version, at, values }) =>
    measured !== 'loss'
      ? []
      : values.flatMap((loss, i) => (at[i]! <= alertAt ? [{ client, server, pod, service, version, at: at[i]!, loss }] : [])),
  );
}

/** What is failing on the edges into each service, beyond what the same edges lost before. */
export interface EdgeLoss {
  readonly server: string;
  readonly samples: readonly EdgeSample[];
  readonly before: number;
}

/** Edges are judged on this stretch before the alert; what lies before is their past. */
export const recentMs = 150_000;

/**
 * `releases`: when services were last released. From its release on, a service's failures may be that release's doing and
 * are not what is usual; those of others may come from any release.
 */
export function edgeLosses(
  samples: readonly EdgeSample[],
  alertAt: number,
  releases: ReadonlyMap<string, number> = new Map(),
): Map<string, EdgeLoss> {
  const past = pastOf(samples, () => alertAt - recentMs);
  const starts = [...releases.values()].filter((at) => at < alertAt - recentMs).sort((a, b) => b - a);
  for (const start of starts) for (const [edge, of] of pastOf(samples, () => start)) past.set(edge, of);
  const own = ({ server }: EdgeSample): number => Math.min(alertAt - recentMs, releases.get(server) ?? Number.NEGATIVE_INFINITY);
  for (const [edge, of] of pastOf(samples, own)) past.set(edge, of);
  const recent = lostIn(samples.filter(({ at }) => at >= alertAt - recentMs));
  const bad = new Map<string, EdgeSample[]>();
  for (const sample of samples) {
    if (sample.at < alertAt - recentMs) continue;
    const before = past.get(edgeOf(sample));
    if (!isLossy(sample, before ? before.sum / before.n : 0) || isAsEver(before, recent.get(edgeOf(sample))!)) continue;
    const known = bad.get(sample.server);
    if (known) known.push(sample);
    else bad.set(sample.server, [sample]);
  }
  return new Map([...bad].map(([server, list]) => [server, { server, samples: list, before: usualLoss(past, server) }]));
}

/** What an edge lost in its measurements of a stretch of time: their sum, that of their squares, and how many they are. */
interface Lost {
  readonly sum: number;
  readonly squares: number;
  readonly n: number;
}

/** So many measurements show how much they differ when all is well. */
const fewestKnown = 10;
/** Deviations of a mean that are no chance. */
const clearly = 3;

/**
 * Whether an edge loses no more, over all its recent measurements, than their differences in the past let expect. With few calls a minute
 * one that fails is a large share of them: measurement by measurement, an edge that always loses a few has always just lost many.
 */
function isAsEver(past: Lost | undefined, { sum, n }: Lost): boolean {
  if (past === undefined || past.n < fewestKnown) return false;
  const usual = past.sum / past.n;
  const deviation = Math.sqrt(Math.max(0, past.squares / past.n - usual * usual));
  return sum / n - usual < (clearly * deviation) / Math.sqrt(n);
}

const edgeOf = ({ client, server }: EdgeSample): string => `${client}\n${server}`;

/** What each edge lost before a moment of its own; none where nothing was seen before it. */
const pastOf = (samples: readonly EdgeSample[], until: (sample: EdgeSample) => number): Map<string, Lost> =>
  lostIn(samples.filter((sample) => sample.at < until(sample)));

function lostIn(samples: readonly EdgeSample[]): Map<string, Lost> {
  const found = new Map<string, Lost>();
  for (const sample of samples) {
    const { sum, squares, n } = found.get(edgeOf(sample)) ?? { sum: 0, squares: 0, n: 0 };
    found.set(edgeOf(sample), { sum: sum + sample.loss, squares: squares + sample.loss ** 2, n: n + 1 });
  }
  return found;
}

function usualLoss(past: ReadonlyMap<string, Lost>, server: string): number {
  let sum = 0;
  let n = 0;
  for (const [edge, of] of past) if (edge.endsWith(`\n${server}`)) [sum, n] = [sum + of.sum, n + of.n];
  return n > 0 ? sum / n : 0;
}

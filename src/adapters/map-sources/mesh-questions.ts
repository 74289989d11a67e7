/** What a mesh's numbers in Prometheus are asked: how many calls in the window, and how long they took. */
import type { Gap, Window } from '../../domain/evidence.ts';
import { Failure } from '../../domain/failure.ts';
import type { Prometheus, Series } from '../prometheus-api.ts';

export interface MeshQuestions {
  /** Of a counter: how much it rose in the window. */
  rises(counter: string, by: readonly string[]): Promise<readonly Counted[]>;
  /** Of a histogram in ms. One that fails is a gap: an edge without times is still an edge. */
  times(histogram: string, by: readonly string[]): Promise<readonly Timed[]>;
  /** A value as it stands. */
  now(gauge: string, by: readonly string[]): Promise<readonly Counted[]>;
  readonly gaps: readonly Gap[];
}

type Labels = Series['labels'];
export interface Counted {
  readonly labels: Labels;
  readonly count: number;
}
export interface Timed {
  readonly labels: Labels;
  readonly times: { readonly p50Ms?: number; readonly p95Ms?: number };
}

export function askMesh(prometheus: Prometheus, mesh: string, window: Window, signal: AbortSignal): MeshQuestions {
  const gaps: Gap[] = [];
  const range = `[${Math.max(60, Math.round((window.toMs - window.fromMs) / 1_000))}s]`;
  const ask = async (attempt: string, query: string) => {
    const { series, hasWarnings } = await prometheus.instant({ attempt, query, at: window.toMs }, signal);
    if (hasWarnings) gaps.push({ source: mesh, reason: `prometheus: ${attempt}: part of what was asked did not answer` });
    return series.flatMap(({ labels, points: [point] }) => (point === undefined ? [] : [{ labels, value: point[1] }]));
  };
  const counted = async (query: string) =>
    (await ask(`read the edges of ${mesh}`, query)).map(({ labels, value }) => ({ labels, count: value }));
  const quantile = async (histogram: string, by: readonly string[], share: 0.5 | 0.95): Promise<Timed[]> => {
    const query = `histogram_quantile(${share}, sum by (${[...by, 'le'].join(', ')}) (increase(${histogram}${range})))`;
    try {
      const answer = await ask(`read the times of ${mesh}`, query);
      return answer.map(({ labels, value }) => ({ labels, times: share === 0.5 ? { p50Ms: value } : { p95Ms: value } }));
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      gaps.push({ source: mesh, reason: error.message });
      return [];
    }
  };
  return {
    rises: (counter, by) => counted(`sum by (${by.join(', ')}) (increase(${counter}${range})) > 0`),
    now: (gauge, by) => counted(`sum by (${by.join(', ')}) (${gauge}) > 0`),
    times: async (histogram, by) => (await Promise.all([quantile(histogram, by, 0.5), quantile(histogram, by, 0.95)])).flat(),
    gaps,
  };
}

/**
 * A Prometheus (PROTOCOLS C6) that does not evaluate: a test says which series a query that holds some text gives. What PromQL
 * means is tried against the real one.
 */
import { type Answering, startAnswering } from './answering.ts';

export interface Given {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: string;
}

export interface PrometheusStandIn extends Answering {
  /** Queries that hold this text give these, at every step. */
  give(text: string, ...series: Given[]): void;
  warn(): void;
}

export async function startPrometheus(): Promise<PrometheusStandIn> {
  const given: { text: string; series: readonly Given[] }[] = [];
  let warnings: string[] | undefined;
  const server = await startAnswering(({ path, parameters }) => {
    const query = parameters.get('query') ?? '';
    const series = given.filter(({ text }) => query.includes(text)).flatMap((one) => one.series);
    const say = (resultType: string, result: object[]) => ({
      body: { status: 'success', data: { resultType, result }, ...(warnings === undefined ? {} : { warnings }) },
    });
    if (path === '/api/v1/query')
      return say(
        'vector',
        series.map(({ labels, value }) => ({ metric: labels, value: [Number(parameters.get('time')), value] })),
      );
    if (path !== '/api/v1/query_range') return null;
    const [start, end, step] = ['start', 'end', 'step'].map((key) => Number(parameters.get(key)));
    const count = Math.floor((end! - start!) / step!) + 1;
    if (count > 11_000) return { status: 400, body: { status: 'error', errorType: 'bad_data', error: 'exceeded maximum resolution' } };
    const values = (value: string) => Array.from({ length: count }, (_, i) => [start! + i * step!, value]);
    return say(
      'matrix',
      series.map(({ labels, value }) => ({ metric: labels, values: values(value) })),
    );
  });
  return { ...server, give: (text, ...series) => void given.push({ text, series }), warn: () => (warnings = ['a store is down']) };
}

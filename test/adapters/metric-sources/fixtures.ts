/** For each source of metrics the stand-in it is tried against. */
import type { Answering } from '../../stand-ins/answering.ts';
import { startPrometheus } from '../../stand-ins/prometheus.ts';

export interface MetricSourceFixture extends Answering {
  readonly settings: Readonly<Record<string, string>>;
  /** CPU in use by a pod. */
  cpu(pod: string, value: string): void;
}

export const secret = 'tokenOfAStandInThatMustNeverBeSeen';

export const fixtures: Readonly<Record<string, () => Promise<MetricSourceFixture>>> = {
  async prometheus() {
    const prometheus = await startPrometheus();
    return {
      ...prometheus,
      settings: { PROMETHEUS_URL: prometheus.url, PROMETHEUS_TOKEN: secret },
      cpu: (pod, value) => prometheus.give('container_cpu_usage_seconds_total', { labels: { namespace: 'shop', pod }, value }),
    };
  },
};

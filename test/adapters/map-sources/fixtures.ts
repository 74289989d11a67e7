/** For each source of maps the stand-in it is tried against. */
import type { Answering } from '../../stand-ins/answering.ts';
import { startJaeger } from '../../stand-ins/jaeger.ts';
import { startKiali } from '../../stand-ins/kiali.ts';
import { startPrometheus } from '../../stand-ins/prometheus.ts';

/** Calls in ten minutes. */
export interface Call {
  readonly caller: string;
  readonly callee: string;
  readonly calls: number;
  readonly errors: number;
}

export interface MapSourceFixture extends Answering {
  readonly settings: Readonly<Record<string, string>>;
  /** What failures name, where that is not the adapter's id. */
  readonly system?: string;
  /** It counts no failures. */
  readonly isWithoutErrors?: true;
  put(...calls: Call[]): void;
}

export const secret = 'tokenOfAStandInThatMustNeverBeSeen';

export const fixtures: Readonly<Record<string, () => Promise<MapSourceFixture>>> = {
  async istio() {
    const prometheus = await startPrometheus();
    return {
      ...prometheus,
      system: 'prometheus',
      settings: { PROMETHEUS_URL: prometheus.url, PROMETHEUS_TOKEN: secret },
      put(...calls) {
        // Both proxies count each request.
        for (const { caller, callee, calls: all, errors } of calls)
          for (const reporter of ['source', 'destination']) {
            const labels = {
              reporter,
              source_workload: `${caller}-v1`,
              source_workload_namespace: 'shop',
              source_canonical_service: caller,
              destination_workload: `${callee}-v1`,
              destination_workload_namespace: 'shop',
              destination_canonical_service: callee,
              destination_service_name: callee,
            };
            prometheus.give('istio_requests_total', { labels: { ...labels, response_code: '200' }, value: String(all - errors) });
            if (errors > 0) prometheus.give('istio_requests_total', { labels: { ...labels, response_code: '503' }, value: String(errors) });
          }
      },
    };
  },
  async linkerd() {
    const prometheus = await startPrometheus();
    return {
      ...prometheus,
      system: 'prometheus',
      settings: { PROMETHEUS_URL: prometheus.url, PROMETHEUS_TOKEN: secret },
      put(...calls) {
        for (const { caller, callee, calls: all, errors } of calls) {
          const labels = { namespace: 'shop', deployment: caller, dst_namespace: 'shop', dst_deployment: callee };
          prometheus.give('response_total', { labels: { ...labels, classification: 'success' }, value: String(all - errors) });
          if (errors > 0) prometheus.give('response_total', { labels: { ...labels, classification: 'failure' }, value: String(errors) });
        }
      },
    };
  },
  async kiali() {
    const server = await startKiali();
    const rate = (count: number) => String(count / 600);
    return {
      ...server,
      settings: { KIALI_URL: server.url, KIALI_TOKEN: secret },
      put: (...calls) =>
        server.put(
          ...calls.map(({ caller, callee, calls: all, errors }) => ({
            caller,
            callee,
            rates: { http: rate(all), ...(errors > 0 ? { http5xx: rate(errors) } : {}) },
          })),
        ),
    };
  },
  async 'jaeger-dependencies'() {
    const server = await startJaeger('v3');
    return {
      ...server,
      system: 'jaeger',
      isWithoutErrors: true,
      settings: { JAEGER_URL: server.url, JAEGER_TOKEN: secret },
      put: (...calls) => server.dependencies(...calls.map((call) => ({ parent: call.caller, child: call.callee, callCount: call.calls }))),
    };
  },
};

/** What a service counts of its requests, in Prometheus' text form: names and labels as most libraries write them. */

const bucketsMs = [5, 25, 100, 250, 500, 1_000, 2_500] as const;

interface Counts {
  requests: number;
  seconds: number;
  readonly buckets: number[];
}

export interface RequestMetrics {
  /** Counts one answered request. */
  count(route: string, status: number, ms: number): void;
  /** The page a scraper reads. */
  text(): string;
}

export function createRequestMetrics(service: string): RequestMetrics {
  const counts = new Map<string, Counts>();
  return {
    count(route, status, ms) {
      const labels = `service="${service}",route="${route}",status="${status}"`;
      const counted = counts.get(labels) ?? { requests: 0, seconds: 0, buckets: bucketsMs.map(() => 0) };
      counts.set(labels, counted);
      counted.requests++;
      counted.seconds += ms / 1_000;
      for (const [i, bound] of bucketsMs.entries()) if (ms <= bound) counted.buckets[i]!++;
    },
    text() {
      const lines = [
        '# HELP http_requests_total Requests answered.',
        '# TYPE http_requests_total counter',
        ...[...counts].map(([labels, { requests }]) => `http_requests_total{${labels}} ${requests}`),
        '# HELP http_request_duration_seconds Time to answer a request.',
        '# TYPE http_request_duration_seconds histogram',
        ...[...counts].flatMap(([labels, { requests, seconds, buckets }]) => [
          ...buckets.map((within, i) => `http_request_duration_seconds_bucket{${labels},le="${bucketsMs[i]! / 1_000}"} ${within}`),
          `http_request_duration_seconds_bucket{${labels},le="+Inf"} ${requests}`,
          `http_request_duration_seconds_sum{${labels}} ${seconds}`,
          `http_request_duration_seconds_count{${labels}} ${requests}`,
        ]),
      ];
      return `${lines.join('\n')}\n`;
    },
  };
}

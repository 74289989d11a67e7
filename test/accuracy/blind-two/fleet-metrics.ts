/** How five teams name what their pods measure. Counters count since the pod began, hours ago; scrapes are missed; some services measure no calls. */
import type { Random } from '../random.ts';
import type { Sample } from './fleet-run.ts';
import type { Fleet } from './fleets.ts';
import { Book, type Histogram, type Labels } from './otlp.ts';

const bounds = [5, 10, 25, 50, 100, 250, 500, 1000, 2500];

/** What is counted since a pod began. */
class Counters {
  readonly #totals = new Map<string, number>();
  readonly #histograms = new Map<string, { count: number; sum: number; buckets: number[] }>();

  /** What was counted before the first scrape: `past` steps at that scrape's rate. What first happens later starts from nothing. */
  count(key: string, amount: number, past: number): number {
    const total = (this.#totals.get(key) ?? amount * past) + amount;
    this.#totals.set(key, total);
    return Math.round(total * 1000) / 1000;
  }

  histogram(key: string, amount: number, ms: number, past: number, unit: number): Histogram {
    const known = this.#histograms.get(key) ?? { count: 0, sum: 0, buckets: bounds.map(() => 0).concat(0) };
    const weight = known.count === 0 ? 1 + past : 1;
    const added = Math.round(amount * weight);
    let below = 0;
    bounds.concat(Number.POSITIVE_INFINITY).forEach((bound, index) => {
      const share = 1 - Math.exp(-bound / ms);
      known.buckets[index]! += Math.round(added * (share - below));
      below = share;
    });
    known.count = known.buckets.reduce((sum, each) => sum + each, 0);
    known.sum += (added * ms) / unit;
    this.#histograms.set(key, known);
    return { count: known.count, sum: known.sum, bounds: bounds.map((bound) => bound / unit), buckets: [...known.buckets] };
  }
}

interface Scrape {
  readonly at: number;
  readonly seconds: number;
  readonly past: number;
  readonly one: Sample;
  readonly seesCalls: boolean;
  readonly resource: Labels;
  readonly key: string;
}

export function writeScrapes(
  book: Book,
  fleet: Fleet,
  random: Random,
  scrapes: readonly { at: number; samples: readonly Sample[] }[],
): void {
  const counters = new Counters();
  const blind = new Set(
    random
      .shuffled(fleet.members.slice(1))
      .slice(0, Math.floor(fleet.members.length / 7))
      .map(({ name }) => name),
  );
  const outage = { of: random.pick(fleet.members).name, at: random.pick(scrapes.slice(0, -12)).at };
  for (const { at, samples } of scrapes)
    for (const one of samples) {
      const name = one.member.name;
      const away = name === outage.of && at >= outage.at && at < outage.at + 5 * fleet.stepMs;
      const scrape: Scrape = {
        at: at + random.whole(0, 4000),
        one,
        seconds: fleet.stepMs / 1000,
        past: at === scrapes[0]!.at ? 240 + name.length * 20 : 0,
        seesCalls: !blind.has(name),
        resource: {
          'service.name': name,
          'k8s.pod.name': one.pod.name,
          ...(fleet.dialect === 'otel' && !one.member.store ? { 'service.version': one.pod.version } : {}),
        },
        key: one.pod.name,
      };
      // A counter goes on while nobody scrapes it.
      const into = away || random.chance(0.03) ? new Book() : book;
      write(into, fleet, counters, scrape, random);
    }
}

function write(book: Book, fleet: Fleet, counters: Counters, scrape: Scrape, random: Random): void {
  const { one, at, seconds, past, resource, key, seesCalls } = scrape;
  const calls = one.rate * seconds;
  const gauge = (name: string, value: number, labels: Labels = {}) => book.point(resource, name, 'gauge', at, value, labels);
  const total = (name: string, amount: number, labels: Labels = {}) =>
    book.point(resource, name, 'sum', at, counters.count(`${key}/${name}/${JSON.stringify(labels)}`, amount, past), labels);
  const histogram = (name: string, amount: number, ms: number, unit: number, labels: Labels = {}) =>
    book.point(
      resource,
      name,
      'histogram',
      at,
      counters.histogram(`${key}/${name}/${JSON.stringify(labels)}`, amount, ms, past, unit),
      labels,
    );
  const good = calls * (1 - one.fails);
  const bad = calls * one.fails;
  const edges = seesCalls ? one.edges : [];
  const noise = () => 1 + 0.05 * random.normal();
  if (fleet.dialect === 'otel') {
    if (one.member.store) {
      gauge('postgresql.backends', Math.round(6 + (one.rate * one.ms) / 1000 + Math.abs(2 * random.normal())));
      total('postgresql.commits', good);
      gauge('postgresql.cpu.utilization', one.cpu);
      return;
    }
    histogram('http.server.request.duration', good, one.ms, 1000, { 'http.request.method': 'POST', 'http.response.status_code': 200 });
    if (bad >= 0.5)
      histogram('http.server.request.duration', bad, one.ms, 1000, {
        'http.request.method': 'POST',
        'http.response.status_code': 500,
        'error.type': '500',
      });
    for (const { to, rate, ms, fails } of edges) {
      histogram('http.client.request.duration', rate * seconds * (1 - fails), ms, 1000, {
        'server.address': to,
        'http.response.status_code': 200,
      });
      if (rate * seconds * fails >= 0.5)
        histogram('http.client.request.duration', rate * seconds * fails, ms, 1000, {
          'server.address': to,
          'http.response.status_code': 500,
        });
    }
    gauge('process.cpu.utilization', one.cpu);
    gauge('process.memory.usage', Math.round(one.memory * 536_870_912));
    gauge('process.thread.count', one.threads);
    gauge('k8s.container.restarts', one.restarts);
  } else if (fleet.dialect === 'mesh') {
    total('container_cpu_usage_seconds_total', one.cpu * seconds);
    gauge('container_memory_working_set_bytes', Math.round(one.memory * 402_653_184));
    gauge('kube_pod_container_status_restarts_total', one.restarts);
    if (one.member.store) return;
    gauge('go_goroutines', one.threads * 3);
    for (const { to, rate, ms, fails } of one.edges) {
      const labels = { source_app: one.member.name, destination_app: to };
      total('mesh_requests_total', rate * seconds * (1 - fails), { ...labels, response_code: '200' });
      if (fails > 0.002) total('mesh_requests_total', rate * seconds * fails, { ...labels, response_code: '503' });
      for (const [quantile, times] of [
        ['0.5', 0.7],
        ['0.99', 4.2],
      ] as const)
        gauge('mesh_request_duration_milliseconds', ms * times * noise(), { ...labels, quantile });
    }
  } else if (fleet.dialect === 'micrometer') {
    gauge('process_cpu_usage', one.cpu);
    if (one.member.store) {
      gauge('pg_stat_activity_count', Math.round(5 + (one.rate * one.ms) / 1000));
      return;
    }
    const uri = `/internal/${one.member.name}`;
    for (const [outcome, status, amount] of [
      ['SUCCESS', '200', good],
      ['SERVER_ERROR', '500', bad],
    ] as const) {
      if (amount < 0.5 && outcome !== 'SUCCESS') continue;
      total('http_server_requests_seconds_count', amount, { uri, status, outcome });
      total('http_server_requests_seconds_sum', (amount * one.ms) / 1000, { uri, status, outcome });
      gauge('http_server_requests_seconds_max', (one.ms * 5 * noise()) / 1000, { uri, status, outcome });
    }
    for (const { to, rate, ms, fails } of edges) {
      total('http_client_requests_seconds_count', rate * seconds * (1 - fails), { client_name: to, outcome: 'SUCCESS' });
      if (fails > 0.002) total('http_client_requests_seconds_count', rate * seconds * fails, { client_name: to, outcome: 'SERVER_ERROR' });
      gauge('http_client_requests_seconds_max', (ms * 5 * noise()) / 1000, { client_name: to });
      if (to.endsWith('db')) gauge('hikaricp_connections_active', Math.round((rate * ms) / 1000), { pool: to });
    }
    gauge('jvm_memory_used_bytes', Math.round(one.memory * 805_306_368), { area: 'heap' });
    total('jvm_gc_pause_seconds_sum', one.memory > 0.8 ? one.memory * 9 : 0.2);
    gauge('jvm_threads_live_threads', one.threads + 20);
  } else if (fleet.dialect === 'statsd') {
    const name = one.member.name;
    gauge(`${name}.host.cpu_pct`, one.cpu * 100);
    gauge(`${name}.host.rss_mb`, one.memory * 768);
    gauge(`${name}.req.rate`, one.rate);
    gauge(`${name}.req.p95_ms`, one.ms * 2.9 * noise());
    gauge(`${name}.req.errors_per_s`, one.rate * one.fails);
    if (!one.member.store) gauge(`${name}.restarts`, one.restarts);
    for (const { to, rate, ms, fails } of edges) {
      gauge(`${name}.out.${to}.rate`, rate * noise());
      gauge(`${name}.out.${to}.p95_ms`, ms * 2.9 * noise());
      gauge(`${name}.out.${to}.errors_per_s`, rate * fails);
    }
  } else {
    gauge('pod.cpu.share', one.cpu);
    gauge('pod.memory.share', one.memory);
    if (one.member.store) return;
    gauge('inbound.requests_per_second', one.rate);
    gauge('inbound.error_ratio', one.fails);
    gauge('inbound.latency_ms', one.ms * noise());
    for (const { to, rate, ms, fails } of edges) {
      gauge('outbound.requests_per_second', rate * noise(), { caller: one.member.name, callee: to });
      gauge('outbound.error_ratio', fails, { caller: one.member.name, callee: to });
      gauge('outbound.latency_ms', ms * noise(), { caller: one.member.name, callee: to });
    }
    gauge('pod.restarts', one.restarts);
  }
  if (one.member.business !== null) total(one.member.business, one.business * seconds);
}

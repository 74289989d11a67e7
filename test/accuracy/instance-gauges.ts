/**
 * Gauges of every instance of a system, every 15 to 60 seconds: CPU, memory, threads, connections in use, requests that
 * wait, under names of one convention or another. Each instance has a level of its own, noise, and odd minutes.
 */
import type { Fault } from './faults.ts';
import type { FolderMetrics, FolderPoint } from './folder.ts';
import type { Random } from './random.ts';
import type { TracedWorld } from './traced-world.ts';

const conventions = [
  {
    cpu: 'k8s.pod.cpu_limit_utilization',
    memory: 'k8s.pod.memory_limit_utilization',
    threads: 'jvm.thread.count',
    used: 'db.client.connection.count',
    waiting: 'db.client.connection.pending_requests',
  },
  {
    cpu: 'process_cpu_usage',
    memory: 'process_memory_usage_ratio',
    threads: 'jvm_threads_live_threads',
    used: 'hikaricp_connections_active',
    waiting: 'hikaricp_connections_pending',
  },
  {
    cpu: 'container.cpu.utilization',
    memory: 'container.memory.usage_percent',
    threads: 'process.threads',
    used: 'pool_connections_in_use',
    waiting: 'request_queue_depth',
  },
] as const;

interface Times {
  readonly from: number;
  readonly onset: number;
  readonly alertAt: number;
}

export function instanceGauges(world: TracedWorld, faults: readonly Fault[], times: Times, random: Random): FolderMetrics[] {
  const names = random.pick(conventions);
  const everyMs = random.pick([15_000, 30_000, 60_000]);
  const instances = new Map(
    world.later.flatMap(({ spans }) => spans.map(({ service, instance }) => [instance ?? service, service] as const)),
  );
  return [...instances].map(([instance, service]) => {
    const fault = faults.find((candidate) => candidate.service === service);
    const levels = {
      cpu: random.between(0.02, 0.4),
      memory: random.between(0.1, 0.7),
      threads: random.whole(8, 80),
      used: random.whole(1, 6),
    };
    const series = new Map<string, FolderPoint[]>();
    const add = (name: string, at: number, value: number): void => {
      const points = series.get(name) ?? [];
      series.set(name, points);
      points.push({ timeUnixNano: `${Math.floor(at)}000000`, asDouble: value, attributes: [] });
    };
    const noisy = (level: number, noise: number): number => level * Math.exp(noise * random.normal());
    for (let at = times.from + random.between(0, everyMs); at < times.alertAt; at += everyMs) {
      const faulty = at >= times.onset ? fault : undefined;
      if (faulty?.silent) continue;
      const odd = random.chance(0.02) ? random.between(1.5, 2.5) : 1;
      const grown = faulty?.gauges?.memoryTo;
      const done = (at - times.onset) / (times.alertAt - times.onset);
      const busy = faulty?.gauges?.waiting;
      add(names.cpu, at, faulty?.cpu === undefined ? Math.min(0.95, noisy(levels.cpu * odd, 0.15)) : faulty.cpu * random.between(0.9, 1));
      add(
        names.memory,
        at,
        Math.min(1, grown === undefined ? noisy(levels.memory, 0.02) : levels.memory + (grown - levels.memory) * Math.min(1, 0.3 + done)) *
          (names.memory.endsWith('percent') ? 100 : 1),
      );
      add(names.threads, at, Math.round(noisy(levels.threads, 0.04) + (busy ?? 0)));
      add(names.used, at, busy === undefined ? Math.min(9, Math.round(noisy(levels.used, 0.3))) : 10);
      add(names.waiting, at, busy === undefined ? (random.chance(0.05) ? 1 : 0) : Math.round(busy * random.between(0.6, 1.2)));
    }
    const metrics = [...series].map(([name, dataPoints]) => ({ name, gauge: { dataPoints } }));
    const attributes = [
      { key: 'service.name', value: { stringValue: service } },
      { key: 'k8s.pod.name', value: { stringValue: instance } },
    ];
    return { resourceMetrics: [{ resource: { attributes }, scopeMetrics: [{ metrics }] }] };
  });
}

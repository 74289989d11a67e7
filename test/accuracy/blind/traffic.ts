/** Running systems with traces: spans with metrics only, or spans with logs in dialects of their own; a normal stretch, then the minutes before the alert. */
import type { Case, FolderLogs, FolderMetrics, FolderTraces, IncidentFolder, KeyValue } from '../folder.ts';
import { type Random, seeded } from '../random.ts';
import { attribute, type Fault, nano, type Plan, Tape, trafficFaults, visit } from './traffic-tape.ts';
import { type Town, towns } from './traffic-towns.ts';

function planOf(town: Town, fault: Fault, alertAt: number, random: Random): { plan: Plan; truth: string[] } {
  const entries = new Set(town.entries.map((entry) => entry.split('.')[0]!));
  const services = [...new Set(town.works.map(({ service }) => service))].filter((service) => !entries.has(service));
  const withSteps = services.filter((service) => town.works.some((work) => work.service === service && work.steps.length > 0));
  const consumers = services.filter((service) => !town.works.some(({ steps }) => steps.some(({ to }) => to === service)));
  const stores = Object.keys(town.stores).filter((store) =>
    town.works.some(({ steps }) => steps.some(({ to, via }) => to === store && (via === 'sql' || via === 'cache'))),
  );
  const service =
    fault === 'store-slow' || fault === 'store-refuses'
      ? random.pick(stores)
      : fault === 'lagging'
        ? random.pick(consumers)
        : fault === 'skips' || fault === 'pool'
          ? random.pick(withSteps)
          : fault === 'far'
            ? random.pick(services.filter((one) => !consumers.includes(one)))
            : random.pick(services);
  return {
    plan: { fault, service, from: alertAt - random.whole(80, 150) * 1000, strength: random.between(1, 3) },
    truth: fault === 'none' ? [] : [service, `db:${service}`],
  };
}

function metricsOf(town: Town, plan: Plan, random: Random, times: readonly number[]): FolderMetrics[] {
  const services = [...new Set(town.works.map(({ service }) => service))];
  const base = new Map(
    services.map((service) => [service, { cpu: random.between(0.08, 0.4), memory: random.between(0.3, 0.6), used: random.whole(2, 8) }]),
  );
  return times.map((at) => ({
    resourceMetrics: services.map((service) => {
      const { cpu, memory, used } = base.get(service)!;
      const on = (fault: Fault) => plan.fault === fault && plan.service === service && at >= plan.from;
      const point = (name: string, unit: string, value: number, attributes: KeyValue[] = []) => ({
        name,
        unit,
        gauge: { dataPoints: [{ timeUnixNano: nano(at), asDouble: value, attributes }] },
      });
      return {
        resource: { attributes: [attribute('service.name', service)] },
        scopeMetrics: [
          {
            metrics: [
              point('process.cpu.utilization', '1', Math.min(1, (on('saturated') ? 0.96 : cpu) * Math.exp(0.12 * random.normal()))),
              point('jvm.memory.used_after_last_gc', 'By', memory * 1e9 * Math.exp(0.05 * random.normal())),
              point('db.client.connections.usage', '{connection}', on('pool') ? 10 : used + random.whole(-1, 1), [
                attribute('state', 'used'),
              ]),
              point('db.client.connections.pending_requests', '{request}', on('pool') ? random.whole(8, 40) : 0),
              ...(plan.fault === 'lagging' || random.chance(0.3)
                ? [point('messaging.consumer.lag', '{message}', on('lagging') ? (at - plan.from) / 300 : random.whole(0, 3))]
                : []),
            ],
          },
        ],
      };
    }),
  }));
}

function build(town: Town, fault: Fault, seed: string): { folder: IncidentFolder; truth: string[]; touched: number } {
  const random = seeded(`blind traffic ${town.name} ${fault} ${seed}`);
  const alertAt = Date.UTC(2026, random.whole(0, 11), random.whole(1, 27), random.whole(0, 23), random.whole(0, 59), random.whole(0, 59));
  const { plan, truth } = planOf(town, fault, alertAt, random);
  const tape = new Tape(town, plan, random);
  const stretches = [
    [alertAt - 15 * 60_000, alertAt - 12 * 60_000],
    [alertAt - 210_000, alertAt - 4000],
  ] as const;
  const busy = random.between(0.7, 1.5);
  // Something that runs by the clock asks for much more of one kind; nothing is wrong with that.
  const burst = fault === 'none' && random.chance(0.5) ? { from: alertAt - 60_000, entry: random.pick(town.entries) } : null;
  for (const [from, to] of stretches)
    for (let at = from; at < to; at += (900 / (busy * (burst !== null && at > burst.from ? 4 : 1))) * -Math.log(1 - random.next())) {
      const [service, operation] = (
        burst !== null && at > burst.from && random.chance(0.75) ? burst.entry : random.pick(town.entries)
      ).split('.');
      visit(tape, town.works.find((work) => work.service === service && work.operation === operation)!, at, random.hex(32), null, 'http');
    }
  const times = stretches.flatMap(([from, to]) =>
    Array.from({ length: Math.floor((to - from) / 30_000) }, (_, index) => from + index * 30_000),
  );
  const traces: FolderTraces[] = [...tape.spans].map(([service, spans]) => ({
    resourceSpans: [
      {
        resource: { attributes: [attribute('service.name', service)] },
        scopeSpans: [
          {
            scope: { name: '@opentelemetry/instrumentation' },
            spans: spans.filter((span) => Number(span.endTimeUnixNano) < alertAt * 1e6),
          },
        ],
      },
    ],
  }));
  const logs: FolderLogs[] = [...tape.logs].map(([service, records]) => ({
    resourceLogs: [
      {
        resource: { attributes: [attribute('service.name', service)] },
        scopeLogs: [
          {
            logRecords: records
              .filter((one) => Number(one.timeUnixNano) < alertAt * 1e6)
              .sort((a, b) => Number(BigInt(a.timeUnixNano) - BigInt(b.timeUnixNano))),
          },
        ],
      },
    ],
  }));
  return {
    truth,
    touched: tape.touched,
    folder: {
      name: `traffic-${town.name}-${fault}-${seed}`,
      path: null,
      alertAt,
      traces,
      logs,
      metrics: town.form === 'metrics' ? metricsOf(town, plan, random, times) : [],
      changes: [],
      services: [],
    },
  };
}

export function trafficCases(rounds: number): Case[] {
  const cases: Case[] = [];
  for (const town of towns)
    for (let round = 0; round < (town.form === 'metrics' ? 3 : 2) * rounds; round++)
      for (const [fault, seed] of [
        ...trafficFaults.map((fault) => [fault, String(round)] as const),
        ['none', `${round}a`] as const,
        ['none', `${round}b`] as const,
      ]) {
        const { truth, touched } = build(town, fault, seed);
        if (fault !== 'none' && touched < 8) continue;
        const set = `blind ${town.form === 'metrics' ? 'spans and metrics' : 'traces and logs'}`;
        cases.push({
          set: fault === 'none' ? `${set}, sound` : set,
          truth: { services: truth, fault, changeService: null },
          affected: null,
          half: town.half,
          read: () => build(town, fault, seed).folder,
        });
      }
  return cases;
}

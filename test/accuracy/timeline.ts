/** Lays requests along time and writes them out as an incident folder. */
import type { Fault } from './faults.ts';
import type { FolderLog, FolderLogs, FolderMetrics, FolderPoint, FolderSpan, FolderTraces, IncidentFolder, KeyValue } from './folder.ts';
import { instanceGauges } from './instance-gauges.ts';
import type { Random } from './random.ts';
import { copyOf, type Request } from './requests.ts';
import type { TracedWorld } from './traced-world.ts';

export interface Plan {
  /** Known-normal minutes before the incident, and how long before the alert they end. */
  readonly normalMinutes: number;
  readonly gapMinutes: number;
  /** Minutes before the alert that are told of, and how many of them the fault is there. */
  readonly recentMinutes: number;
  readonly faultMinutes: number;
  readonly requestsPerMinute: number;
  /** Normal period and incident come from two sessions, each request once at most; else both draw from both. */
  readonly onePass: boolean;
  /** Change of traffic between the normal minutes and the recent ones. */
  readonly trafficFactor: number;
}

const minute = 60_000;

export function planOf(random: Random): Plan {
  const recorded = random.chance(0.5);
  const faultMinutes = random.pick([1.5, 2, 3]);
  return {
    normalMinutes: recorded ? random.pick([1, 2]) : random.pick([8, 12]),
    gapMinutes: recorded ? 12 : 10,
    recentMinutes: recorded ? faultMinutes + random.between(0.5, 1) : 10,
    faultMinutes,
    requestsPerMinute: recorded ? random.pick([30, 60, 70]) : random.pick([12, 20]),
    onePass: random.chance(0.35),
    trafficFactor: random.between(0.6, 1.6),
  };
}

interface Placed {
  readonly request: Request;
  readonly at: number;
  readonly traceId: string;
}

export interface Laid {
  readonly folder: IncidentFolder;
  readonly affected: number;
  /** Requests touched by the fault that touched fewest. */
  readonly leastAffected: number;
}

export function layOut(name: string, world: TracedWorld, plan: Plan, faults: readonly Fault[], random: Random): Laid {
  const alertAt = 1_780_000_000_000 + random.whole(0, 9_000_000) * 1000;
  const onset = alertAt - plan.faultMinutes * minute;
  const placed: Placed[] = [];
  let affected = 0;
  const touches = faults.map(() => 0);
  const place = (pool: readonly Request[], from: number, to: number, wanted: number) => {
    const draw = drawer(pool, random);
    // Drawn twice, a request that was odd by chance would look like a fault: one pass over a recorded session has to do.
    const perMinute = plan.onePass ? Math.min(wanted, pool.length / ((to - from) / minute)) : wanted;
    for (let at = from + gap(random, perMinute); at < to; at += gap(random, perMinute)) {
      const request = copyOf(draw(), Math.exp(0.08 * random.normal()));
      const touched = at >= onset ? faults.map((fault) => fault.apply(request)) : [];
      if (touched.includes(true)) affected++;
      for (const [i, isTouched] of touched.entries()) if (isTouched) touches[i]!++;
      placed.push({ request, at, traceId: random.hex(32) });
    }
  };
  const both = [...world.normal, ...world.later];
  const normalEnd = alertAt - plan.gapMinutes * minute;
  place(plan.onePass ? world.normal : both, normalEnd - plan.normalMinutes * minute, normalEnd, plan.requestsPerMinute);
  place(plan.onePass ? world.later : both, alertAt - plan.recentMinutes * minute, alertAt, plan.requestsPerMinute * plan.trafficFactor);
  const { traces, logs } = written(placed, alertAt, random);
  const from = normalEnd - plan.normalMinutes * minute;
  return {
    folder: {
      name,
      path: null,
      alertAt,
      traces,
      logs,
      metrics: (world.gauges ? instanceGauges : podMetrics)(world, faults, { from, onset, alertAt }, random),
      changes: [],
      services: world.directory,
    },
    affected,
    leastAffected: touches.length === 0 ? 0 : Math.min(...touches),
  };
}

function gap(random: Random, perMinute: number): number {
  return (-Math.log(1 - random.next()) * minute) / perMinute;
}

/** Draws every request once before any comes again; each period has its own mix of kinds of request. */
function drawer(pool: readonly Request[], random: Random): () => Request {
  const shares = new Map<string, number>();
  let left: Request[] = [];
  const next = () => {
    if (left.length === 0) left = random.shuffled(pool);
    return left.pop()!;
  };
  return () => {
    for (;;) {
      const request = next();
      const kind = kindOf(request);
      const share = shares.get(kind) ?? random.between(0.4, 1);
      shares.set(kind, share);
      if (random.chance(share)) return request;
    }
  };
}

/** Requests that enter at the same place and touch the same services are of one kind. */
function kindOf(request: Request): string {
  return `${request.spans[0]?.name} ${[...new Set(request.spans.map((span) => span.service))].sort().join(' ')}`;
}

const nanos = (at: number) => `${Math.floor(at)}${String(Math.floor((at % 1) * 1e6)).padStart(6, '0')}`;
const text = (key: string, value: string): KeyValue => ({ key, value: { stringValue: value } });
const severityNames: Readonly<Record<number, string>> = { 9: 'INFO', 13: 'WARN', 17: 'ERROR' };

function resourceOf(service: string, instance: string | null): { attributes: KeyValue[] } {
  return { attributes: [text('service.name', service), ...(instance === null ? [] : [text('k8s.pod.name', instance)])] };
}

/** One export request a service and pod; nothing later than the alert. */
function written(placed: readonly Placed[], alertAt: number, random: Random): { traces: FolderTraces[]; logs: FolderLogs[] } {
  const spansOf = new Map<string, { service: string; instance: string | null; scope: string | null; spans: FolderSpan[] }>();
  const logsOf = new Map<string, { service: string; instance: string | null; scope: string | null; logs: FolderLog[] }>();
  for (const { request, at, traceId } of placed) {
    const ids = request.spans.map(() => random.hex(16));
    request.spans.forEach((span, index) => {
      if (span.gone || at + span.end > alertAt) return;
      const key = `${span.service} ${span.instance} ${span.scope}`;
      const group = spansOf.get(key) ?? { service: span.service, instance: span.instance, scope: span.scope, spans: [] };
      spansOf.set(key, group);
      group.spans.push({
        traceId,
        spanId: ids[index]!,
        ...(span.parent >= 0 ? { parentSpanId: ids[span.parent]! } : {}),
        name: span.name,
        kind: span.kind,
        startTimeUnixNano: nanos(at + span.start),
        endTimeUnixNano: nanos(at + span.end),
        ...(span.attributes.length > 0 ? { attributes: span.attributes } : {}),
        ...(span.status > 0 ? { status: { code: span.status, ...(span.message === null ? {} : { message: span.message }) } } : {}),
      });
    });
    for (const log of request.logs) {
      if (log.gone || at + log.at >= alertAt) continue;
      const key = `${log.service} ${log.instance} ${log.scope}`;
      const group = logsOf.get(key) ?? { service: log.service, instance: log.instance, scope: log.scope, logs: [] };
      logsOf.set(key, group);
      group.logs.push({
        timeUnixNano: nanos(at + log.at),
        ...(log.severity > 0 ? { severityNumber: log.severity, severityText: severityNames[log.severity] ?? 'INFO' } : {}),
        body: { stringValue: log.text.replaceAll(request.recordedId, traceId) },
        traceId,
        ...(log.span >= 0 ? { spanId: ids[log.span]! } : {}),
      });
    }
  }
  const scoped = (scope: string | null) => (scope === null ? {} : { name: scope });
  return {
    traces: [...spansOf.values()].map(({ service, instance, scope, spans }) => ({
      resourceSpans: [{ resource: resourceOf(service, instance), scopeSpans: [{ scope: scoped(scope), spans }] }],
    })),
    logs: [...logsOf.values()].map(({ service, instance, scope, logs }) => ({
      resourceLogs: [{ resource: resourceOf(service, instance), scopeLogs: [{ scope: scoped(scope), logRecords: logs }] }],
    })),
  };
}

/** CPU and memory of every service once a minute: a level of its own, noise, now and then a spike that means nothing. */
function podMetrics(
  world: TracedWorld,
  faults: readonly Fault[],
  times: { readonly from: number; readonly onset: number; readonly alertAt: number },
  random: Random,
): FolderMetrics[] {
  return world.services.map((service) => {
    const fault = faults.find((candidate) => candidate.service === service);
    const level = random.between(0.01, 0.25);
    const memory = random.between(0.1, 0.6);
    const cpus: FolderPoint[] = [];
    const memories: FolderPoint[] = [];
    for (let at = Math.ceil(times.from / minute) * minute; at < times.alertAt; at += minute) {
      const faulty = at >= times.onset;
      if (faulty && fault?.silent) continue;
      const spike = random.chance(0.02) ? random.between(1.5, 3) : 1;
      const cpu =
        faulty && fault?.cpu !== undefined
          ? fault.cpu * random.between(0.9, 1)
          : Math.min(0.9, level * spike * Math.exp(0.15 * random.normal()));
      cpus.push({ timeUnixNano: nanos(at), asDouble: cpu, attributes: [] });
      memories.push({ timeUnixNano: nanos(at), asDouble: memory * Math.exp(0.02 * random.normal()), attributes: [] });
    }
    const metrics = [
      { name: 'k8s.pod.cpu_limit_utilization', unit: '1', gauge: { dataPoints: cpus } },
      { name: 'k8s.pod.memory_limit_utilization', unit: '1', gauge: { dataPoints: memories } },
    ];
    return { resourceMetrics: [{ resource: resourceOf(service, null), scopeMetrics: [{ metrics }] }] };
  });
}

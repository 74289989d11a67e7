/**
 * The product, made of ports: what surfaces call, what runs in between, and what wakes it. Everything here is wiring; the
 * line itself is in `pipeline/`.
 */
import type { Log } from './adapter.ts';
import type { App, ConnectionState, IncidentDetail, VoteRequest } from './app.ts';
import { alertByHand } from './domain/alert-by-hand.ts';
import { Failure } from './domain/failure.ts';
import type { GroupingOptions } from './domain/group-alerts.ts';
import type { Redactor } from './domain/redact.ts';
import { answer } from './pipeline/answer.ts';
import { cardOf, createDeliverer } from './pipeline/deliver.ts';
import { createLateData } from './pipeline/late-data.ts';
import { createReceiver } from './pipeline/receive.ts';
import { createScheduler } from './pipeline/scheduler.ts';
import { voteChange } from './pipeline/vote.ts';
import { createWorker } from './pipeline/work.ts';
import type { AlertFormat, ChangeSource, InboxEntry, Ledger, LedgerChange, Sink, Telemetry } from './ports.ts';

export interface AppPorts {
  readonly ledger: Ledger;
  readonly telemetry: Telemetry;
  readonly alertFormats: ReadonlyMap<string, AlertFormat>;
  readonly changeSources: ReadonlyMap<string, ChangeSource>;
  readonly sinks: ReadonlyMap<string, Sink>;
  readonly connections: readonly ConnectionState[];
  readonly log: Log;
  /** ms since the epoch; an injected clock in tests and replay. */
  readonly now: () => number;
  /** Elapsed ms for timings. */
  readonly clock: () => number;
  readonly grouping: GroupingOptions;
  /** Length of the recent window; equals the baseline's quarantine. */
  readonly lookbackMs: number;
  readonly redactor: Redactor;
}

export interface RunningApp extends App {
  /** Begins to work on what is due. */
  start(): void;
  stop(): Promise<void>;
  /** Does everything that is due at the clock's present moment; for tests and replay, instead of `start`. */
  settle(): Promise<void>;
  /** Asked at each readiness: what else is in trouble, e.g. the connection to Slack. */
  alsoWatch(problem: () => string | null): void;
  /** Lets telemetry age: the baseline learns, space is reclaimed. Called every few seconds while running. */
  age(): Promise<void>;
}

const agePeriodMs = 10_000;
/** An accepted message whose listener died is handed out again after this. */
const inboxGraceMs = 30_000;
const maxExcluded = 200;
/** Minutes before its alert that an incident may already have spoiled. */
const onsetMarginMs = 300_000;

export function createApp(ports: AppPorts): RunningApp {
  const { ledger, telemetry, now, log } = ports;
  const startedAt = now();
  const counts = new Map<string, number>();
  const count = (name: string) => counts.set(name, (counts.get(name) ?? 0) + 1);
  const places = [...ports.sinks].flatMap(([sink, { channels }]) => channels.map((channel) => ({ sink, channel })));
  const inboxHandlers = new Map<string, (entry: InboxEntry) => Promise<void>>();
  const { redactContext, redactDeep } = ports.redactor;
  const redactText = (text: string) => ports.redactor.redact(text).text;
  const worker = createWorker({ ...ports, redact: redactContext, places, inboxHandlers, count });
  const deliverer = createDeliverer({ ...ports, redactDeep, count });
  const watched: (() => string | null)[] = [];
  let lastAged = now();
  let lastTrouble: string | null = null;

  async function runDue(): Promise<boolean> {
    const results = await Promise.allSettled([worker.runDue(), deliverer.runDue()]);
    const broken = results.find((result) => result.status === 'rejected');
    lastTrouble = broken ? String(broken.reason) : null;
    if (broken) throw broken.reason;
    return results.some((result) => result.status === 'fulfilled' && result.value);
  }

  async function nextDueAt(): Promise<number | null> {
    if (now() - lastAged >= agePeriodMs) await age();
    return ledger.nextDueAt();
  }

  async function age(): Promise<void> {
    lastAged = now();
    const { incidents } = await ledger.incidents({ limit: maxExcluded });
    await telemetry.advance(
      now(),
      incidents.map((i) => ({ fromMs: i.alertAt - onsetMarginMs, toMs: i.resolvedAt ?? Math.max(now(), i.alertAt) })),
    );
  }

  const scheduler = createScheduler({ runDue, nextDueAt, now, log });
  const receiver = createReceiver({ ledger, now, grouping: ports.grouping, places, poke: scheduler.poke });
  const late = createLateData(ledger, now, ports.lookbackMs, scheduler.poke);

  async function detail(id: string): Promise<IncidentDetail | null> {
    const [card, receipts, votes] = await Promise.all([cardOf(id, ledger), ledger.receipts(id), ledger.votes(id)]);
    return card === null ? null : { card, receipts, votes };
  }

  async function commit(change: LedgerChange): Promise<boolean> {
    const outcome = await ledger.commit(change);
    scheduler.poke();
    return outcome === 'committed';
  }

  async function vote(request: VoteRequest): Promise<IncidentDetail> {
    await commit(await voteChange(request, ledger, now()));
    count(`votes_total{verdict="${request.verdict}"}`);
    const after = await detail(request.incidentId);
    if (after === null) throw new Error(`incident ${request.incidentId} has a report but is not there`);
    return after;
  }

  async function investigate({ subject, minutes, person }: { subject: string; minutes: number; person: string }) {
    const { map } = await telemetry.knowledge();
    // No guessing here: `order-12` is a correlation id, not a misspelt `orders`.
    const service = map.services.find((s) => s.name.toLowerCase() === subject.toLowerCase())?.name ?? null;
    const [id] = await receiver.receive([alertByHand({ subject, service, minutes, person, at: now() })]);
    const incident = id === undefined ? null : await ledger.incident(id);
    if (incident === null) throw new Error('an incident that was just opened is not there');
    return incident;
  }

  return {
    hasFormat: (format) => ports.alertFormats.has(format),
    async receive(format, delivery) {
      const reader = ports.alertFormats.get(format);
      if (reader === undefined) throw new Failure('rejected', 'webhook', 'read an alert', { hint: `there is no alert format ${format}` });
      const alerts = reader.parse(delivery);
      if (alerts.length === 0) return { accepted: 0, ids: [] };
      const ids = await receiver.receive(alerts);
      count(`alerts_total{format="${format}"}`);
      return { accepted: alerts.length, ids };
    },
    async ingest(signal, body, format) {
      const ingested = await telemetry.ingest(signal, body, format);
      await late.noticed(ingested);
      return ingested;
    },
    async incidents(query) {
      const { incidents, next } = await ledger.incidents(query);
      const details = await Promise.all(incidents.map((incident) => detail(incident.id)));
      return { incidents: details.filter((d) => d !== null), next };
    },
    incident: detail,
    async context(id) {
      const card = await cardOf(id, ledger);
      if (card === null || card.report === null) return null;
      const { context } = card.report;
      const { incident, tallies } = card;
      return {
        ...context,
        incident: {
          ...context.incident,
          state: incident.state,
          alertCount: incident.alertCount,
          resolvedAt: incident.resolvedAt === null ? null : new Date(incident.resolvedAt).toISOString(),
        },
        hypotheses: context.hypotheses.map((h) => ({
          ...h,
          feedback: { confirm: tallies.get(h.id)?.confirm ?? 0, reject: tallies.get(h.id)?.reject ?? 0 },
        })),
      };
    },
    map: async () => (await telemetry.knowledge()).map,
    async status() {
      const { map } = await telemetry.knowledge();
      const live = await ledger.incidents({ live: true, limit: 1_000 });
      return {
        openIncidents: live.incidents.length,
        telemetry: telemetry.stats(),
        services: map.services.length,
        edges: map.edges.length,
        connections: connectionStates(ports.connections, deliverer.problems),
        startedAt,
      };
    },
    vote,
    investigate,
    async ask({ incidentId, text }) {
      const found = await answer(text, incidentId, ports);
      return { text: redactText(found.text), lines: found.lines.map(redactText), sources: found.sources.map(redactText) };
    },
    incidentAt: (sink, channel, messageId) => ledger.incidentAt(sink, channel, messageId),
    async say({ id, sink, channel, threadId, text, incidentId }) {
      await commit({
        outbox: [{ id, sink, channel, incidentId, content: { kind: 'text', text: redactText(text), threadId }, priority: 1, dueAt: now() }],
      });
    },
    async accept(entry) {
      const work = { id: `inbox:${entry.id}`, kind: 'inbox', subject: entry.id, dueAt: now() + inboxGraceMs, attempts: 0 } as const;
      return commit({ seen: [{ key: `inbox:${entry.id}`, at: now(), incidentId: null }], inbox: [entry], work: [work] });
    },
    async finish(entryId) {
      await ledger.commit({
        workDone: [{ id: `inbox:${entryId}`, kind: 'inbox', subject: entryId, dueAt: now() + inboxGraceMs, attempts: 0 }],
      });
    },
    onInbox: (kind, handle) => void inboxHandlers.set(kind, handle),
    async readiness() {
      const problems = [...deliverer.problems].map(([place, problem]) => `${place}: ${problem}`);
      for (const id of worker.parked) problems.push(`${id}: failed too often and is put off`);
      for (const problem of watched) problems.push(...[problem()].filter((p) => p !== null));
      if (lastTrouble !== null) problems.push(`work: ${lastTrouble}`);
      return { ready: lastTrouble === null, problems: problems.map(redactText) };
    },
    alsoWatch: (problem) => void watched.push(problem),
    counters: () => counts,
    age,
    async settle() {
      while (await runDue());
    },
    start: scheduler.start,
    stop: scheduler.stop,
  };
}

/** A connection whose deliveries fail is on, but degraded. */
function connectionStates(connections: readonly ConnectionState[], problems: ReadonlyMap<string, string>): ConnectionState[] {
  return connections.map((connection) => {
    const trouble = [...problems].find(([place]) => place.startsWith(`${connection.id}:`));
    return trouble === undefined || connection.state !== 'on' ? connection : { ...connection, state: 'degraded', detail: trouble[1] };
  });
}

/** The verbs surfaces call, over the engine that does the work. The line itself is in `pipeline/`. */
import type { App, ConnectionState, IncidentDetail } from './app.ts';
import { alertByHand } from './domain/alert-by-hand.ts';
import { contextAsItStands } from './domain/context-as-it-stands.ts';
import { Failure } from './domain/failure.ts';
import { believedTime, logRequest } from './domain/log-entry.ts';
import { createEngine, type Engine, type EnginePorts } from './engine.ts';
import { observed } from './observe/observed.ts';
import { unwatched } from './ports/stages.ts';
import { actOf, mute, noteFact, rateAnswer, resolveIncident, unmute } from './pipeline/acts.ts';
import { incidentAt } from './pipeline/incident-at.ts';
import { lookUpLogs, lookUpTrace, recentChanges, similarIncidents } from './pipeline/look-up.ts';
import { forgetIncident } from './pipeline/forget.ts';
import { mutesOf } from './pipeline/mutes.ts';
import { ticketForm } from './pipeline/ticket-form.ts';
import { askForTicket, trackerOf } from './pipeline/tickets.ts';
import { statistics } from './pipeline/statistics.ts';
import type { Step } from './pipeline/answer.ts';
import { planMark } from './ports/delivery.ts';
import { converse } from './pipeline/converse.ts';
import { cardOf } from './pipeline/deliver.ts';
import { voteChange } from './pipeline/vote.ts';
import type { AlertFormat, DeadLetter, Ingested, LogFormat, Signal } from './ports.ts';

export interface AppPorts extends EnginePorts {
  readonly alertFormats: ReadonlyMap<string, AlertFormat>;
  readonly logFormats: ReadonlyMap<string, LogFormat>;
  readonly connections: readonly ConnectionState[];
}

export interface RunningApp extends App, Pick<Engine, 'start' | 'stop' | 'settle' | 'age'> {
  /** Asked at each readiness: what else is in trouble, e.g. the connection to Slack. */
  alsoWatch(problem: () => string | null): void;
}

/** An accepted message whose listener died is handed out again after this. */
const inboxGraceMs = 30_000;

/** Of an answer, in characters; a message shows a few hundred. */
const maxAnswerLine = 400;

export function createApp(given: AppPorts): RunningApp {
  const ports = given.stages === undefined ? given : observed(given, given.stages);
  const engine = createEngine(ports);
  return {
    ...intake(ports, engine),
    ...reading(ports, engine),
    ...people(ports, engine),
    ...acts(ports, engine),
    ...tickets(ports, engine),
    ...inbox(ports, engine),
    ...deadLetters(ports, engine),
    ...condition(ports, engine),
    ...engineVerbs(engine),
  };
}

function engineVerbs({ start, stop, settle, age }: Engine) {
  return { start, stop, settle, age };
}

function intake({ alertFormats, logFormats, telemetry, log, stages = unwatched }: AppPorts, { receiver, late, sluice, count }: Engine) {
  const ingest = async (signal: Signal, body: Uint8Array, format: 'json' | 'protobuf'): Promise<Ingested> => {
    const ingested = await sluice.through(() => stages.run('ingest', { signal }, {}, () => telemetry.ingest(signal, body, format)));
    // It is stored: a sender told otherwise would send it again, and that would not help the ledger.
    await late.noticed(ingested).catch((error: unknown) => log.error('late telemetry went unnoticed', { error: String(error) }));
    return ingested;
  };
  return {
    hasFormat: (format) => alertFormats.has(format),
    verifier: (format) => alertFormats.get(format)?.verify ?? null,
    async receive(format, delivery) {
      const reader = alertFormats.get(format);
      if (reader === undefined) throw new Failure('rejected', 'webhook', 'read an alert', { hint: `there is no alert format ${format}` });
      const alerts = reader.parse(delivery);
      if (alerts.length === 0) return { accepted: 0, ids: [] };
      const ids = await sluice.alert(() => stages.run('receive', {}, { format }, () => receiver.receive(alerts)));
      count(`alerts_total{format="${format}"}`);
      // What was over before anybody heard of it belongs to no incident.
      return { accepted: alerts.length, ids: ids.includes('') ? ids.filter((id) => id !== '') : ids };
    },
    isTelemetryShutOut: sluice.isShut,
    ingest,
    async takeLogs(format, delivery) {
      const reader = logFormats.get(format);
      if (reader === undefined) throw new Failure('rejected', 'logs', 'read lines', { hint: `there is no log format ${format}` });
      const { entries, ...rest } = reader.read(delivery);
      count(`log_bodies_total{format="${format}"}`);
      if (entries.length === 0) return { accepted: 0, problem: null, ...rest };
      const dated = entries.map((entry) => ({ ...entry, timeMs: believedTime(entry.timeMs, delivery.receivedAt) }));
      const body = new TextEncoder().encode(JSON.stringify(logRequest(dated)));
      const { accepted, problem } = await ingest('logs', body, 'json');
      return { accepted, problem, ...rest };
    },
  } satisfies Partial<App>;
}

async function detailOf(id: string, { ledger }: AppPorts): Promise<IncidentDetail | null> {
  const [card, receipts, votes] = await Promise.all([cardOf(id, ledger), ledger.receipts(id), ledger.votes(id)]);
  return card === null ? null : { card, receipts: receipts.filter(({ sink }) => !sink.endsWith(planMark)), votes };
}

/** The ledger keeps alerts and notes as they came; whoever reads sees them without secrets. Tallies are maps of ids and stay. */
function shown({ card, receipts, votes }: IncidentDetail, { redactor: { redactDeep } }: AppPorts): IncidentDetail {
  return { card: { ...card, incident: redactDeep(card.incident).value }, receipts, votes: redactDeep(votes).value };
}

function reading(ports: AppPorts, { breaker, elsewhere }: Engine) {
  const { ledger, telemetry } = ports;
  const options = { ...ports, breaker, ...(elsewhere === null ? {} : { elsewhere }) };
  return {
    async incidents(query) {
      const { incidents, next } = await ledger.incidents(query);
      const details = await Promise.all(incidents.map((incident) => detailOf(incident.id, ports)));
      return { incidents: details.filter((d) => d !== null).map((detail) => shown(detail, ports)), next };
    },
    async incident(id) {
      const detail = await detailOf(id, ports);
      return detail === null ? null : shown(detail, ports);
    },
    async context(id) {
      const card = await cardOf(id, ledger);
      const context = card === null ? null : contextAsItStands(card);
      // Once more: a report that is kept may be older than a rule or a setting.
      return context === null ? null : ports.redactor.redactContext(context);
    },
    map: async () => ports.redactor.redactDeep((await telemetry.knowledge()).map).value,
    logs: (query) => lookUpLogs(query, options),
    trace: (traceId) => lookUpTrace(traceId, options),
    changes: () => recentChanges(options),
    async similar(incidentId, limit) {
      const card = await cardOf(incidentId, ledger);
      const context = card === null ? null : contextAsItStands(card);
      return context === null ? null : similarIncidents(context, limit, options);
    },
    incidentAt: (sink, channel, messageId) => incidentAt({ sink, channel, messageId }, ports.routes?.() ?? [], ledger),
  } satisfies Partial<App>;
}

function people(ports: AppPorts, { receiver, breaker, elsewhere, asking, commit, count }: Engine) {
  const { ledger, telemetry, now, redactor } = ports;
  const redacted = (text: string) => redactor.redact(text).text;
  return {
    async vote(request) {
      const services = async () => (await telemetry.knowledge()).map.services.map(({ name }) => name);
      await commit(await voteChange(request, ledger, now(), services));
      count(`votes_total{verdict="${request.verdict}"}`);
      const after = await detailOf(request.incidentId, ports);
      // Forgotten by somebody in this very moment.
      if (after === null)
        throw new Failure('rejected', 'incident', 'judge it', { hint: `there is no incident ${request.incidentId}`, path: 'incident' });
      return shown(after, ports);
    },
    async investigate({ subject, minutes, person }) {
      const { map } = await telemetry.knowledge();
      // No guessing here: `order-12` is a correlation id, not a misspelt `orders`.
      const service = map.services.find((s) => s.name.toLowerCase() === subject.toLowerCase())?.name ?? null;
      const [id] = await receiver.receive([alertByHand({ subject, service, minutes, person, at: now() })]);
      const incident = id === undefined ? null : await ledger.incident(id);
      if (incident === null) throw new Error('an incident that was just opened is not there');
      await ledger.commit({ acts: [actOf('investigate', person, now(), { incidentId: incident.id })] });
      return incident;
    },
    async ask({ incidentId, text, tell }) {
      const steps = tell === undefined ? {} : { tell: (step: Step) => tell(redactor.redactDeep(step).value) };
      const sources = elsewhere === null ? {} : { elsewhere };
      const found = await converse(text, incidentId, { ...ports, ...asking, ...steps, ...sources, count, breaker });
      return {
        text: redacted(found.text),
        lines: found.lines.map((line) => redacted(line).slice(0, maxAnswerLine).toWellFormed()),
        sources: found.sources.map(redacted),
      };
    },
    rate: ({ answerId, hasHelped, ...said }) => rateAnswer({ answerId, hasHelped }, said, ledger),
    async say({ id, sink, channel, threadId, text, incidentId }) {
      const content = { kind: 'text', text: redacted(text), threadId } as const;
      await commit({
        about: incidentId === null ? [] : [incidentId],
        outbox: [{ id, sink, channel, incidentId, content, priority: 1, dueAt: now() }],
      });
    },
  } satisfies Partial<App>;
}

function acts(ports: AppPorts, { poke }: Engine) {
  const { ledger, now } = ports;
  const options = { ledger, now };
  const awake = async <T>(done: Promise<T>): Promise<T> => {
    const answer = await done;
    poke();
    return answer;
  };
  return {
    note: ({ incidentId, text, person }) => noteFact(incidentId, ports.redactor.redact(text).text, person, options),
    resolve: ({ incidentId, person }) => awake(resolveIncident(incidentId, person, options)),
    forget: ({ incidentId, person }) => awake(forgetIncident(incidentId, person, { ...options, sinks: ports.sinks })),
    mute: ({ subject, untilAt, person }) => awake(mute(subject, untilAt, person, options)),
    unmute: ({ subject, person }) => awake(unmute(subject, person, options)),
    mutes: () => mutesOf(ledger, now()),
    acts: (sinceAt, limit) => ledger.acts(sinceAt, limit),
    statistics: () => statistics(ledger, now()),
  } satisfies Partial<App>;
}

function tickets({ ledger, now, sinks, redactor }: AppPorts, { poke }: Engine) {
  return {
    ticketForm: (incidentId) => ticketForm(incidentId, { ledger, sinks, redactDeep: redactor.redactDeep }),
    async openTicket({ incidentId, wish, person }) {
      const connected = trackerOf(sinks);
      if (connected === null) throw new Failure('rejected', 'tracker', 'open an issue', { hint: 'no tracker is connected' });
      const clean = redactor.redactDeep(wish).value;
      const before = await askForTicket({ incidentId, wish: clean, person, sink: connected.sink }, { ledger, now });
      poke();
      return before;
    },
  } satisfies Partial<App>;
}

function inbox({ ledger, now }: AppPorts, { commit, onInbox }: Engine) {
  const workFor = (id: string) => ({ id: `inbox:${id}`, kind: 'inbox', subject: id, dueAt: now() + inboxGraceMs, attempts: 0 }) as const;
  return {
    accept: (entry) =>
      commit({ seen: [{ key: `inbox:${entry.id}`, at: now(), incidentId: null }], inbox: [entry], work: [workFor(entry.id)] }),
    async finish(entryId) {
      await ledger.commit({ workDone: [workFor(entryId)] });
    },
    onInbox,
  } satisfies Partial<App>;
}

function deadLetters({ ledger, now, redactor }: AppPorts, { commit }: Engine) {
  return {
    async deadLetters(limit) {
      const letters = await ledger.deadLetters(limit);
      return letters.map(({ id, at, reason, entry: { attempts } }) => ({ id, at, reason: redactor.redact(reason).text, attempts }));
    },
    async replay(ids) {
      const there = new Set((await ledger.deadLetters(maxDeadCounted)).map(({ id }) => id));
      const wanted = ids === null ? [...there] : ids.filter((id) => there.has(id));
      if (wanted.length > 0) await commit({ revived: wanted.map((id) => ({ id, dueAt: now() })) });
      return wanted;
    },
  } satisfies Partial<App>;
}

function condition(ports: AppPorts, { deliverer, trouble, lost, counts, breaker }: Engine) {
  const { ledger, telemetry, connections, now, redactor } = ports;
  const startedAt = now();
  const watched: (() => string | null)[] = [lost];
  return {
    async status() {
      const { map } = await telemetry.knowledge();
      const live = await ledger.incidents({ live: true, limit: 1_000 });
      return {
        openIncidents: live.incidents.length,
        overdueMs: Math.max(0, now() - ((await ledger.nextDueAt()) ?? now())),
        telemetry: telemetry.stats(),
        services: map.services.length,
        edges: map.edges.length,
        connections: connectionStates(connections, deliverer.problems),
        startedAt,
        deadLetters: (await ledger.deadLetters(maxDeadCounted)).length,
      };
    },
    async readiness() {
      const problems = [...deliverer.problems].map(([place, problem]) => `${place}: ${problem}`);
      // A ledger that does not answer is what `watched` names.
      problems.push(...deadLetterProblems(await ledger.deadLetters(maxDeadCounted).catch(() => [])));
      for (const [id, reason] of breaker.spared()) problems.push(`${id}: ${reason}`);
      for (const problem of watched) problems.push(...[problem()].filter((p) => p !== null));
      const { problem: ofTelemetry } = telemetry.stats();
      if (ofTelemetry) problems.push(ofTelemetry);
      const broken = trouble();
      if (broken !== null) problems.push(`work: ${broken}`);
      return { ready: broken === null, problems: problems.map((problem) => redactor.redact(problem).text) };
    },
    counters: () => new Map([...counts, ...(ports.stages?.samples() ?? [])]),
    alsoWatch: (problem: () => string | null) => void watched.push(problem),
  } satisfies Partial<RunningApp>;
}

/** Readers need to know that there are some, not how many thousand. */
const maxDeadCounted = 1_000;

function deadLetterProblems(letters: readonly DeadLetter[]): string[] {
  const [latest] = letters;
  if (latest === undefined) return [];
  return [`dead letters: ${letters.length}, the latest ${latest.id}: ${latest.reason}; POST /api/dead-letters/replay tries again`];
}

/** A connection whose deliveries fail is on, but degraded. */
function connectionStates(connections: readonly ConnectionState[], problems: ReadonlyMap<string, string>): ConnectionState[] {
  return connections.map((connection) => {
    const trouble = [...problems].find(([place]) => place.startsWith(`${connection.id}:`));
    return trouble === undefined || connection.state !== 'on' ? connection : { ...connection, state: 'degraded', detail: trouble[1] };
  });
}

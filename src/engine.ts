/** What runs behind the verbs: worker, deliverer, receiver and the clock that wakes them. Made of ports; started and stopped as one. */
import type { Log } from './adapter.ts';
import type { GroupingOptions } from './domain/group-alerts.ts';
import type { CardPlace, Incident } from './domain/incident.ts';
import { placesFor, type Route } from './domain/routing.ts';
import type { Redactor } from './domain/redact.ts';
import { endMutes } from './pipeline/acts.ts';
import { alwaysOurs } from './pipeline/alone.ts';
import { type Breaker, createBreaker } from './pipeline/circuit-breaker.ts';
import { closeQuiet } from './pipeline/close-quiet.ts';
import { createDeliverer, type Deliverer } from './pipeline/deliver.ts';
import { expire } from './pipeline/expiry.ts';
import { createExplainer, type ExplainOptions } from './pipeline/explain.ts';
import { createElsewhere, type Elsewhere } from './pipeline/read-elsewhere.ts';
import { createLogFollower } from './pipeline/follow-logs.ts';
import { createIntake, type Intake } from './pipeline/intake.ts';
import { createModelBudget } from './pipeline/model-budget.ts';
import { createLateData, type LateData } from './pipeline/late-data.ts';
import { createProgress } from './pipeline/progress.ts';
import { cardsFor, createReceiver, type Receiver } from './pipeline/receive.ts';
import { createRetention } from './pipeline/retention.ts';
import { createScheduler, type Scheduler, together } from './pipeline/scheduler.ts';
import { createStreamWatcher } from './pipeline/watch-stream.ts';
import { createWorker, type Worker } from './pipeline/work.ts';
import type { InboxEntry, Ingested, Ledger, LedgerChange, Sink, Telemetry } from './ports.ts';
import type { Model } from './ports/model.ts';
import type { Pace, Turns, Wakeups } from './ports/replicas.ts';
import type { Sources } from './ports/sources.ts';
import { type Stages, unwatched } from './ports/stages.ts';

export interface EnginePorts extends Sources {
  readonly ledger: Ledger;
  readonly telemetry: Telemetry;
  readonly sinks: ReadonlyMap<string, Sink>;
  readonly log: Log;
  /** ms since the epoch; an injected clock in tests and replay. */
  readonly now: () => number;
  /** Elapsed ms for timings. */
  readonly clock: () => number;
  readonly grouping: GroupingOptions;
  /** Length of the recent window; equals the baseline's quarantine. */
  readonly lookbackMs: number;
  /** How far before an alert log sources are searched. */
  readonly logLookbackMs?: number;
  readonly redactor: Redactor;
  /** Where cards go by service, team, severity or label; asked each time, since routes are read again while running. */
  readonly routes?: () => readonly Route[];
  /** Whether trouble in the stream itself opens incidents. */
  readonly triggers: 'on' | 'off';
  /** How long resolved incidents are kept; for ever where it is absent. */
  readonly retentionMs?: number;
  /** Who watches how long stages take; nobody where it is absent. */
  readonly stages?: Stages;
  /** What is shared with other replicas; a process without them is alone. */
  readonly replicas?: { readonly pace: Pace; readonly turns: Turns; readonly wakeups: Wakeups };
  /** Words reports where one is configured; nothing waits for it. */
  readonly model?: Model;
  /** What it may read and write, in tokens; without a limit where none is given. */
  readonly modelBudget?: { readonly perReport: number; readonly perDay: number };
  /** A signal that ends after so many ms, for the model; a test's own does not wait. */
  readonly modelDeadline?: (ms: number) => AbortSignal;
}

export interface Engine {
  readonly receiver: Receiver;
  readonly late: LateData;
  readonly worker: Worker;
  readonly deliverer: Deliverer;
  readonly breaker: Breaker;
  /** Other systems' telemetry; null where none is connected. */
  readonly elsewhere: Elsewhere | null;
  readonly counts: ReadonlyMap<string, number>;
  readonly asking: Pick<ExplainOptions, 'budget' | 'redactDeep' | 'fence' | 'deadline'>;
  /** What went wrong in the last round of work; null when nothing did. */
  readonly trouble: () => string | null;
  /** A source of logs that is followed and does not answer; null when none is. */
  readonly lost: () => string | null;
  count(name: string): void;
  onInbox(kind: string, handle: (entry: InboxEntry) => Promise<void>): void;
  /** Wakes whoever does what is due. */
  poke(): void;
  /** Commits and wakes what is now due; false on a conflict. */
  commit(change: LedgerChange): Promise<boolean>;
  start(): void;
  stop(): Promise<void>;
  /** Does everything that is due at the clock's present moment; for tests and replay, instead of `start`. */
  settle(): Promise<void>;
  /** Lets telemetry age: the baseline learns, space is reclaimed. Called every few seconds while running. */
  age(): Promise<void>;
}

/** Every channel of every sink: where cards go without any route. */
function placesOf(sinks: ReadonlyMap<string, Sink>): CardPlace[] {
  return [...sinks].flatMap(([sink, { channels }]) => channels.map((channel) => ({ sink, channel })));
}

/** Only what is connected is asked. */
function elsewhereOf(ports: EnginePorts, breaker: Breaker, intake: Intake): Elsewhere | null {
  const { logSources, traceSources, metricSources, mapSources, clusterSources } = ports;
  const connected = [logSources, traceSources, metricSources, mapSources, clusterSources].some((sources) => (sources?.size ?? 0) > 0);
  return connected ? createElsewhere({ ...ports, breaker, intake }) : null;
}

/** What whoever asks the model needs besides it. */
function askingOf({ ledger, now, modelBudget, modelDeadline, redactor }: EnginePorts): Engine['asking'] {
  return {
    budget: createModelBudget({ ledger, now, perDay: modelBudget?.perDay ?? Number.POSITIVE_INFINITY }),
    redactDeep: redactor.redactDeep,
    fence: () => crypto.randomUUID().slice(0, 8),
    deadline: modelDeadline ?? ((ms) => AbortSignal.timeout(ms)),
  };
}

const agePeriodMs = 10_000;
const maxExcluded = 200;
/** Minutes before its alert that an incident may already have spoiled. */
const onsetMarginMs = 300_000;
/** As long as an incident takes further alerts (`groupAlerts`). */
const quietMs = 900_000;

/** A look at the outbox costs a read; every new card is told of besides. */
const idleNapMs = 20;
const busyNapMs = 250;

export function createEngine(ports: EnginePorts): Engine {
  const { ledger, telemetry, now, log, redactor, sinks } = ports;
  const counts = new Map<string, number>();
  const count = (name: string) => void counts.set(name, (counts.get(name) ?? 0) + 1);
  const usual = placesOf(sinks);
  const route = (incident: Incident) => placesFor(incident, ports.routes?.() ?? [], usual).filter(({ sink }) => sinks.has(sink));
  const inboxHandlers = new Map<string, (entry: InboxEntry) => Promise<void>>();
  const breaker = createBreaker(now, log);
  const intake = createIntake(telemetry);
  const elsewhere = elsewhereOf(ports, breaker, intake);
  const startedAt = now();
  const asking = askingOf(ports);
  const { model } = ports;
  const tokensPerReport = ports.modelBudget?.perReport ?? Number.POSITIVE_INFINITY;
  const explainer =
    model === undefined
      ? null
      : createExplainer({ ...ports, ...asking, model, breaker, count, tokensPerReport, poke: () => delivering.poke() });
  const progress = createProgress({
    // The report comes anyway: whatever keeps this from being said keeps nothing else.
    async tell(incident) {
      try {
        await ledger.commit({ outbox: cardsFor(incident, now(), false) });
        delivering.poke();
      } catch (error) {
        log.warn('progress could not be said', { incident: incident.id, error: String(error) });
      }
    },
  });
  const worker = createWorker({
    ...ports,
    stages: ports.stages ?? unwatched,
    ...(explainer === null ? {} : { explainer }),
    ...(elsewhere === null ? {} : { elsewhere }),
    breaker,
    redact: redactor.redactContext,
    inboxHandlers,
    count,
    progress,
    expire: (work) => expire(work, { ledger, now, startedAt, receive: (alerts) => receiver.receive(alerts) }),
  });
  const { pace, turns = alwaysOurs(), wakeups = null } = ports.replicas ?? {};
  const deliverer = createDeliverer({
    ...ports,
    ...(pace === undefined ? {} : { pace }),
    progressOf: progress.of,
    freed: (sink) => clocks.get(sink)?.poke(),
    redactDeep: redactor.redactDeep,
    count,
  });
  const forget = createRetention(ports);
  let lastAged = now();

  const troubles = new Map<string, string>();
  const watched = (name: string, run: () => Promise<boolean>) => async () => {
    try {
      const hasMore = await run();
      troubles.delete(name);
      return hasMore;
    } catch (error) {
      troubles.set(name, String(error));
      throw error;
    }
  };

  async function age(): Promise<void> {
    lastAged = now();
    const { incidents } = await ledger.incidents({ limit: maxExcluded });
    // Most senders never say that it is over: what no alert has spoken of for a while is normal again, or normal now.
    const spoiled = incidents.map((i) => ({
      fromMs: i.alertAt - onsetMarginMs,
      toMs: i.resolvedAt ?? Math.min(now(), i.lastAlertAt + quietMs),
    }));
    await telemetry.advance(now(), spoiled);
    refresh();
    if (!turns.isOurs()) return;
    if (ports.triggers === 'on') await watcher.look();
    if (await closeQuiet(ledger, now())) poke();
    if (await endMutes({ ledger, now })) poke();
    await forget();
  }

  /** Nothing waits for it: a cluster that hangs holds no report up. */
  const refresh = () => void elsewhere?.refresh().catch((error: unknown) => log.error('looking around failed', { error: String(error) }));

  // Two clocks: a report that takes long delays no card, a channel that hangs delays no report.
  const working = createScheduler({
    runDue: watched('work', async () => {
      const hasMore = await worker.runDue();
      if (hasMore) delivering.poke();
      return hasMore;
    }),
    async nextDueAt() {
      if (Math.abs(now() - lastAged) >= agePeriodMs) await age();
      return ledger.nextDueAt();
    },
    now,
    log,
  });
  const clocks = new Map<string, Scheduler>(
    [...sinks.keys()].map((sink) => {
      const runDue = watched(`delivery to ${sink}`, () => deliverer.begin(sink));
      return [sink, createScheduler({ runDue, nextDueAt: () => deliveryDueAt(sink), now, log })] as const;
    }),
  );
  // What is due still is another's, or waits for a channel at work, which says when it is free.
  const deliveryDueAt = async (sink: string) => {
    const due = await ledger.nextDueAt();
    return due === null ? null : Math.max(due, now() + (deliverer.isBusy(sink) ? busyNapMs : idleNapMs));
  };
  const delivering = together([...clocks.values()]);
  const poke = () => {
    late.changed();
    pokeWork();
    delivering.poke();
  };
  // With other replicas whoever is free is woken; this one looks by itself once a second as well.
  const pokeWork = () => {
    if (wakeups === null) working.poke();
  };
  const late = createLateData(ledger, now, ports.lookbackMs, pokeWork);
  const map = () => telemetry.knowledge().then((known) => known.map);
  const receiver = createReceiver({ ledger, now, grouping: ports.grouping, route, map, poke });
  const arrived = (ingested: Ingested) => late.noticed(ingested);
  const follower = createLogFollower({ logSources: ports.logSources ?? new Map(), intake, now, log, arrived });
  const follow = async (signal: AbortSignal) => {
    follower.start();
    await new Promise<void>((resolve) => (signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve(), { once: true })));
    await follower.stop();
  };
  const watcher = createStreamWatcher({ telemetry, now, log, raise: receiver.receive, isInterrupted: follower.isInterrupted });
  return {
    receiver,
    late,
    worker,
    deliverer,
    breaker,
    elsewhere,
    asking,
    counts,
    lost: follower.problem,
    trouble: () => [...troubles].map(([name, trouble]) => `${name}: ${trouble}`)[0] ?? null,
    count,
    poke,
    onInbox: (kind, handle) => void inboxHandlers.set(kind, handle),
    async commit(change) {
      const outcome = await ledger.commit(change);
      poke();
      return outcome === 'committed';
    },
    start() {
      refresh();
      turns.during(follow);
      turns.start();
      working.start();
      delivering.start();
      wakeups?.start(async () => {
        if (await worker.runDue(1)) delivering.poke();
      });
    },
    async stop() {
      await Promise.all([wakeups?.stop(), turns.stop(), working.stop(), delivering.stop()]);
      await deliverer.idle();
      await explainer?.stop();
    },
    async settle() {
      do while ((await Promise.all([worker.runDue(), deliverer.runDue()])).includes(true));
      while (await explainer?.idle());
    },
    age,
  };
}

/** What runs behind the verbs: worker, deliverer, receiver and the clock that wakes them. Made of ports; started and stopped as one. */
import type { Log } from './adapter.ts';
import type { GroupingOptions } from './domain/group-alerts.ts';
import type { CardPlace, Incident } from './domain/incident.ts';
import { placesFor, type Route } from './domain/routing.ts';
import type { Redactor } from './domain/redact.ts';
import { createAging } from './pipeline/aging.ts';
import { alwaysOurs } from './pipeline/alone.ts';
import { type Breaker, createBreaker } from './pipeline/circuit-breaker.ts';
import { createClocks } from './pipeline/clocks.ts';
import { createDeliverer, type Deliverer } from './pipeline/deliver.ts';
import { expire } from './pipeline/expiry.ts';
import { createExplainer, type Explainer, type ExplainOptions } from './pipeline/explain.ts';
import { createElsewhere, type Elsewhere } from './pipeline/read-elsewhere.ts';
import { createLogFollower, type LogFollower } from './pipeline/follow-logs.ts';
import { createIntake, type Intake } from './pipeline/intake.ts';
import { createModelBudget } from './pipeline/model-budget.ts';
import { createLateData, type LateData } from './pipeline/late-data.ts';
import { createProgress, type Progress } from './pipeline/progress.ts';
import { cardsFor, createReceiver, type Receiver } from './pipeline/receive.ts';
import { createRetention } from './pipeline/retention.ts';
import { createSluice, type Sluice } from './pipeline/sluice.ts';
import { createTurnstile, type Turnstile } from './pipeline/turnstile.ts';
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
  readonly sluice: Sluice;
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

/** What the parts below share. */
interface Shared {
  readonly ports: EnginePorts;
  readonly breaker: Breaker;
  readonly intake: Intake;
  readonly elsewhere: Elsewhere | null;
  readonly asking: Engine['asking'];
  readonly turnstile: Turnstile;
  readonly sluice: Sluice;
  readonly inboxHandlers: Map<string, (entry: InboxEntry) => Promise<void>>;
  count(name: string): void;
  /** Wakes whoever looks after these; set once the clocks are made. */
  readonly wake: { work: () => void; cards: (sink?: string) => void };
}

function sharedBy(ports: EnginePorts, count: Shared['count']): Shared {
  const breaker = createBreaker(ports.now, ports.log);
  const intake = createIntake(ports.telemetry);
  return {
    ports,
    breaker,
    intake,
    elsewhere: elsewhereOf(ports, breaker, intake),
    asking: askingOf(ports),
    turnstile: createTurnstile(),
    sluice: createSluice(),
    inboxHandlers: new Map(),
    count,
    wake: { work: () => {}, cards: () => {} },
  };
}

function explainerOf({ ports, asking, breaker, count, wake }: Shared): Explainer | null {
  const { model } = ports;
  if (model === undefined) return null;
  const tokensPerReport = ports.modelBudget?.perReport ?? Number.POSITIVE_INFINITY;
  return createExplainer({ ...ports, ...asking, model, breaker, count, tokensPerReport, poke: () => wake.cards() });
}

function progressOf({ ports: { ledger, now, log }, wake }: Shared): Progress {
  return createProgress({
    // The report comes anyway: whatever keeps this from being said keeps nothing else.
    async tell(incident) {
      try {
        await ledger.commit({ outbox: cardsFor(incident, now(), false) });
        wake.cards();
      } catch (error) {
        log.warn('progress could not be said', { incident: incident.id, error: String(error) });
      }
    },
  });
}

function workerOf({ ports, breaker, elsewhere, ...shared }: Shared, explainer: Explainer | null, progress: Progress, receiver: Receiver) {
  const { ledger, now, redactor } = ports;
  const startedAt = now();
  return createWorker({
    ...ports,
    stages: ports.stages ?? unwatched,
    ...(explainer === null ? {} : { explainer }),
    ...(elsewhere === null ? {} : { elsewhere }),
    breaker,
    turnstile: shared.turnstile,
    redact: redactor.redactContext,
    inboxHandlers: shared.inboxHandlers,
    count: shared.count,
    progress,
    expire: (work) => expire(work, { ledger, now, startedAt, receive: receiver.receive }),
  });
}

function delivererOf({ ports, turnstile, sluice, count, wake }: Shared, progress: Progress): Deliverer {
  const { pace } = ports.replicas ?? {};
  return createDeliverer({
    ...ports,
    ...(pace === undefined ? {} : { pace }),
    turnstile,
    isPressed: sluice.isShut,
    progressOf: progress.of,
    freed: (sink) => wake.cards(sink),
    redactDeep: ports.redactor.redactDeep,
    count,
  });
}

function receiverOf({ ports }: Shared, poke: () => void): Receiver {
  const { ledger, telemetry, now, grouping, sinks } = ports;
  const usual = placesOf(sinks);
  const route = (incident: Incident) => placesFor(incident, ports.routes?.() ?? [], usual).filter(({ sink }) => sinks.has(sink));
  return createReceiver({ ledger, now, grouping, route, map: async () => (await telemetry.knowledge()).map, poke });
}

/** What is followed in other systems while it is this replica's turn. */
function following(follower: LogFollower) {
  return async (signal: AbortSignal): Promise<void> => {
    follower.start();
    await new Promise<void>((resolve) => (signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve(), { once: true })));
    await follower.stop();
  };
}

export function createEngine(ports: EnginePorts): Engine {
  const { ledger, telemetry, now, log } = ports;
  const counts = new Map<string, number>();
  const count = (name: string) => void counts.set(name, (counts.get(name) ?? 0) + 1);
  const { turns = alwaysOurs(), wakeups = null } = ports.replicas ?? {};
  const shared = sharedBy(ports, count);
  const { breaker, intake, elsewhere, asking, turnstile, sluice, inboxHandlers, wake } = shared;
  // With other replicas whoever is free is woken; this one looks by itself once a second as well.
  const pokeWork = () => {
    if (wakeups === null) wake.work();
  };
  const late = createLateData(ledger, now, ports.lookbackMs, pokeWork);
  const poke = () => {
    late.changed();
    // Cards first: they need nothing of what a ranking holds the processor for.
    wake.cards();
    pokeWork();
  };
  const receiver = receiverOf(shared, poke);
  const explainer = explainerOf(shared);
  const progress = progressOf(shared);
  const worker = workerOf(shared, explainer, progress, receiver);
  const deliverer = delivererOf(shared, progress);
  const arrived = (ingested: Ingested) => late.noticed(ingested);
  const follower = createLogFollower({ logSources: ports.logSources ?? new Map(), intake, now, log, arrived });
  const watcher = createStreamWatcher({ telemetry, now, log, raise: receiver.receive, turnstile, isInterrupted: follower.isInterrupted });
  /** Nothing waits for it: a cluster that hangs holds no report up. */
  const refresh = () => void elsewhere?.refresh().catch((error: unknown) => log.error('looking around failed', { error: String(error) }));
  const aging = createAging({
    ...{ ledger, telemetry, now, turnstile, refresh, poke, isOurs: () => turns.isOurs(), forget: createRetention(ports) },
    watcher: ports.triggers === 'on' ? watcher : null,
  });
  const clocks = createClocks({ ...ports, worker, deliverer, aging });
  Object.assign(wake, { work: clocks.work.poke, cards: clocks.cards.poke });
  return {
    ...{ receiver, late, worker, deliverer, breaker, elsewhere, asking, counts, count, poke, sluice },
    lost: follower.problem,
    trouble: clocks.trouble,
    onInbox: (kind, handle) => void inboxHandlers.set(kind, handle),
    async commit(change) {
      const outcome = await ledger.commit(change);
      poke();
      return outcome === 'committed';
    },
    start() {
      refresh();
      turns.during(following(follower));
      turns.start();
      clocks.start();
      wakeups?.start(async () => {
        if (await worker.runDue(1)) wake.cards();
      });
    },
    async stop() {
      await Promise.all([wakeups?.stop(), turns.stop(), clocks.stop()]);
      await deliverer.idle();
      await explainer?.stop();
    },
    async settle() {
      do while ((await Promise.all([worker.runDue(), deliverer.runDue()])).includes(true));
      while (await explainer?.idle());
    },
    age: aging.age,
  };
}

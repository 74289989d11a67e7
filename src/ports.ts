/** What the pipeline needs of the world. Each port is 1 to 3 methods where it can be; its contract stands above it. */
import { definer, type Probed } from './adapter.ts';
import type { Act } from './domain/act.ts';
import type { Alert, Delivery } from './domain/alert.ts';
import type { Window } from './domain/evidence.ts';
import type { Vote } from './domain/feedback.ts';
import type { Incident } from './domain/incident.ts';
import type { Learning } from './domain/learning/contest.ts';
import type { LogEntry } from './domain/log-entry.ts';
import type { Card, Receipt, Report } from './domain/report.ts';
import type { Baseline } from './domain/baseline/baseline.ts';
import type { ReportedEdge } from './domain/reported-edge.ts';
import type { Directory } from './domain/service.ts';
import type { Breathe } from './domain/steps.ts';
import type { ServiceMap } from './domain/service-map.ts';
import type { LogLine, Span, TelemetryWindow } from './domain/telemetry.ts';
import type { DeliveryOptions, OutboxClaim, PicturePart } from './ports/delivery.ts';
import type { LogQuery } from './ports/sources.ts';
import type { Tracker } from './ports/tracker.ts';

/**
 * Reads one tool's alert body. Pure: same bytes, same alerts and fingerprints. Unknown fields pass; a used field of the
 * wrong type throws Failure `rejected` with its `path`. A delivery of which nothing is an alarm reads as none.
 *
 * `verify` is there when the format signs and its secret is set; it then decides alone who may send. It is given the body
 * as it arrived, before anything is unpacked, and throws Failure `unauthorized` for what is unsigned, signed with another
 * secret, or older than the scheme allows.
 */
export interface AlertFormat {
  parse(delivery: Delivery): Alert[];
  verify?(delivery: Delivery): void;
}
export const alertFormat = definer<AlertFormat>();

/** What one body of log lines held. */
export interface LogBatch {
  readonly entries: readonly LogEntry[];
  /** Bad ones inside a body that is otherwise good, by their place in it; `code` is the format's own word. */
  readonly rejected: readonly { readonly index: number; readonly code: string; readonly reason: string }[];
  /** What was asked to be done with each, where the sender is answered one by one. */
  readonly operations?: readonly { readonly verb: string; readonly target: string; readonly id: string | null }[];
}

/**
 * Reads what one kind of log shipper sends. Pure: same bytes, same lines; several lines that are one, as a stack trace, come
 * as one entry. A body that is no such thing at all is a Failure `rejected`; a bad entry of a good body is left out and named.
 */
export interface LogFormat {
  read(delivery: Delivery): LogBatch;
}
export const logFormat = definer<LogFormat>();

/** Which signal an OTLP-like body carries. */
export type Signal = 'traces' | 'logs' | 'metrics';

/** What became of one telemetry body. Rejected entries are bad ones inside a body that is otherwise good. */
export interface Ingested {
  readonly accepted: number;
  readonly rejected: number;
  readonly problem: string | null;
  /** Times of the earliest and latest thing accepted; null when nothing was. */
  readonly oldestAt: number | null;
  readonly newestAt: number | null;
}

/** What is kept up to date at ingest, persisted, and never rebuilt for an incident. */
export interface Knowledge {
  readonly map: ServiceMap;
  readonly baseline: Baseline;
  /** Services known by configuration, cluster, mesh or memory. */
  readonly directory: Directory;
}

/**
 * Pushed telemetry. `ingest` decodes and stores one body: nothing of it is kept when it throws (Failure `rejected` with a
 * path). What was ingested can be read at once and is on disk within 250 ms. Identical spans delivered twice count once.
 * `window` reads [fromMs, toMs); `advance` lets time pass: the baseline learns what is old enough and lies in no `excluded`
 * stretch (incidents never teach it), and space is reclaimed. Both `breathe` between steps; a window holds what it began with.
 */
export interface Telemetry {
  ingest(signal: Signal, body: Uint8Array, format: 'json' | 'protobuf'): Promise<Ingested>;
  window(window: Window, breathe?: Breathe): Promise<TelemetryWindow>;
  knowledge(): Promise<Knowledge>;
  advance(now: number, excluded: readonly Window[], breathe?: Breathe): Promise<void>;
  /** Adds what is known of services from elsewhere. */
  know(directory: Directory): Promise<void>;
  /** Adds who calls whom by a mesh's account, as it stood at that time; what is said again replaces what was said before. */
  reported(edges: readonly ReportedEdge[], at: number): Promise<void>;
  logs(query: LogQuery): Promise<LogLine[]>;
  /** All spans of a trace in start order; empty where it is not kept. */
  trace(traceId: string): Promise<Span[]>;
  /** Counters for /metrics, `status` and readiness. */
  stats(): TelemetryStats;
  flush(): Promise<void>;
  close(): Promise<void>;
}

export interface TelemetryStats {
  readonly spans: number;
  readonly logs: number;
  readonly points: number;
  readonly bytes: number;
  readonly oldestAt: number | null;
  readonly newestAt: number | null;
  readonly dropped: { readonly spans: number; readonly logs: number; readonly points: number };
  readonly duplicates: number;
  /** What keeps it from doing its work in full, e.g. a full disk; null or absent when nothing does. */
  readonly problem?: string | null;
}

/** Something to be said to people, with its own key: the same key is delivered once. */
export interface Outgoing {
  /** Idempotency key, e.g. `card:INC-12:slack:#debug` (coalesced: latest wins) or `answer:Ev123`. */
  readonly id: string;
  readonly sink: string;
  readonly channel: string;
  readonly incidentId: string | null;
  readonly content: OutgoingContent;
  /** Lower goes first: 0 new roots of critical incidents, 1 other new roots and answers, 2 edits, 3 pictures. */
  readonly priority: 0 | 1 | 2 | 3;
  readonly dueAt: number;
  readonly attempts: number;
  /** Grows each time the same id is put again; a delivery of an older one does not clear a newer. */
  readonly revision: number;
}

/**
 * A card is drawn from the store when it is sent; text is sent as it stands, already redacted. Pictures are drawn when they
 * are sent too, if that suspect (a hypothesis id) is still the first.
 */
export type OutgoingContent =
  | { readonly kind: 'card' }
  | { readonly kind: 'text'; readonly text: string; readonly threadId: string | null }
  | { readonly kind: 'pictures'; readonly suspect: string; readonly part?: PicturePart }
  /** Takes back what was posted there: the card with all of ours below it. */
  | { readonly kind: 'withdrawal'; readonly messageId: string };

/** An incident in pictures: each part shown once, under the card that stands at `threadId`. */
export interface Illustration {
  readonly id: string;
  readonly part: PicturePart;
  readonly card: Card;
  readonly threadId: string;
}

/** What a sink is asked to do. `receipt` is what is known of an earlier delivery of the same card. */
export type Shipment =
  | { readonly kind: 'card'; readonly channel: string; readonly card: Card; readonly receipt: Receipt | null }
  | { readonly kind: 'text'; readonly channel: string; readonly text: string; readonly threadId: string | null; readonly id: string };

/** Where a shipment stands now; `state` is for the sink itself and comes back in the receipt of its next delivery. */
export type Sent = Pick<Receipt, 'messageId' | 'url' | 'state' | 'status'> & {
  /** There is more to say than this one message could: to be asked again. */
  readonly hasMore?: boolean;
};

/**
 * Where reports go. `deliver` posts or edits and says where it now stands. Asked twice it must not show twice: it looks
 * for its own earlier post first when `receipt` is null and an earlier attempt may have gone through (`mayExist`).
 */
export interface Sink extends Probed {
  readonly channels: readonly string[];
  /** At least this long between two messages to one channel; edits that are counted apart have that pace for themselves. */
  readonly paceMs: number;
  readonly countsEditsApart?: true;
  /** In a sink whose messages are issues: other cards of the incident say where its issue is. */
  readonly tracker?: Tracker;
  /** Loads what the first pictures would else wait for. Asked once the first card was delivered; nothing waits for it. */
  prepare?(): Promise<void>;
  /** Gives connections back; nothing is delivered afterwards. */
  close?(): Promise<void>;
  deliver(shipment: Shipment, options: DeliveryOptions): Promise<Sent>;
  /** Takes a card back, with answers and pictures below it; what is gone already is well. Absent where nothing can be taken back. */
  withdraw?(messageId: string, options: { readonly signal: AbortSignal }): Promise<void>;
  /** Shows pictures of the incident, and the same in words where it cannot; absent in a sink that shows none. Asked twice it must not show twice. */
  illustrate?(illustration: Illustration, options: { readonly mayExist: boolean; readonly signal: AbortSignal }): Promise<void>;
}
export const sink = definer<Sink>();

/** One thing to do, by ids only; may run twice. */
export interface Work {
  /** Same id again replaces the entry, so that ten alerts ask for one ranking. */
  readonly id: string;
  readonly kind: 'investigate' | 'inbox' | 'expire' | 'explain' | 'learn';
  /** Incident id or inbox id. */
  readonly subject: string;
  readonly dueAt: number;
  readonly attempts: number;
}

/** A message from people or a platform, stored before it is acknowledged. */
export interface InboxEntry {
  readonly id: string;
  readonly kind: string;
  readonly body: unknown;
  readonly at: number;
}

/** Work or a message that failed too often. It waits for a person and holds up nothing; asked for anew and done, it is over. */
export interface DeadLetter {
  /** The entry's own id. */
  readonly id: string;
  readonly at: number;
  /** For people; redacted. */
  readonly reason: string;
  readonly entry: Work | Outgoing;
}

/** Everything that becomes true together. */
export interface LedgerChange {
  /** Keys of deliveries seen; the commit is refused when one is there already. */
  readonly seen?: readonly { readonly key: string; readonly at: number; readonly incidentId: string | null }[];
  /** Incidents this stands on: refused when one of them is not there, as when somebody had it forgotten meanwhile. */
  readonly about?: readonly string[];
  /** Refused unless the stored revision is one less than the given one (0: not there). */
  readonly incidents?: readonly Incident[];
  readonly reports?: readonly Report[];
  readonly votes?: readonly Vote[];
  /** Takes the place of the one before. */
  readonly learning?: Learning;
  readonly acts?: readonly Act[];
  readonly inbox?: readonly InboxEntry[];
  readonly work?: readonly Work[];
  /** Work that is done; left alone when it was put again meanwhile. */
  readonly workDone?: readonly Work[];
  /** An entry whose id is there already replaces its content and due time, and its revision counts up. A text or pictures delivered before are left out. */
  readonly outbox?: readonly Omit<Outgoing, 'revision' | 'attempts'>[];
  /** Cleared only if the stored revision is still the given one. */
  readonly outboxDone?: readonly Outgoing[];
  readonly receipts?: readonly Receipt[];
  /** Receipts to forget: the message is gone and the next delivery posts anew. */
  readonly receiptsGone?: readonly Receipt[];
  /** Takes claimed entries out of the line and keeps them aside. An entry that was put again meanwhile stays in line as well. */
  readonly buried?: readonly DeadLetter[];
  /** Puts dead letters back in line as never tried, and due then. Nothing happens for one that is not there. */
  readonly revived?: readonly { readonly id: string; readonly dueAt: number }[];
}

export interface IncidentQuery {
  readonly state?: Incident['state'];
  /** Only those that are not resolved, muted ones included. */
  readonly live?: boolean;
  readonly service?: string;
  readonly limit: number;
  /** Opaque; from the answer before. */
  readonly after?: string;
}

/**
 * The one durable record. `commit` makes a whole change true or none of it; when it resolves to `committed` the change
 * survives loss of power. `conflict`: something it stood on has moved (a delivery already seen, an incident of another
 * revision): read again and decide again. Claims are leases: what is not finished in time is handed out again, with
 * `attempts` counted up.
 */
export interface Ledger {
  commit(change: LedgerChange): Promise<'committed' | 'conflict'>;
  /** For one decision: reads may be a moment old and `seen` empty, where its commit finds that out (`conflict`); what is read then is new. */
  deciding?(): Ledger;
  /** Which of these delivery keys were seen before, and the incident each went to. */
  seen(keys: readonly string[]): Promise<ReadonlyMap<string, string | null>>;
  incident(id: string): Promise<Incident | null>;
  /** Newest first. */
  incidents(query: IncidentQuery): Promise<{ incidents: Incident[]; next: string | null }>;
  /** Highest number used in an `INC-n` id; 0 at first. */
  lastIncidentNumber(): Promise<number>;
  /** The latest report of an incident. */
  report(incidentId: string): Promise<Report | null>;
  votes(incidentId?: string): Promise<Vote[]>;
  /** What was last learned from votes, and which weights are live; null at first. */
  learning(): Promise<Learning | null>;
  /** What people did since then, oldest first; of more than `limit` the newest. */
  acts(sinceAt: number, limit: number): Promise<Act[]>;
  inbox(id: string): Promise<InboxEntry | null>;
  /** What came of one kind since then, oldest first; of more than `limit` the newest. */
  inboxSince(kind: string, at: number, limit: number): Promise<InboxEntry[]>;
  receipts(incidentId: string): Promise<Receipt[]>;
  /** The incident whose card stands at this place. */
  incidentAt(sink: string, channel: string, messageId: string): Promise<string | null>;
  claimWork(now: number, leaseMs: number, limit: number): Promise<Work[]>;
  claimOutbox(sink: string, now: number, leaseMs: number, limit: number, only?: OutboxClaim): Promise<Outgoing[]>;
  /** Hands a claimed entry back for a later try. `untried`: nothing was attempted, so this claim does not count. */
  postpone(entry: Work | Outgoing, dueAt: number, claim?: 'tried' | 'untried'): Promise<void>;
  /** Lengthens a claim that is still the caller's, for work that takes longer than its lease. */
  prolong(work: Work, untilAt: number): Promise<void>;
  /** When the next work or outbox entry is due; null when there is none. */
  nextDueAt(): Promise<number | null>;
  /** What was buried, newest first, at most so many. */
  deadLetters(limit: number): Promise<DeadLetter[]>;
  /**
   * Forgets some of the incidents resolved before then, with their reports, receipts and unsent messages, and what people
   * wrote and did; verdicts stay. True when there may be more.
   */
  forgetBefore(at: number): Promise<boolean>;
  /**
   * Forgets one incident and everything that hangs on it, also verdicts, what people did, what a model was asked about it, and
   * messages that hold one of these texts (places of its cards). That somebody asked for it stays, and its number is not given again.
   */
  forgetIncident(id: string, marks: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

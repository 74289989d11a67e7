/**
 * The verbs a surface may call. Built from ports alone, so tests run the whole product in-process.
 */
import type { Act } from './domain/act.ts';
import type { Delivery } from './domain/alert.ts';
import type { Change } from './domain/change.ts';
import type { Gap } from './domain/evidence.ts';
import type { Vote } from './domain/feedback.ts';
import type { Incident } from './domain/incident.ts';
import type { IncidentContext } from './domain/incident-context.ts';
import type { Card, Receipt } from './domain/report.ts';
import type { ServiceMap } from './domain/service-map.ts';
import type { Similar } from './domain/similar-incidents.ts';
import type { Statistics } from './domain/statistics.ts';
import type { CardTicket, TicketForm, TicketWish } from './domain/ticket-wish.ts';
import type { LogLine, Span } from './domain/telemetry.ts';
import type { Subject } from './pipeline/acts.ts';
import type { Answer, Step } from './pipeline/answer.ts';
import type { Forgotten } from './pipeline/forget.ts';
import type { VoteRequest } from './pipeline/vote.ts';
import type { LogQuery } from './ports/sources.ts';
import type { IncidentQuery, InboxEntry, Ingested, LogBatch, Signal, TelemetryStats } from './ports.ts';

/** What a sender is told: how many alerts are now durable, and the incidents they belong to. */
export interface Accepted {
  readonly accepted: number;
  /** Incident ids, one per alert in order; an alert delivered before has the incident it went to then. */
  readonly ids: readonly string[];
  /** Only where an array was taken one by one. */
  readonly rejected?: readonly { readonly index: number; readonly error: string }[];
}

/** What became of a body of log lines: what it held, and what the intake made of that. */
export interface TakenLogs extends Omit<LogBatch, 'entries'> {
  readonly accepted: number;
  /** Lines too old to be kept, and why; null when all were. */
  readonly problem: string | null;
}

export type { VoteRequest } from './pipeline/vote.ts';
export type { Subject } from './pipeline/acts.ts';

/** What an answer says and what it stands on: plain text, rows that read better as a list, and where it was read. */
export type { Answer, Step } from './pipeline/answer.ts';

/** One line per adapter: on, off, and the variable that would turn it on. */
export interface ConnectionState {
  readonly id: string;
  readonly port: string;
  readonly state: 'on' | 'off' | 'degraded';
  readonly detail: string;
}

export interface Status {
  readonly openIncidents: number;
  /** For how long the oldest piece of work or message has been due. */
  readonly overdueMs?: number;
  readonly telemetry: TelemetryStats;
  readonly services: number;
  readonly edges: number;
  readonly connections: readonly ConnectionState[];
  readonly startedAt: number;
  /** Work and messages that failed too often and wait for a person. */
  readonly deadLetters: number;
}

/** What failed too often, as people see it: without what it would have said. */
export interface DeadLetterNotice {
  readonly id: string;
  readonly at: number;
  readonly reason: string;
  readonly attempts: number;
}

export interface IncidentDetail {
  readonly card: Card;
  readonly receipts: readonly Receipt[];
  readonly votes: readonly Vote[];
}

export interface AskRequest {
  readonly incidentId: string | null;
  readonly text: string;
  readonly person: string;
  /** Told of each step that takes time, redacted; never where the answer is here at once. */
  readonly tell?: (step: Step) => void;
}

export interface App {
  /** Resolves only once every alert of the delivery is durable. Throws Failure `rejected` with a path; then nothing is stored. */
  receive(format: string, delivery: Delivery): Promise<Accepted>;
  /** Is there an alert format of this id? */
  hasFormat(format: string): boolean;
  /**
   * How a format decides who may send, where it does: it is given the body as it arrived, before anything is unpacked, and
   * throws Failure `unauthorized`. Null: the format has no say, and whoever presents the general token may send.
   */
  verifier(format: string): ((delivery: Delivery) => void) | null;
  /** Failure `unavailable`, with a time to come back, while alerts wait. */
  ingest(signal: Signal, body: Uint8Array, format: 'json' | 'protobuf'): Promise<Ingested>;
  /** Whether telemetry would be refused now: its body need not be read. */
  isTelemetryShutOut(): boolean;
  /** Log lines as a shipper sends them, by the format's id; through the same intake. Failure `rejected`: nothing is stored. */
  takeLogs(format: string, delivery: Delivery): Promise<TakenLogs>;

  incidents(query: IncidentQuery): Promise<{ incidents: IncidentDetail[]; next: string | null }>;
  incident(id: string): Promise<IncidentDetail | null>;
  /** The incident's context as people and machines may see it: redacted; null before the first ranking or for an unknown id. */
  context(id: string): Promise<IncidentContext | null>;
  map(): Promise<ServiceMap>;
  /** Log lines, redacted: the newest `limit` that fit, in time order, and which systems could not say theirs. */
  logs(query: LogQuery): Promise<{ lines: LogLine[]; gaps: Gap[] }>;
  /** Spans of a trace in start order, redacted; a prefix of its id is enough where it is unique among those kept here. */
  trace(traceId: string): Promise<{ spans: Span[]; gaps: Gap[] }>;
  /** What was altered in the last day, newest first, and which sources could not say. */
  changes(): Promise<{ changes: Change[]; gaps: Gap[] }>;
  /** Earlier incidents that look like this one, most alike first; null for an id that is not ranked. */
  similar(incidentId: string, limit: number): Promise<Similar[] | null>;
  status(): Promise<Status>;

  /** Stores a verdict, ranks the incident again with it, and asks for its cards to be redrawn. */
  vote(request: VoteRequest): Promise<IncidentDetail>;
  /** Keeps what a person says was done, in the incident's record. Throws Failure `rejected` for an unknown id. */
  note(request: { incidentId: string; text: string; person: string }): Promise<void>;
  /** Ends an incident by a person's word; false: it was resolved already. Throws Failure `rejected` for an unknown id. */
  resolve(request: { incidentId: string; person: string }): Promise<boolean>;
  /** Takes an incident out of everything that can forget it; says what stays elsewhere. Throws Failure `rejected` for an unknown id. */
  forget(request: { incidentId: string; person: string }): Promise<Forgotten>;
  /** Silence for one incident or for all of a service until then; answers how many incidents fell silent with it. */
  mute(request: { subject: Subject; untilAt: number; person: string }): Promise<number>;
  /** Takes a mute back; answers how many incidents speak again. */
  unmute(request: { subject: Subject; person: string }): Promise<number>;
  /** Services that are muted, and until when. */
  mutes(): Promise<ReadonlyMap<string, number>>;
  /** What people did since then, oldest first: verdicts are in `incident`. */
  acts(sinceAt: number, limit: number): Promise<Act[]>;
  /** How quickly incidents of the last weeks were explained, and how often people agreed. */
  statistics(): Promise<Statistics>;
  /** Opens an incident by hand; `subject` is a service of the map or a correlation id. */
  investigate(request: { subject: string; minutes: number; person: string }): Promise<Incident>;
  /** Answers a question from what is known; a model, where there is one, only for what the grammar does not understand. */
  ask(request: AskRequest): Promise<Answer>;
  /** Keeps whether an answer helped; of a person's words on one answer the latest counts. */
  rate(request: { answerId: string; hasHelped: boolean; incidentId: string | null; person: string; at: number }): Promise<void>;
  /** What an issue of this incident would say, and what can be chosen; null where no tracker is connected or the incident is not known. */
  ticketForm(incidentId: string): Promise<TicketForm | null>;
  /** Asks for the incident's one issue; answers how it stood before, `none` and `refused` meaning that it is now on its way. */
  openTicket(request: { incidentId: string; wish: TicketWish; person: string }): Promise<CardTicket>;
  /** The incident whose card stands at this place of a sink, if any. */
  incidentAt(sink: string, channel: string, messageId: string): Promise<string | null>;
  /** Puts a plain text into the outbox: said once per id. */
  say(message: {
    id: string;
    sink: string;
    channel: string;
    threadId: string | null;
    text: string;
    incidentId: string | null;
  }): Promise<void>;

  /** Stores something from a platform before it is acknowledged. False: it was there already and must not be acted on again. */
  accept(entry: InboxEntry): Promise<boolean>;
  /** What was accepted has been acted on. What is never finished is handed to `onInbox` after a while or a restart. */
  finish(entryId: string): Promise<void>;
  onInbox(kind: string, handle: (entry: InboxEntry) => Promise<void>): void;

  /** What failed too often and was laid aside, newest first. */
  deadLetters(limit: number): Promise<DeadLetterNotice[]>;
  /** Puts them back in line, all where no ids are given; answers which. */
  replay(ids: readonly string[] | null): Promise<string[]>;
  /** True while work is taken; `problems` name what is degraded. */
  readiness(): Promise<{ ready: boolean; problems: readonly string[] }>;
  /** Counters since the start for /metrics: name → value by label text such as `{sink="slack"}`. */
  counters(): ReadonlyMap<string, number>;
}

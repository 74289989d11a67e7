import type { Tally } from './feedback.ts';
import type { Incident } from './incident.ts';
import type { IncidentContext } from './incident-context.ts';
import type { CardTicket } from './ticket-wish.ts';
import type { Timeline } from './timeline.ts';

/** One ranking of one incident as it is stored: the context people and machines see, and what it was computed from. */
export interface Report {
  readonly incidentId: string;
  readonly round: number;
  readonly rankedAt: number;
  /** When the first one was; not given by stores of before. */
  readonly firstRankedAt?: number;
  /** Redacted. */
  readonly context: IncidentContext;
  /** The suspects and the service of the alert minute by minute; absent in reports of before. Numbers only. */
  readonly timeline?: Timeline;
  /** Feature vectors by hypothesis id: a verdict turns them into labelled examples. */
  readonly features: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/** Sources that are being asked, by whether they have answered. */
export interface SourceProgress {
  readonly answered: readonly string[];
  readonly waiting: readonly string[];
}

/** What a sink needs to draw an incident's card; `report` is null while the first ranking is under way. */
export interface Card {
  readonly incident: Incident;
  readonly report: Report | null;
  /** While there is no report: what it waits for. */
  readonly progress?: SourceProgress | null;
  /** Standing verdicts by hypothesis id. */
  readonly tallies: ReadonlyMap<string, Tally>;
  /** Its issue; absent where no tracker is connected. */
  readonly ticket?: CardTicket;
}

/** Proof that a sink took an incident's card: one per incident, sink and channel. */
export interface Receipt {
  readonly incidentId: string;
  readonly sink: string;
  readonly channel: string;
  /** Slack's `ts`, a mail's Message-ID, a Jira key. */
  readonly messageId: string;
  readonly url: string | null;
  readonly at: number;
  /** What the sink must remember of what it said last; no other reads it. */
  readonly state?: string;
  /** Of an issue: where its work stands, in its tracker's own word. */
  readonly status?: string;
}

/** Small valid things to store. Every field can be given; the rest is plain. */
import type { Act } from '../../../src/domain/act.ts';
import type { Alert } from '../../../src/domain/alert.ts';
import type { Vote } from '../../../src/domain/feedback.ts';
import type { Learning } from '../../../src/domain/learning/contest.ts';
import type { Incident } from '../../../src/domain/incident.ts';
import type { IncidentContext } from '../../../src/domain/incident-context.ts';
import type { Receipt, Report } from '../../../src/domain/report.ts';
import type { LedgerChange, Work } from '../../../src/ports.ts';

export const at = Date.UTC(2026, 10, 25, 12);

export function anIncident(id: string, with_: Partial<Incident> = {}): Incident {
  return {
    id,
    title: 'Error rate of checkout',
    state: 'open',
    severity: 'critical',
    service: 'checkout',
    correlationIds: ['txn-456'],
    alerts: [],
    alertCount: 1,
    alertAt: at,
    openedAt: at,
    lastAlertAt: at,
    updatedAt: at,
    resolvedAt: null,
    mutedUntil: null,
    revision: 1,
    ...with_,
  };
}

export function anAlert(with_: Partial<Alert> = {}): Alert {
  return {
    fingerprint: 'f1',
    format: 'alertmanager',
    status: 'firing',
    title: 'HighErrorRate',
    description: null,
    severity: 'warning',
    service: 'checkout',
    environment: null,
    correlationIds: [],
    labels: { alertname: 'HighErrorRate', service: 'checkout' },
    annotations: {},
    startsAt: at,
    endsAt: null,
    links: [],
    truncated: 0,
    ...with_,
  };
}

/** The context is opaque to a ledger; a few fields tell one report from another. */
export function aReport(incidentId: string, round: number): Report {
  const context = { schemaVersion: '1', summary: `round ${round}: «naïve» ☃ "quoted"` } as unknown as IncidentContext;
  return { incidentId, round, rankedAt: at + round, context, features: { h1: { errors: 0.5 * round } } };
}

export function aVote(id: string, with_: Partial<Vote> = {}): Vote {
  return {
    id,
    incidentId: 'INC-1',
    hypothesisId: 'h1',
    service: 'checkout',
    verdict: 'confirm',
    person: 'slack:U1',
    at,
    actualService: null,
    note: null,
    ...with_,
  };
}

export function aLearning(version: number): Learning {
  const contest = { at, incidents: 9, people: 2, lossInForce: 1, lossLearned: 0.5, scenarios: 3, rightInForce: 3, rightLearned: 3 };
  const weights = { signals: { gone: 0.5 }, leanings: { cart: 0.1 } };
  return { version, weights, learnedAt: at, basis: 'b', contest: { ...contest, outcome: 'went live' } };
}

export function anAct(id: string, with_: Partial<Act> = {}): Act {
  return { id, kind: 'mute', person: 'slack:U1', at, incidentId: null, service: 'checkout', untilAt: at + 3_600_000, ...with_ };
}

export function aReceipt(with_: Partial<Receipt> = {}): Receipt {
  return { incidentId: 'INC-1', sink: 'slack', channel: '#debug', messageId: '100.1', url: 'https://slack.test/1', at, ...with_ };
}

export function someWork(id: string, with_: Partial<Work> = {}): Work {
  return { id, kind: 'investigate', subject: 'INC-1', dueAt: at, attempts: 0, ...with_ };
}

type Entry = NonNullable<LedgerChange['outbox']>[number];

export function anEntry(id: string, with_: Partial<Entry> = {}): Entry {
  return { id, sink: 'slack', channel: '#debug', incidentId: 'INC-1', content: { kind: 'card' }, priority: 2, dueAt: at, ...with_ };
}

export function aText(text: string): Entry['content'] {
  return { kind: 'text', text, threadId: null };
}

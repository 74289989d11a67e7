/** An incident that was ranked and judged, one that was not yet, and a context of some size. */
import type { IncidentDetail } from '../../../src/app.ts';
import type { IncidentContext } from '../../../src/domain/incident-context.ts';
import { now } from './fake-app.ts';

const instant = new Date(now).toISOString();

export const context: IncidentContext = {
  schemaVersion: '1',
  incident: {
    id: 'INC-1',
    title: 'Orders fail',
    state: 'open',
    severity: 'critical',
    service: 'checkout',
    correlationIds: ['txn-1'],
    startedAt: instant,
    updatedAt: instant,
    resolvedAt: null,
    alertAt: instant,
    alertCount: 1,
  },
  verdict: 'cause',
  summary: 'payment fails',
  onsetAt: instant,
  hypotheses: [
    {
      id: 'h1',
      service: 'payment',
      component: null,
      kind: 'error',
      confidence: 0.9,
      summary: 'payment fails',
      change: null,
      evidence: ['e1'],
      against: [],
      wouldChangeMyMind: null,
      path: [],
      feedback: { confirm: 1, reject: 2 },
    },
  ],
  evidence: {
    e1: { kind: 'span', service: 'payment', at: instant, text: 'errors from 0 to 40 %', traceId: null, spanId: null, url: null },
  },
  changes: [],
  map: {
    total: { services: 41, edges: 40 },
    services: Array.from({ length: 41 }, (_, i) => ({ name: `service-${i}`, kind: 'service' as const })),
    edges: Array.from({ length: 40 }, (_, i) => ({
      caller: 'service-0',
      callee: `service-${i + 1}`,
      calls: 10,
      errors: 0,
      p95Ms: 3,
      sources: ['span' as const],
    })),
  },
  blastRadius: ['checkout'],
  gaps: [],
  flags: { truncated: [], omitted: [], redacted: 0, missing: [] },
  ranking: { round: 1, rankedAt: instant, previousFirst: null, weightsVersion: 0 },
  timings: { gather: 1 },
};

const incident: IncidentDetail['card']['incident'] = {
  id: 'INC-1',
  title: 'Orders fail, password=hunter2-and-more',
  state: 'open',
  severity: 'critical',
  service: 'checkout',
  correlationIds: ['txn-1'],
  alerts: [
    {
      fingerprint: 'f1',
      format: 'alertmanager',
      status: 'firing',
      title: 'Orders fail',
      description: null,
      severity: 'critical',
      service: 'checkout',
      environment: null,
      correlationIds: [],
      labels: { service: 'checkout' },
      annotations: { password: 'hunter2-and-more' },
      startsAt: now,
      endsAt: null,
      links: [],
      truncated: 0,
    },
  ],
  alertCount: 1,
  alertAt: now,
  openedAt: now,
  lastAlertAt: now,
  updatedAt: now + 1_000,
  resolvedAt: null,
  mutedUntil: null,
  revision: 1,
};

const receipt = { incidentId: 'INC-1', url: null, at: now + 1_000 };

export const detail: IncidentDetail = {
  card: {
    incident,
    report: { incidentId: 'INC-1', round: 1, rankedAt: now + 5_000, context, features: {} },
    tallies: new Map([['h1', { confirm: 1, reject: 2, confirmedBy: ['a'], rejectedBy: ['b', 'c'] }]]),
  },
  receipts: [
    { ...receipt, sink: 'slack', channel: '#debug', messageId: 'C1/1.2', url: 'https://slack.example/1' },
    { ...receipt, sink: 'jira', channel: 'OPS', messageId: 'OPS-7' },
    { ...receipt, sink: 'email', channel: 'oncall@example.net', messageId: '<a@b>' },
  ],
  votes: [
    {
      id: 'v1',
      incidentId: 'INC-1',
      hypothesisId: 'h1',
      service: 'payment',
      verdict: 'confirm',
      person: 'slack:U1',
      at: now,
      actualService: null,
      note: 'it was token=hunter2-and-more',
    },
  ],
};

export const unranked: IncidentDetail = {
  card: { incident: { ...incident, id: 'INC-2', title: 'New' }, report: null, tallies: new Map() },
  receipts: [],
  votes: [],
};

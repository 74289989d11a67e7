/** Cards in the states people will see them in, built from one honest base so that each golden file shows one difference. */
import type { ContextDiagnosis } from '../../../../src/domain/diagnosis/context-diagnosis.ts';
import type { ContextEvidence, ContextHypothesis, IncidentContext } from '../../../../src/domain/incident-context.ts';
import type { Tally } from '../../../../src/domain/feedback.ts';
import type { Incident } from '../../../../src/domain/incident.ts';
import type { Card } from '../../../../src/domain/report.ts';

export const at = Date.parse('2026-11-25T10:02:00Z');
const iso = (ms: number) => new Date(ms).toISOString();

export function incident(changes: Partial<Incident> = {}): Incident {
  return {
    id: 'INC-12',
    title: 'Error rate above 5 %',
    state: 'open',
    severity: 'critical',
    service: 'checkout',
    correlationIds: [],
    alerts: [],
    alertCount: 1,
    alertAt: at,
    openedAt: at + 400,
    lastAlertAt: at,
    updatedAt: at + 3_000,
    resolvedAt: null,
    mutedUntil: null,
    revision: 4,
    ...changes,
  };
}

export function evidence(changes: Partial<ContextEvidence> = {}): ContextEvidence {
  return {
    kind: 'span',
    service: 'payment',
    at: iso(at - 60_000),
    text: 'POST /charge of payment failed in 212 of 240 calls; before, 1 of 900',
    traceId: null,
    spanId: null,
    url: null,
    ...changes,
  };
}

export function hypothesis(changes: Partial<ContextHypothesis> = {}): ContextHypothesis {
  return {
    id: 'h1aaaaa',
    service: 'payment',
    component: null,
    kind: 'error',
    confidence: 0.72,
    summary: 'payment answers most charges with an error.',
    change: null,
    evidence: ['e1', 'e2'],
    against: [],
    wouldChangeMyMind: 'Logs of payment at debug level around 10:00.',
    path: [{ from: 'payment', to: 'checkout', evidence: ['e2'] }],
    feedback: { confirm: 0, reject: 0 },
    ...changes,
  };
}

/** What a model wrote of the honest base. */
export function diagnosis(changes: Partial<ContextDiagnosis> = {}): ContextDiagnosis {
  return {
    state: 'written',
    model: 'small-1',
    promptVersion: '2',
    at: iso(at + 7_000),
    about: 'h1aaaaa',
    claims: [
      { text: 'payment fails itself: POST /charge failed in 212 of 240 calls, before in 1 of 900.', evidence: ['e1'] },
      { text: 'Its log says that the gateway refused cards, 118 times and never before.', evidence: ['e2'] },
    ],
    alternative: null,
    doubt: null,
    dropped: 0,
    tokens: { input: 3_104, output: 176 },
    cost: 0.0011,
    problem: null,
    ...changes,
  };
}

export function context(changes: Partial<IncidentContext> = {}): IncidentContext {
  return {
    schemaVersion: '1',
    incident: {
      id: 'INC-12',
      title: 'Error rate above 5 %',
      state: 'open',
      severity: 'critical',
      service: 'checkout',
      correlationIds: [],
      startedAt: iso(at),
      updatedAt: iso(at + 3_000),
      resolvedAt: null,
      alertAt: iso(at),
      alertCount: 1,
    },
    verdict: 'cause',
    summary: 'payment answers most charges with an error.',
    onsetAt: iso(at - 75_000),
    hypotheses: [hypothesis()],
    evidence: {
      e1: evidence(),
      e2: evidence({ kind: 'log', text: 'ERROR gateway refused card <*>: 118 lines, none before', url: 'https://logs.example/q?id=1&x=2' }),
      e3: evidence({ kind: 'metric', service: 'catalog', text: 'CPU of catalog rose from 20 % to 85 %' }),
    },
    changes: [],
    map: { total: { services: 9, edges: 14 }, services: [], edges: [] },
    blastRadius: ['checkout', 'frontend'],
    gaps: [],
    flags: { truncated: [], omitted: [], redacted: 0, missing: [] },
    ranking: { round: 1, rankedAt: iso(at + 3_000), previousFirst: null, weightsVersion: 0 },
    timings: {},
    ...changes,
  };
}

export function card(
  parts: { incident?: Partial<Incident>; context?: Partial<IncidentContext> | null; tallies?: Record<string, Tally> } = {},
): Card {
  const shown = parts.context === null ? null : context(parts.context);
  return {
    incident: incident(parts.incident),
    report:
      shown === null ? null : { incidentId: 'INC-12', round: shown.ranking.round, rankedAt: at + 3_000, context: shown, features: {} },
    tallies: new Map(Object.entries(parts.tallies ?? {})),
  };
}

const three = [
  hypothesis({ confidence: 0.41 }),
  hypothesis({
    id: 'h2bbbbb',
    service: 'catalog',
    kind: 'saturation',
    confidence: 0.33,
    summary: 'catalog runs out of CPU.',
    evidence: ['e3'],
    path: [],
  }),
  hypothesis({
    id: 'h3ccccc',
    service: 'redis',
    kind: 'latency',
    confidence: 0.12,
    summary: 'redis answers slowly.',
    evidence: [],
    wouldChangeMyMind: null,
  }),
];

export const release = {
  kind: 'release' as const,
  service: 'payment',
  startedAt: iso(at - 300_000),
  version: 'v2.4.1',
  sha: null,
  url: 'https://github.com/acme/shop/releases/v2.4.1',
  title: 'Switch to the new gateway',
  files: [],
};

const longName = 'orders-'.repeat(43).slice(0, 300);

export const states: Readonly<Record<string, Card>> = {
  investigating: card({ context: null }),
  'one-cause': card(),
  'three-close': card({
    context: {
      verdict: 'inconclusive',
      summary: 'The cause is not clear. Most suspect so far is payment, on thin evidence.',
      hypotheses: three,
    },
  }),
  'after-a-release': card({
    context: { hypotheses: [hypothesis({ kind: 'change', change: release, against: ['e3'] })], changes: [release] },
  }),
  'suspect-hunk': card({
    context: {
      hypotheses: [
        hypothesis({
          kind: 'change',
          change: {
            ...release,
            suspect: {
              file: 'src/gateway/client.ts',
              hunk: '@@ -41,6 +41,6 @@ export function charge(order) {\n   const gateway = connect(order.region);\n-  return gateway.charge(order, { timeoutMs: 2_000 });\n+  return gateway.charge(order, { timeoutMs: 200 });\n }',
              why: 'changes charge, which POST /charge calls; its calls end after 200 ms',
            },
          },
        }),
      ],
      changes: [release],
    },
  }),
  'with-issue': {
    ...card(),
    ticket: { state: 'made', key: 'OPS-7', url: 'https://acme.atlassian.net/browse/OPS-7', status: 'In <Progress>' },
  },
  worded: card({ context: { diagnosis: diagnosis() } }),
  'worded-with-doubt': card({
    context: {
      hypotheses: three,
      diagnosis: diagnosis({
        alternative: { service: 'catalog', text: 'CPU of catalog rose from 20 % to 85 % <https://evil.example|now>.', evidence: ['e3'] },
        doubt: { hypothesis: 'h1aaaaa', text: 'payment was refused by its gateway.', evidence: ['e2', 'e3'], confidence: 0.3 },
        dropped: 2,
      }),
    },
  }),
  'model-failed': card({
    context: { diagnosis: diagnosis({ state: 'failed', model: null, claims: [], cost: null, problem: 'it did not answer in time' }) },
  }),
  muted: card({ incident: { state: 'muted', mutedUntil: at + 3_600_000, revision: 6 } }),
  'everything-redacted': card({
    incident: { title: 'Login of [email] failed', service: 'checkout' },
    context: {
      hypotheses: [hypothesis({ summary: 'payment refuses [token] of [email] from [ip address].' })],
      evidence: {
        e1: evidence({ text: 'POST /login?user=[email]&key=[secret] failed in 212 of 240 calls' }),
        e2: evidence({ kind: 'log', text: 'ERROR [email] [card number] [token]' }),
      },
      flags: { truncated: [], omitted: [], redacted: 41, missing: [] },
    },
  }),
  healthy: card({
    context: {
      verdict: 'healthy',
      summary: 'Nothing departs from normal in the telemetry around this alert.',
      onsetAt: null,
      hypotheses: [],
      blastRadius: [],
    },
  }),
  'sources-down': card({
    context: {
      verdict: 'inconclusive',
      summary: 'The cause is not clear: no service stands out in the telemetry at hand. Not read: traces, logs, metrics.',
      onsetAt: null,
      hypotheses: [],
      blastRadius: [],
      gaps: [
        { source: 'traces', reason: 'none arrived for this time' },
        { source: 'loki', reason: 'loki: search logs (unavailable)' },
        { source: 'metrics', reason: 'none arrived for this time' },
      ],
    },
  }),
  confirmed: card({ tallies: { h1aaaaa: { confirm: 2, reject: 1, confirmedBy: ['slack:U0ANA', 'api:ci'], rejectedBy: ['slack:W0BOB'] } } }),
  'first-place-changed': card({
    context: { ranking: { round: 3, rankedAt: iso(at + 60_000), previousFirst: 'catalog', weightsVersion: 0 } },
  }),
  resolved: card({
    incident: { state: 'resolved', resolvedAt: at + 900_000, revision: 9 },
    context: { hypotheses: three.map((h, i) => (i === 0 ? { ...h, confidence: 0.91 } : h)) },
  }),
  'alert-storm': card({ incident: { alertCount: 40, severity: 'warning', service: null } }),
  'hostile-text': card({
    incident: { title: '<!channel> <https://evil.example|click> *bold* & \u202e reversed', service: '<@U0BOSS>' },
    context: {
      summary: 'line one\nline two <!here> & <#C1|x>',
      hypotheses: [
        hypothesis({
          service: 'pay<ment>*',
          component: '`x` <b>',
          summary: '<!everyone> is & was',
          change: { ...release, title: '<script>', url: 'javascript:alert(1)' },
        }),
      ],
      evidence: {
        e1: evidence({ text: 'GET /a?b=<c>&d=1 ``` <!subteam^S1>', url: 'https://x.example/a b|c>' }),
        e2: evidence({ text: '' }),
      },
    },
  }),
  'right-to-left-and-emoji': card({
    incident: { title: 'خطأ في الدفع 🔥', service: 'שירות-תשלום' },
    context: {
      hypotheses: [hypothesis({ service: 'שירות-תשלום', summary: '👩‍👩‍👧‍👦 '.repeat(80) })],
      blastRadius: ['واجهة', 'frontend 🛒'],
    },
  }),
  'long-names': card({
    incident: { title: longName, service: longName },
    context: {
      hypotheses: three.map((h) => ({
        ...h,
        service: longName,
        component: longName,
        path: Array.from({ length: 12 }, () => ({ from: longName, to: longName, evidence: [] })),
      })),
      blastRadius: Array.from({ length: 60 }, (_, i) => `${longName}${i}`),
    },
  }),
};

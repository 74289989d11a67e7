/** Alarms in the bodies of several tools, each bearing a marker of its own by which it is found again. */
import type { Random } from '../accuracy/random.ts';

export interface Sending {
  readonly path: string;
  readonly body: unknown;
  /** One for each alert in the body. */
  readonly markers: readonly string[];
}

export interface Alarm {
  readonly marker: string;
  readonly service: string;
  readonly severity: 'critical' | 'warning';
  readonly startsAt: number;
  /** Where the service says none, it has one of its own, so that no incident shelters the alarms of another and grows past what it lists. */
  readonly environment?: string;
}

const environmentOf = ({ service, environment }: Alarm) => environment ?? `env-of-${service}`;
const labels = (alarm: Alarm) => ({
  alertname: `Chaos ${alarm.marker}`,
  service: alarm.service,
  severity: alarm.severity,
  chaos: alarm.marker,
  environment: environmentOf(alarm),
});
const iso = (at: number) => new Date(at).toISOString();

const event = (alarm: Alarm) => ({
  eventType: 'CHAOS',
  correlationId: alarm.marker,
  priority: alarm.severity === 'critical' ? 'critical' : 'high',
  at: iso(alarm.startsAt),
  details: { service: alarm.service, errorCode: `E-${alarm.marker}`, environment: environmentOf(alarm) },
});

export const grouped = (alarm: Alarm, over: object = {}) => ({
  version: '4',
  status: 'firing',
  receiver: 'tracepulse',
  alerts: [
    {
      status: 'firing',
      labels: labels(alarm),
      annotations: { summary: 'Too many errors' },
      startsAt: iso(alarm.startsAt),
      endsAt: '0001-01-01T00:00:00Z',
    },
  ],
  ...over,
});

type Body = (alarms: readonly Alarm[]) => Omit<Sending, 'markers'>;

const one =
  (path: string, body: (alarm: Alarm) => unknown): Body =>
  ([alarm]) => ({ path, body: alarm === undefined ? {} : body(alarm) });

const bodies: readonly (readonly [alerts: number, body: Body])[] = [
  [1, one('/webhook/event', event)],
  [3, (alarms) => ({ path: '/webhook/event', body: alarms.map(event) })],
  [1, one('/webhook/alertmanager', (alarm) => grouped(alarm))],
  [1, one('/webhook/grafana', (alarm) => grouped(alarm, { orgId: 1, title: '[FIRING:1]', state: 'alerting' }))],
  [
    2,
    (alarms) => ({
      path: '/api/v2/alerts',
      body: alarms.map((alarm) => ({
        labels: labels(alarm),
        annotations: {},
        startsAt: iso(alarm.startsAt),
        endsAt: iso(alarm.startsAt + 3_600_000),
        generatorURL: 'http://prometheus.invalid/graph',
      })),
    }),
  ],
];

export function anySending(random: Random, alarm: () => Alarm): Sending {
  const [count, body] = random.pick(bodies);
  const alarms = Array.from({ length: count }, alarm);
  return { ...body(alarms), markers: alarms.map(({ marker }) => marker) };
}

/** Ends what `sending` began, where its tool says so; null for one that knows no end. */
export function ending({ path, body }: Sending): Sending | null {
  if (path !== '/webhook/alertmanager') return null;
  const { alerts } = body as ReturnType<typeof grouped>;
  const over = alerts.map((alert) => ({ ...alert, status: 'resolved', endsAt: iso(Date.now()) }));
  return { path, body: { ...(body as object), status: 'resolved', alerts: over }, markers: [] };
}

/** A second of traffic of a service whose calls to a database fail, as OTLP. */
export function traces(random: Random, service: string, now: number): unknown {
  const nanos = (at: number) => `${BigInt(at) * 1_000_000n}`;
  const spans = Array.from({ length: 5 }, () => {
    const traceId = random.hex(32);
    const [server, client] = [random.hex(16), random.hex(16)];
    const status = { code: random.chance(0.5) ? 2 : 1 };
    const times = { startTimeUnixNano: nanos(now - 200), endTimeUnixNano: nanos(now) };
    return [
      { traceId, spanId: server, name: 'GET /', kind: 2, status, ...times },
      {
        traceId,
        spanId: client,
        parentSpanId: server,
        name: 'SELECT',
        kind: 3,
        status,
        ...times,
        attributes: [{ key: 'db.system', value: { stringValue: 'postgresql' } }],
      },
    ];
  }).flat();
  return {
    resourceSpans: [
      { resource: { attributes: [{ key: 'service.name', value: { stringValue: service } }] }, scopeSpans: [{ scope: {}, spans }] },
    ],
  };
}

/** As Promtail would push it. */
export function lokiPush(service: string, now: number, text: string): unknown {
  return { streams: [{ stream: { service_name: service, level: 'error' }, values: [[`${BigInt(now) * 1_000_000n}`, text]] }] };
}

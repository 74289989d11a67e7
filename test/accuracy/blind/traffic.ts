/** Running systems with traces: spans with metrics only, or spans with logs in dialects of their own; a normal stretch, then the minutes before the alert. */
import type { Case, FolderLog, FolderLogs, FolderMetrics, FolderSpan, FolderTraces, IncidentFolder, KeyValue } from '../folder.ts';
import { type Random, seeded } from '../random.ts';

type Via = 'http' | 'grpc' | 'sql' | 'cache' | 'queue' | 'outside';
interface Step {
  readonly to: string;
  readonly via: Via;
  readonly operation: string;
  readonly share: number;
  readonly tries: number;
}
interface Work {
  readonly service: string;
  readonly operation: string;
  readonly own: number;
  readonly steps: readonly Step[];
}
interface Town {
  readonly name: string;
  readonly half: 'open' | 'closed';
  readonly form: 'metrics' | 'logs';
  readonly dialect: keyof typeof dialects;
  readonly stores: Readonly<Record<string, string>>;
  readonly entries: readonly string[];
  readonly works: readonly Work[];
}

/** `pay.Charge 12 > grpc ledger.Post, sql pay-db "INSERT charge" 0.9 x2`: own milliseconds, then calls with their share and tries. */
function works(text: string): Work[] {
  return text
    .trim()
    .split('\n')
    .map((row) => {
      const [head, tail = ''] = row.trim().split(/\s*>\s*/);
      const [place, own] = head!.split(' ');
      const [service, operation] = place!.split('.');
      const steps = tail
        .split(';')
        .map((step) => step.trim())
        .filter((step) => step !== '')
        .map((step) => {
          const parts = /^(\w+) ([\w-]+)(?:\.(\w+))?(?: "([^"]+)")?(?: ([\d.]+))?(?: x(\d))?$/.exec(step);
          if (parts === null) throw new Error(`not a step: ${step}`);
          return {
            via: parts[1] as Via,
            to: parts[2]!,
            operation: parts[3] ?? parts[4] ?? 'call',
            share: Number(parts[5] ?? 1),
            tries: Number(parts[6] ?? 1),
          };
        });
      return { service: service!, operation: operation!, own: Number(own), steps };
    });
}

const dialects = {
  pipes: (level: string, service: string, text: string, fields: string) => `${level}|${service}|worker-3|${text}|${fields}`,
  nested: (level: string, service: string, text: string, fields: string) =>
    JSON.stringify({ '@timestamp': '-', log: { level }, service: { name: service }, message: `${text} ${fields}` }),
  syslog: (level: string, service: string, text: string, fields: string) =>
    `<${level === 'error' ? 131 : 134}>1 - node7 ${service} 1 - - ${text} (${fields})`,
  brackets: (level: string, service: string, text: string, fields: string) =>
    `[${level[0]!.toUpperCase()}] {${service}} ${text} :: ${fields}`,
} as const;

const towns: readonly Town[] = [
  {
    name: 'harvest',
    half: 'open',
    form: 'metrics',
    dialect: 'pipes',
    entries: ['edge.Browse', 'edge.Buy'],
    stores: { 'lots-pg': 'postgresql', 'bids-pg': 'postgresql', hot: 'redis', auctions: 'kafka' },
    works: works(`
      edge.Browse 4 > grpc lots.List; grpc profile.Get 0.7
      edge.Buy 5 > grpc bids.Place x2; grpc profile.Get
      lots.List 9 > sql lots-pg "SELECT lots"; cache hot "GET" ; http images.Sign 0.5
      bids.Place 11 > sql bids-pg "INSERT bid"; grpc risk.Check; queue auctions.Placed
      risk.Check 14 > cache hot "HGETALL"; outside scoring-vendor "POST /score" 0.6
      profile.Get 6 > sql bids-pg "SELECT user"
      images.Sign 3 >
      settle.Placed 16 > sql bids-pg "UPDATE bid"; grpc mailer.Send 0.5
      mailer.Send 7 >`),
  },
  {
    name: 'orbit',
    half: 'closed',
    form: 'metrics',
    dialect: 'pipes',
    entries: ['gateway.Search', 'gateway.Reserve'],
    stores: { 'search-es': 'elasticsearch', 'resv-mysql': 'mysql', memo: 'memcached', jobs: 'rabbitmq' },
    works: works(`
      gateway.Search 5 > http search.Query; http geo.Locate 0.6
      gateway.Reserve 6 > http reserve.Create; http loyalty.Points 0.5
      search.Query 12 > sql search-es "POST _search"; cache memo "get"; http prices.Quote
      prices.Quote 8 > cache memo "get"; http fx.Rate 0.4 x2
      fx.Rate 3 > outside rates-vendor "GET /latest" 0.3
      reserve.Create 13 > sql resv-mysql "INSERT reservation"; http prices.Quote; http cards.Authorize; queue jobs.Confirm
      cards.Authorize 10 > outside card-network "POST /auth"
      loyalty.Points 5 > sql resv-mysql "SELECT points"
      geo.Locate 4 >
      confirm.Confirm 15 > sql resv-mysql "UPDATE reservation"; http notices.Push 0.7
      notices.Push 6 >`),
  },
  {
    name: 'atelier',
    half: 'open',
    form: 'logs',
    dialect: 'nested',
    entries: ['studio.Open', 'studio.Save'],
    stores: { 'works-pg': 'postgresql', sessions: 'redis', renders: 'rabbitmq' },
    works: works(`
      studio.Open 5 > http canvas.Load; http people.Who
      studio.Save 6 > http canvas.Store; queue renders.Render
      canvas.Load 9 > sql works-pg "SELECT work"; http fonts.List 0.5
      canvas.Store 12 > sql works-pg "INSERT work"; http quota.Check
      people.Who 4 > cache sessions "GET"
      quota.Check 5 > sql works-pg "SELECT quota"
      fonts.List 3 >
      renderer.Render 30 > http canvas.Load; http bucket.Put
      bucket.Put 8 >`),
  },
  {
    name: 'quarry',
    half: 'closed',
    form: 'logs',
    dialect: 'syslog',
    entries: ['kiosk.Order', 'kiosk.Track'],
    stores: { 'stock-my': 'mysql', route: 'redis', trucks: 'kafka' },
    works: works(`
      kiosk.Order 6 > grpc orders.Create; grpc prices.Get 0.6
      kiosk.Track 4 > grpc trucks-api.Where
      orders.Create 12 > sql stock-my "INSERT order"; grpc stock.Hold; queue trucks.Dispatch
      stock.Hold 8 > sql stock-my "UPDATE stock" x2
      prices.Get 5 > cache route "GET"
      trucks-api.Where 7 > cache route "HGET"; grpc maps.Eta 0.6
      maps.Eta 9 >
      dispatch.Dispatch 14 > grpc maps.Eta; sql stock-my "SELECT order"`),
  },
];

const consumerOf = (town: Town, queue: string, operation: string) =>
  town.works.find(
    (work) =>
      work.operation === operation &&
      town.stores[queue] !== undefined &&
      !town.entries.some((entry) => entry.startsWith(`${work.service}.`)),
  )!;

export const trafficFaults = ['slow', 'errors', 'store-slow', 'store-refuses', 'far', 'lagging', 'saturated', 'pool', 'skips'] as const;
type Fault = (typeof trafficFaults)[number] | 'none';

interface Plan {
  readonly fault: Fault;
  readonly service: string;
  readonly from: number;
  readonly strength: number;
}

const attribute = (key: string, value: string | number): KeyValue => ({
  key,
  value: typeof value === 'number' ? { intValue: value } : { stringValue: value },
});

class Tape {
  readonly spans = new Map<string, FolderSpan[]>();
  readonly logs = new Map<string, FolderLog[]>();
  readonly town: Town;
  readonly plan: Plan;
  readonly random: Random;
  touched = 0;
  constructor(town: Town, plan: Plan, random: Random) {
    this.town = town;
    this.plan = plan;
    this.random = random;
  }
  is(fault: Fault, service: string, at: number): boolean {
    const held = this.plan.fault === fault && this.plan.service === service && at >= this.plan.from;
    if (held) this.touched++;
    return held;
  }
  span(service: string, one: FolderSpan): void {
    const list = this.spans.get(service) ?? [];
    list.push(one);
    this.spans.set(service, list);
  }
  say(service: string, at: number, level: string, text: string, fields: string, traceId: string, spanId: string): void {
    if (this.town.form !== 'logs') return;
    const list = this.logs.get(service) ?? [];
    const severity =
      this.town.dialect === 'syslog'
        ? {}
        : { severityText: level.toUpperCase(), severityNumber: level === 'error' ? 17 : level === 'warn' ? 13 : 9 };
    list.push({
      timeUnixNano: nano(at),
      body: { stringValue: dialects[this.town.dialect](level, service, text, fields) },
      ...severity,
      traceId,
      spanId,
    });
    this.logs.set(service, list);
  }
}
const nano = (at: number) => `${Math.round(at * 1000)}000`;

interface Done {
  readonly endAt: number;
  readonly failed: string | null;
}

function visit(tape: Tape, work: Work, at: number, traceId: string, parent: string | null, via: Via): Done {
  const { town, plan, random } = tape;
  const { service } = work;
  const spanId = random.hex(16);
  const own = work.own * Math.exp(0.25 * random.normal());
  let now = at + own * 0.4;
  let failed: string | null = null;
  if (tape.is('slow', service, at) && random.chance(0.85)) now += work.own * plan.strength * 4 + 80;
  if (tape.is('saturated', service, at)) now += work.own * plan.strength * 2 * random.next() + 30;
  if (tape.is('pool', service, at) && random.chance(0.7)) {
    now += 900 * random.next() + 200;
    tape.say(service, now, 'warn', 'waiting for a free connection', `pending=${random.whole(5, 30)}`, traceId, spanId);
  }
  tape.say(service, at, 'info', `${work.operation} begins`, `ref=${random.hex(6)}`, traceId, spanId);
  if (tape.is('errors', service, at) && random.chance(0.5)) {
    failed = 'NullReference';
    tape.say(service, now, 'error', `${work.operation} threw: object reference not set`, `at=${service}/handler:88`, traceId, spanId);
  } else if (random.chance(0.004)) {
    failed = 'ValidationFailed';
    tape.say(service, now, 'error', 'request rejected: field "ref" is malformed', 'code=42', traceId, spanId);
  }
  const skips = tape.is('skips', service, at) && random.chance(0.9);
  if (failed === null)
    for (const step of skips ? work.steps.slice(0, 0) : work.steps) {
      if (step.share < 1 && !random.chance(step.share)) continue;
      let done: Done = { endAt: now, failed: null };
      for (let tries = 0; tries < step.tries; tries++) {
        done = call(tape, service, step, now, traceId, spanId);
        now = done.endAt + 0.2;
        if (done.failed === null) break;
        now += 20;
      }
      if (done.failed !== null) {
        failed = done.failed;
        tape.say(service, now, 'error', `${step.operation} on ${step.to} failed`, `cause=${done.failed}`, traceId, spanId);
        break;
      }
    }
  if (failed === null && !skips)
    tape.say(service, now, 'info', `${work.operation} stored result`, `rows=${random.whole(1, 9)}`, traceId, spanId);
  const endAt = now + own * 0.6;
  tape.say(
    service,
    endAt,
    failed === null ? 'info' : 'warn',
    `${work.operation} ends`,
    `ok=${failed === null} ms=${Math.round(endAt - at)}`,
    traceId,
    spanId,
  );
  tape.span(service, {
    traceId,
    spanId,
    ...(parent === null ? {} : { parentSpanId: parent }),
    name:
      via === 'grpc'
        ? `${town.name}.v1.${service}/${work.operation}`
        : via === 'queue'
          ? `process ${work.operation}`
          : `GET /${work.operation.toLowerCase()}`,
    kind: via === 'queue' ? 5 : 2,
    startTimeUnixNano: nano(at),
    endTimeUnixNano: nano(endAt),
    attributes:
      via === 'grpc'
        ? [attribute('rpc.system', 'grpc'), attribute('rpc.grpc.status_code', failed === null ? 0 : 13)]
        : via === 'queue'
          ? [attribute('messaging.system', 'kafka'), attribute('messaging.operation', 'process')]
          : [attribute('http.request.method', 'GET'), attribute('http.response.status_code', failed === null ? 200 : 500)],
    ...(failed === null ? {} : { status: { code: 2, message: failed } }),
  });
  return { endAt, failed };
}

function call(tape: Tape, caller: string, step: Step, at: number, traceId: string, parent: string): Done {
  const { town, plan, random } = tape;
  const spanId = random.hex(16);
  let endAt = at;
  let failed: string | null = null;
  let attributes: KeyValue[] = [];
  let name = step.operation;
  let kind = 3;
  if (step.via === 'sql' || step.via === 'cache' || step.via === 'outside') {
    endAt = at + (step.via === 'cache' ? 0.8 : step.via === 'sql' ? 3 : 25) * Math.exp(0.35 * random.normal());
    if (tape.is('store-slow', step.to, at)) endAt += 40 + 60 * plan.strength * random.next();
    if (tape.is('store-refuses', step.to, at) && random.chance(0.7)) failed = 'ConnectionRefused';
    attributes =
      step.via === 'outside'
        ? [attribute('http.request.method', step.operation.split(' ')[0]!), attribute('server.address', `${step.to}.example.com`)]
        : [
            attribute('db.system', town.stores[step.to]!),
            attribute('server.address', step.to),
            attribute('db.operation.name', step.operation.split(' ')[0]!),
          ];
  } else if (step.via === 'queue') {
    endAt = at + 1.5 * Math.exp(0.3 * random.normal());
    kind = 4;
    name = `publish ${step.to}`;
    attributes = [
      attribute('messaging.system', town.stores[step.to]!),
      attribute('messaging.destination.name', step.to),
      attribute('server.address', step.to),
    ];
    const work = consumerOf(town, step.to, step.operation);
    const lag = 8 * Math.exp(0.4 * random.normal()) + (tape.is('lagging', work.service, at) ? 3000 + 200 * plan.strength : 0);
    visit(tape, tape.is('lagging', work.service, at) ? { ...work, own: work.own * 12 } : work, endAt + lag, traceId, spanId, 'queue');
  } else {
    const far = tape.is('far', step.to, at) ? 60 + 60 * plan.strength * random.next() : 0;
    const work = town.works.find((one) => one.service === step.to && one.operation === step.operation)!;
    const done = visit(tape, work, at + 0.6 + far, traceId, spanId, step.via);
    endAt = done.endAt + 0.6 + far;
    failed = done.failed;
    name = step.via === 'grpc' ? `${town.name}.v1.${step.to}/${step.operation}` : 'GET';
    attributes =
      step.via === 'grpc'
        ? [
            attribute('rpc.system', 'grpc'),
            attribute('rpc.grpc.status_code', failed === null ? 0 : 13),
            attribute('server.address', step.to),
          ]
        : [
            attribute('http.request.method', 'GET'),
            attribute('server.address', step.to),
            attribute('http.response.status_code', failed === null ? 200 : 500),
          ];
  }
  tape.span(caller, {
    traceId,
    spanId,
    parentSpanId: parent,
    name,
    kind,
    startTimeUnixNano: nano(at),
    endTimeUnixNano: nano(endAt),
    attributes,
    ...(failed === null ? {} : { status: { code: 2, message: failed } }),
  });
  return { endAt, failed };
}

function planOf(town: Town, fault: Fault, alertAt: number, random: Random): { plan: Plan; truth: string[] } {
  const entries = new Set(town.entries.map((entry) => entry.split('.')[0]!));
  const services = [...new Set(town.works.map(({ service }) => service))].filter((service) => !entries.has(service));
  const withSteps = services.filter((service) => town.works.some((work) => work.service === service && work.steps.length > 0));
  const consumers = services.filter((service) => !town.works.some(({ steps }) => steps.some(({ to }) => to === service)));
  const stores = Object.keys(town.stores).filter((store) =>
    town.works.some(({ steps }) => steps.some(({ to, via }) => to === store && (via === 'sql' || via === 'cache'))),
  );
  const service =
    fault === 'store-slow' || fault === 'store-refuses'
      ? random.pick(stores)
      : fault === 'lagging'
        ? random.pick(consumers)
        : fault === 'skips' || fault === 'pool'
          ? random.pick(withSteps)
          : fault === 'far'
            ? random.pick(services.filter((one) => !consumers.includes(one)))
            : random.pick(services);
  return {
    plan: { fault, service, from: alertAt - random.whole(80, 150) * 1000, strength: random.between(1, 3) },
    truth: fault === 'none' ? [] : [service, `db:${service}`],
  };
}

function metricsOf(town: Town, plan: Plan, random: Random, times: readonly number[]): FolderMetrics[] {
  const services = [...new Set(town.works.map(({ service }) => service))];
  const base = new Map(
    services.map((service) => [service, { cpu: random.between(0.08, 0.4), memory: random.between(0.3, 0.6), used: random.whole(2, 8) }]),
  );
  return times.map((at) => ({
    resourceMetrics: services.map((service) => {
      const { cpu, memory, used } = base.get(service)!;
      const on = (fault: Fault) => plan.fault === fault && plan.service === service && at >= plan.from;
      const point = (name: string, unit: string, value: number, attributes: KeyValue[] = []) => ({
        name,
        unit,
        gauge: { dataPoints: [{ timeUnixNano: nano(at), asDouble: value, attributes }] },
      });
      return {
        resource: { attributes: [attribute('service.name', service)] },
        scopeMetrics: [
          {
            metrics: [
              point('process.cpu.utilization', '1', Math.min(1, (on('saturated') ? 0.96 : cpu) * Math.exp(0.12 * random.normal()))),
              point('jvm.memory.used_after_last_gc', 'By', memory * 1e9 * Math.exp(0.05 * random.normal())),
              point('db.client.connections.usage', '{connection}', on('pool') ? 10 : used + random.whole(-1, 1), [
                attribute('state', 'used'),
              ]),
              point('db.client.connections.pending_requests', '{request}', on('pool') ? random.whole(8, 40) : 0),
              ...(plan.fault === 'lagging' || random.chance(0.3)
                ? [point('messaging.consumer.lag', '{message}', on('lagging') ? (at - plan.from) / 300 : random.whole(0, 3))]
                : []),
            ],
          },
        ],
      };
    }),
  }));
}

function build(town: Town, fault: Fault, seed: string): { folder: IncidentFolder; truth: string[]; touched: number } {
  const random = seeded(`blind traffic ${town.name} ${fault} ${seed}`);
  const alertAt = Date.UTC(2026, random.whole(0, 11), random.whole(1, 27), random.whole(0, 23), random.whole(0, 59), random.whole(0, 59));
  const { plan, truth } = planOf(town, fault, alertAt, random);
  const tape = new Tape(town, plan, random);
  const stretches = [
    [alertAt - 15 * 60_000, alertAt - 12 * 60_000],
    [alertAt - 210_000, alertAt - 4000],
  ] as const;
  const busy = random.between(0.7, 1.5);
  // Something that runs by the clock asks for much more of one kind; nothing is wrong with that.
  const burst = fault === 'none' && random.chance(0.5) ? { from: alertAt - 60_000, entry: random.pick(town.entries) } : null;
  for (const [from, to] of stretches)
    for (let at = from; at < to; at += (900 / (busy * (burst !== null && at > burst.from ? 4 : 1))) * -Math.log(1 - random.next())) {
      const [service, operation] = (
        burst !== null && at > burst.from && random.chance(0.75) ? burst.entry : random.pick(town.entries)
      ).split('.');
      visit(tape, town.works.find((work) => work.service === service && work.operation === operation)!, at, random.hex(32), null, 'http');
    }
  const times = stretches.flatMap(([from, to]) =>
    Array.from({ length: Math.floor((to - from) / 30_000) }, (_, index) => from + index * 30_000),
  );
  const traces: FolderTraces[] = [...tape.spans].map(([service, spans]) => ({
    resourceSpans: [
      {
        resource: { attributes: [attribute('service.name', service)] },
        scopeSpans: [
          {
            scope: { name: '@opentelemetry/instrumentation' },
            spans: spans.filter((span) => Number(span.endTimeUnixNano) < alertAt * 1e6),
          },
        ],
      },
    ],
  }));
  const logs: FolderLogs[] = [...tape.logs].map(([service, records]) => ({
    resourceLogs: [
      {
        resource: { attributes: [attribute('service.name', service)] },
        scopeLogs: [
          {
            logRecords: records
              .filter((one) => Number(one.timeUnixNano) < alertAt * 1e6)
              .sort((a, b) => Number(BigInt(a.timeUnixNano) - BigInt(b.timeUnixNano))),
          },
        ],
      },
    ],
  }));
  return {
    truth,
    touched: tape.touched,
    folder: {
      name: `traffic-${town.name}-${fault}-${seed}`,
      path: null,
      alertAt,
      traces,
      logs,
      metrics: town.form === 'metrics' ? metricsOf(town, plan, random, times) : [],
      changes: [],
      services: [],
    },
  };
}

export function trafficCases(rounds: number): Case[] {
  const cases: Case[] = [];
  for (const town of towns)
    for (let round = 0; round < (town.form === 'metrics' ? 3 : 2) * rounds; round++)
      for (const [fault, seed] of [
        ...trafficFaults.map((fault) => [fault, String(round)] as const),
        ['none', `${round}a`] as const,
        ['none', `${round}b`] as const,
      ]) {
        const { truth, touched } = build(town, fault, seed);
        if (fault !== 'none' && touched < 8) continue;
        const set = `blind ${town.form === 'metrics' ? 'spans and metrics' : 'traces and logs'}`;
        cases.push({
          set: fault === 'none' ? `${set}, sound` : set,
          truth: { services: truth, fault, changeService: null },
          affected: null,
          half: town.half,
          read: () => build(town, fault, seed).folder,
        });
      }
  return cases;
}

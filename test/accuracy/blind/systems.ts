/** Invented systems. The half each belongs to was decided before the first score and is not to be moved. */
import type { Via } from './problems.ts';
import type { Stack } from './stacks.ts';

export interface Call {
  readonly to: string;
  readonly via: Via;
  /** Without it the caller still answers. */
  readonly soft: boolean;
}
export interface Member {
  readonly name: string;
  readonly stack: Stack;
  readonly port: number;
  readonly calls: readonly Call[];
}
export interface System {
  readonly name: string;
  readonly half: 'open' | 'closed';
  /** How settings spell a host. */
  readonly hosts: 'short' | 'namespaced' | 'full' | 'ip' | 'prefixed';
  /** Whether the collector parsed a severity. */
  readonly severities: boolean;
  /** Whether events of the orchestrator are collected as lines. */
  readonly events: boolean;
  readonly edge: string;
  readonly members: readonly Member[];
}

const stores: Partial<Record<Stack, Via>> = {
  postgres: 'sql',
  mysql: 'sql',
  redis: 'redis',
  mongo: 'mongo',
  rabbit: 'amqp',
  kafka: 'kafka',
};

/** `edge nginx 80 > shop, !ads` a line: name, stack, port, what it calls; `!` without which it still answers, `~` by gRPC. */
function system(name: string, half: System['half'], rest: Omit<System, 'name' | 'half' | 'members' | 'edge'>, text: string): System {
  const rows = text
    .trim()
    .split('\n')
    .map((row) => row.trim().split(/\s*>\s*/));
  const stackOf = new Map(rows.map(([head]) => [head!.split(' ')[0]!, head!.split(' ')[1] as Stack]));
  const members = rows.map(([head, calls = '']) => {
    const [service, stack, port] = head!.split(' ');
    const list = calls
      .split(',')
      .map((call) => call.trim())
      .filter((call) => call !== '');
    return {
      name: service!,
      stack: stack as Stack,
      port: Number(port),
      calls: list.map((call) => {
        const to = call.replace(/[!~]/g, '');
        return { to, soft: call.includes('!'), via: stores[stackOf.get(to)!] ?? (call.includes('~') ? 'grpc' : 'http') } satisfies Call;
      }),
    };
  });
  return { name, half, edge: members[0]!.name, members, ...rest };
}

export const systems: readonly System[] = [
  system(
    'library',
    'open',
    { hosts: 'short', severities: true, events: false },
    `
    portal nginx 80 > catalog, loans
    catalog zap 8080 > catalog-db, !covers, ~!recommend
    loans spring 8081 > loans-db, ~members, fines
    members zap 9000 > members-db
    fines structlog 8000 > loans-db
    covers pino 3000 > cache
    recommend structlog 50051 > cache
    catalog-db postgres 5432
    loans-db postgres 5432
    members-db postgres 5432
    cache redis 6379`,
  ),
  system(
    'freight',
    'open',
    { hosts: 'full', severities: false, events: false },
    `
    api-gw spring 8080 > shipments, quotes, !tracking
    shipments dotnet 5000 > shipments-pg, mq, ~routing
    quotes logrus 8090 > ~routing, rates
    routing zap 7001 > geo-cache
    rates structlog 8000 > rates-pg
    tracking pino 3000 > geo-cache, !notify
    notify celery 8000 > mq
    shipments-pg postgres 5432
    rates-pg postgres 5432
    geo-cache redis 6379
    mq rabbit 5672`,
  ),
  system(
    'clinic',
    'open',
    { hosts: 'prefixed', severities: true, events: true },
    `
    web pino 3000 > booking, records
    booking django 8000 > booking-store, calendar, !reminders
    records spring 8080 > records-store, consent
    consent logrus 8085 > records-store
    calendar dotnet 5001 > calendar-store
    reminders structlog 8001 > bus
    booking-store postgres 5432
    records-store postgres 5432
    calendar-store mongo 27017
    bus rabbit 5672`,
  ),
  system(
    'radio',
    'open',
    { hosts: 'ip', severities: true, events: false },
    `
    ingress envoy 8443 > player, charts
    player zap 8080 > ~tracks, ~!lyrics, ~session
    charts dotnet 8082 > ~tracks, stats-redis
    tracks klog 9090 > tracks-mongo
    lyrics structlog 9091 > tracks-mongo
    session rust 9092 > session-redis
    tracks-mongo mongo 27017
    stats-redis redis 6379
    session-redis redis 6379`,
  ),
  system(
    'tolls',
    'open',
    { hosts: 'namespaced', severities: false, events: false },
    `
    lane-api winston 4000 > plates, accounts, !audit
    plates php 8080 > plates-mysql
    accounts spring 8080 > accounts-mysql, ~billing
    billing quarkus 9001 > accounts-mysql, log-bus
    audit logrus 8088 > log-bus
    plates-mysql mysql 3306
    accounts-mysql mysql 3306
    log-bus kafka 9092`,
  ),
  system(
    'kitchen',
    'closed',
    { hosts: 'short', severities: true, events: true },
    `
    counter winston 8080 > menu, orders
    menu rails 3000 > menu-db, !photos
    orders klog 8081 > orders-db, ~stock, ~!loyalty
    stock rust 8082 > stock-db
    loyalty django 8000 > points
    photos php 8080 > points
    menu-db mysql 3306
    orders-db postgres 5432
    stock-db postgres 5432
    points redis 6379`,
  ),
  system(
    'grid',
    'closed',
    { hosts: 'full', severities: false, events: false },
    `
    lb haproxy 80 > meters, tariffs
    meters quarkus 8080 > readings-mongo, stream, ~devices
    tariffs rust 8000 > tariffs-db, forecast
    devices zap 9000 > devices-redis
    forecast celery 8001 > tariffs-db, !weather
    weather winston 3000 > devices-redis
    readings-mongo mongo 27017
    tariffs-db postgres 5432
    devices-redis redis 6379
    stream kafka 9092`,
  ),
  system(
    'museum',
    'closed',
    { hosts: 'ip', severities: true, events: false },
    `
    site nginx 8080 > tickets, exhibits
    tickets dotnet 5000 > tickets-db, ~seats, !mailer
    seats rust 50051 > seats-redis
    exhibits php 9000 > exhibits-db, !tour
    tour rails 3000 > exhibits-db
    mailer winston 3001 > post
    tickets-db postgres 5432
    exhibits-db mysql 3306
    seats-redis redis 6379
    post rabbit 5672`,
  ),
  system(
    'ferry',
    'closed',
    { hosts: 'namespaced', severities: true, events: false },
    `
    desk rails 3000 > sailings, cabins
    sailings klog 8080 > sailings-db, ~tides
    cabins quarkus 8081 > cabins-db, ~pricing
    pricing django 50051 > cabins-db
    tides rust 50052 > tides-cache
    crew celery 8000 > sailings-db, radio
    sailings-db postgres 5432
    cabins-db postgres 5432
    tides-cache redis 6379
    radio rabbit 5672`,
  ),
  system(
    'farm',
    'closed',
    { hosts: 'prefixed', severities: false, events: false },
    `
    app pino 3000 > fields, machines
    fields spring 8080 > fields-db, !soil
    soil rust 8085 > fields-db
    machines logrus 8086 > ~fleet, telemetry-bus
    fleet structlog 9000 > fleet-store
    fields-db mysql 3306
    fleet-store mongo 27017
    telemetry-bus kafka 9092`,
  ),
];

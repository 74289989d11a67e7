/** Five fleets that release several times an hour. A call is `callee` or `callee*2` (twice a request); `?` behind it: its failure is swallowed. */
export type Dialect = 'otel' | 'mesh' | 'micrometer' | 'statsd' | 'gauges';

export interface Member {
  readonly name: string;
  readonly calls: readonly { readonly to: string; readonly times: number; readonly soft: boolean }[];
  readonly pods: number;
  /** Its own milliseconds of a request. */
  readonly ownMs: number;
  /** A store has no releases and only an exporter's metrics. */
  readonly store: boolean;
  /** What it counts for the business, if anything. */
  readonly business: string | null;
}
export interface Fleet {
  readonly name: string;
  readonly half: 'open' | 'closed';
  readonly dialect: Dialect;
  readonly stepMs: number;
  readonly ratePerSecond: number;
  readonly members: readonly Member[];
}

/** `name:pods:ms[:business] > callee*2 callee?`; a store is `[name]:ms`. The first line is the door. */
function fleet(name: string, half: Fleet['half'], dialect: Dialect, stepMs: number, ratePerSecond: number, lines: string): Fleet {
  const members = lines
    .trim()
    .split('\n')
    .map((line): Member => {
      const [head, tail] = line.trim().split(' > ');
      const store = head!.startsWith('[');
      const [title, ...rest] = head!.replace(/[[\]]/g, '').split(':');
      const calls = (tail ?? '').split(' ').filter((word) => word !== '');
      return {
        name: title!,
        store,
        pods: store ? 1 : Number(rest[0]),
        ownMs: Number(rest[store ? 0 : 1]),
        business: store ? null : (rest[2] ?? null),
        calls: calls.map((word) => {
          const [to, times] = word.replace('?', '').split('*');
          return { to: to!, times: Number(times ?? 1), soft: word.endsWith('?') };
        }),
      };
    });
  return { name, half, dialect, stepMs, ratePerSecond, members };
}

const isle = (at: string) => `harbour-${at}`;

/** Forty services of a ferry company: eight areas, each with a door, a worker, a reader, a rule book and a store shared by two. */
function ferries(): string {
  const areas = ['berth', 'fare', 'manifest', 'tide', 'crew', 'fuel', 'lounge', 'customs'];
  const lines = [
    `${isle('gate')}:4:6 > ${areas
      .slice(0, 5)
      .map((area) => `${isle(area)}-api`)
      .join(' ')} ${isle('lounge')}-api? ${isle('session')}`,
  ];
  areas.forEach((area, index) => {
    const next = areas[index + 3];
    lines.push(`${isle(area)}-api:3:9 > ${isle(area)}-read*2 ${isle(area)}-rules${next ? ` ${isle(next)}-api*0.3` : ''}`);
    lines.push(`${isle(area)}-read:2:5 > ${isle(`store-${index >> 1}`)}*1.5`);
    lines.push(`${isle(area)}-rules:2:4${index % 3 === 0 ? `:${area}_decisions_total` : ''}`);
    lines.push(`${isle(area)}-worker:1:15 > ${isle(`store-${index >> 1}`)}`);
    lines[1 + index * 4] += ` ${isle(area)}-worker*0.2?`;
  });
  lines.push(`${isle('session')}:2:3 > ${isle('session-cache')}`, `[${isle('session-cache')}]:1`);
  for (let index = 0; index < 4; index++) lines.push(`[${isle(`store-${index}`)}]:4`);
  return lines.join('\n');
}

export const fleets: readonly Fleet[] = [
  fleet(
    'library',
    'open',
    'otel',
    30_000,
    22,
    `
    desk:3:5:loans_started > catalogue*2 member loans? recommender?
    catalogue:3:12 > shelf-index*2 covers?
    shelf-index:2:7 > [shelf-pg]
    member:2:6 > member-pg
    loans:2:9:loans_completed > member shelf-index notices? loan-pg
    recommender:2:25 > shelf-index*3
    covers:1:4
    notices:1:8
    [shelf-pg]:3
    [member-pg]:2
    [loan-pg]:3`.replace('> [shelf-pg]', '> shelf-pg'),
  ),
  fleet(
    'parcel',
    'closed',
    'mesh',
    30_000,
    45,
    `
    edge-bff:4:4 > track quote*0.5 pickup*0.3 identity
    track:3:8 > scanlog*2 geo
    quote:2:11:quotes_issued_total > tariff*2 geo coupon?
    pickup:2:14:pickups_booked_total > depot quote*1 dispatch
    dispatch:2:10 > depot driver
    driver:2:7 > driverdb
    depot:3:6 > depotdb*2
    tariff:2:5 > tariffcache
    geo:2:9
    coupon:1:5
    identity:2:4 > identitydb
    scanlog:3:6 > scandb
    [driverdb]:3
    [depotdb]:3
    [tariffcache]:1
    [identitydb]:2
    [scandb]:4`,
  ),
  fleet(
    'clinic',
    'open',
    'micrometer',
    45_000,
    12,
    `
    portal:2:10 > appointments patients*2 billing*0.4
    appointments:2:18:appointments.booked > patients slots reminders?
    patients:3:12 > recordsdb*2
    slots:2:9 > slotsdb
    billing:2:20:invoices.sent > patients insurer ledger
    insurer:1:35
    ledger:2:8 > recordsdb
    reminders:1:6
    [recordsdb]:4
    [slotsdb]:3`,
  ),
  fleet(
    'arcade',
    'closed',
    'statsd',
    20_000,
    80,
    `
    lobby:3:3:matches_made > matcher profile
    matcher:2:9 > rating*4 regionmap
    profile:2:4 > playerkv
    rating:2:2 > playerkv
    regionmap:1:2
    [playerkv]:1`,
  ),
  fleet('ferries', 'open', 'gauges', 60_000, 30, ferries()),
];

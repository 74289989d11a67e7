/**
 * Makes the scenarios beside this folder. Run: bun test/scenarios/make/make.ts [name ...], then look at what has changed and
 * run their test with UPDATE_GOLDEN=1.
 */
import { join } from 'node:path';
import { type Bend, type Bends, type Kept, minute, Recorder } from './recorder.ts';
import { hall, market } from './systems.ts';

const first = Date.parse('2026-09-07T08:00:00Z');
const names = process.argv.slice(2);
let made = 0;

function scenario(name: string, kept: Partial<Kept>, tell: (recorder: Recorder) => void): void {
  const alertAt = first + made++ * 7 * 3_600_000;
  if (names.length === 0 || names.includes(name)) tell(new Recorder(join(import.meta.dirname, '..', name), alertAt, kept));
}

/** From so many minutes before the alert on, a share of the visits of one service is bent. */
function from(recorder: Recorder, minutesBefore: number, service: string, share: number, bend: Bend): Bends {
  return (program, at) =>
    program.service === service && at >= recorder.alertAt - minutesBefore * minute && recorder.random.chance(share) ? bend : null;
}

const both =
  (...bends: Bends[]): Bends =>
  (program, at) => {
    for (const one of bends) {
      const bend = one(program, at);
      if (bend !== null) return bend;
    }
    return null;
  };

/** Two quiet minutes to learn from, then minutes before the alert. */
function live(recorder: Recorder, program: ReturnType<typeof market>, bends: Bends, perMinute = 10, lately = perMinute): void {
  recorder.requests(program, 14, 11, perMinute);
  recorder.requests(program, 6, 0, lately, bends);
}

const change = (recorder: Recorder, minutesBefore: number, more: Record<string, unknown>) => ({
  startedAt: new Date(recorder.alertAt - minutesBefore * minute).toISOString(),
  ...more,
});

const harvest = { gate: 'porch', orders: 'basketry', stock: 'granary', shelf: 'loft', rates: 'almanac', people: 'guestbook' };

// One of three releases throws; another service was released after it.
scenario('bramble', {}, (recorder) => {
  live(
    recorder,
    market(harvest),
    from(recorder, 3, 'granary', 0.8, { kind: 'throws', line: 'hold #: no row for key', problem: 'KeyError: row' }),
  );
  recorder.write(
    { name: 'CheckoutFailures', service: 'porch', summary: 'one visit in two fails' },
    { verdict: 'cause', service: 'granary', change: { service: 'granary', version: '4.2.0' } },
    {
      'changes.json': [
        change(recorder, 40, { kind: 'release', service: 'basketry', version: '1.9.1' }),
        change(recorder, 3.4, { kind: 'release', service: 'granary', version: '4.2.0' }),
        change(recorder, 1, { kind: 'release', service: 'almanac', version: '7.0.3' }),
      ],
    },
  );
});

const quarter = { gate: 'lobby', orders: 'desk', stock: 'vaults', shelf: 'drawers', rates: 'tariffs', people: 'visitors' };

// The failing service has a commit that was merged and runs nowhere; what was deployed is another.
scenario('copper', {}, (recorder) => {
  live(recorder, market(quarter), from(recorder, 3, 'tariffs', 0.9, { kind: 'throws', line: 'table # ends early', problem: 'EOFError' }));
  recorder.write(
    { name: 'DeskErrors', service: 'desk', summary: 'orders fail' },
    { verdict: 'cause', service: 'tariffs', change: null },
    {
      'changes.json': [
        change(recorder, 6, { kind: 'commit', service: 'tariffs', sha: '3f1c9a7be2d04c55', files: ['docs/tables.md'] }),
        change(recorder, 2, { kind: 'deployment', service: 'visitors', version: '2.4.0' }),
      ],
    },
  );
});

const coast = { gate: 'pier', orders: 'manifest', stock: 'holds', shelf: 'berths', rates: 'tides', people: 'crews' };

scenario('drift', {}, (recorder) => {
  live(recorder, market(coast), () => null);
  recorder.write({ name: 'PierProbe', summary: 'a probe missed its beat' }, { verdict: 'healthy' });
});

// Three times the traffic, errors that were always there.
scenario('estuary', {}, (recorder) => {
  const always = from(recorder, 60, 'berths', 0.06, { kind: 'throws', line: 'berth # is taken', problem: 'Conflict' });
  recorder.requests(market(coast), 14, 11, 9, always);
  recorder.requests(market(coast), 6, 3, 9, always);
  recorder.requests(market(coast), 3, 0, 27, always);
  recorder.write({ name: 'PierTraffic', service: 'pier', summary: 'three times the usual traffic' }, { verdict: 'healthy' });
});

const works = { gate: 'frontdesk', orders: 'workshop', stock: 'foundry', shelf: 'moulds', rates: 'alloys', people: 'badges' };

scenario('fathom', {}, (recorder) => {
  const bends = both(
    from(recorder, 3, 'moulds', 0.5, { kind: 'slow', ms: 700 }),
    from(recorder, 3, 'badges', 0.4, { kind: 'throws', line: 'badge # has no owner', problem: 'LookupError' }),
  );
  live(recorder, market(works), bends);
  recorder.write(
    { name: 'FrontdeskErrors', service: 'frontdesk', summary: 'slow and failing' },
    { verdict: 'cause', allAmong: ['moulds', 'badges'] },
  );
});

// Nobody keeps traces any more: the collector is down. Lines still come.
scenario('gravel', {}, (recorder) => {
  live(
    recorder,
    market(works),
    from(recorder, 3, 'foundry', 0.9, { kind: 'throws', line: 'hold #: furnace said nothing', problem: 'Timeout' }),
    26,
  );
  recorder.loseSpansAfter(10.5);
  recorder.write(
    { name: 'WorkshopErrors', service: 'workshop', summary: 'orders fail' },
    { verdict: 'cause', service: 'foundry', gaps: ['traces', 'changes'] },
  );
});

// Logs alone, from the start of all processes: one of them listens elsewhere than others were told.
scenario('heather', {}, (recorder) => {
  const begin = recorder.alertAt - 2 * minute;
  const services = ['entry', 'quotes', 'carriers', 'labels'].map((name, i) => ({
    name,
    addresses: [`10.4.0.${i + 11}`],
    ports: [9_000 + i],
  }));
  for (const [i, { name, ports }] of services.entries()) {
    recorder.line(name, begin + i * 700, 9, 'reading configuration');
    recorder.line(name, begin + i * 700 + 400, 9, `listening on ${ports[0]}`);
  }
  for (let at = begin + 12_000; at < recorder.alertAt - 1_000; at += recorder.random.between(900, 1_900)) {
    recorder.line('entry', at, 9, `request ${recorder.random.hex(6)} begins`);
    recorder.line('quotes', at + 4, 9, `quote for parcel ${recorder.random.whole(100, 999)}`);
    recorder.line(
      'quotes',
      at + 9,
      17,
      'carriers cannot be asked: Post "http://carriers:9012/ask": dial tcp 10.4.0.13:9012: connect: connection refused',
    );
    recorder.line('entry', at + 12, 17, 'request ended with status 500');
  }
  recorder.write(
    { name: 'EntryErrors', service: 'entry', summary: 'every request fails' },
    { verdict: 'cause', service: 'quotes', kind: 'configuration', gaps: ['traces', 'metrics'] },
    { 'services.json': services },
  );
});

const inn = { gate: 'bell', orders: 'bookings', stock: 'rooms', shelf: 'keys', rates: 'seasons', people: 'guests' };

// No traces at all; lines share the id of their request.
scenario('ingot', { traces: false, linesCarry: 'request' }, (recorder) => {
  live(
    recorder,
    market(inn),
    from(recorder, 3, 'rooms', 0.85, { kind: 'throws', line: 'hold #: calendar page is blank', problem: '' }),
    26,
  );
  recorder.write(
    { name: 'BookingErrors', service: 'bell', summary: 'bookings fail' },
    { verdict: 'cause', service: 'rooms', gaps: ['traces'] },
  );
});

// Spans and gauges, no lines: a processor at its limit.
scenario('juniper', { logs: false }, (recorder) => {
  live(recorder, market(inn), from(recorder, 3, 'keys', 0.95, { kind: 'slow', ms: 420 }));
  for (const service of Object.values(inn))
    recorder.gauge(service, 'k8s.pod.cpu_limit_utilization', (before) => (service === 'keys' && before < 3 ? 0.97 : 0.2), 14);
  recorder.write(
    { name: 'BookingLatency', service: 'bell', summary: 'p95 above one second' },
    { verdict: 'cause', service: 'keys', gaps: ['logs'] },
  );
});

// A monolith: the part that fails is a part of it.
scenario('kiln', {}, (recorder) => {
  const program = hall('doorway', 'hall');
  const bends: Bends = (part, at) =>
    part.scope === 'hall.seats' && at >= recorder.alertAt - 3 * minute && recorder.random.chance(0.8)
      ? { kind: 'throws', line: 'seat map # has no row', problem: 'IndexError: row' }
      : null;
  live(recorder, program, bends);
  recorder.write(
    { name: 'DoorwayErrors', service: 'doorway', summary: 'tickets fail' },
    { verdict: 'cause', service: 'hall', component: 'hall.seats' },
  );
});

// A process that ends soon after each start.
scenario('lagoon', {}, (recorder) => {
  const up = (at: number) => at < recorder.alertAt - 3 * minute || (recorder.alertAt - at) % 40_000 > 34_000;
  const bends: Bends = ({ service }, at) => (service === 'berths' && !up(at) ? { kind: 'down' } : null);
  live(recorder, market(coast), bends);
  for (let at = recorder.alertAt - 3 * minute; at < recorder.alertAt; at += 40_000) {
    recorder.line('berths', at + 400, 9, 'starting with 4 workers');
    recorder.line('berths', at + 900, 9, 'pool of 8 connections is open, ready');
  }
  recorder.write(
    { name: 'HoldsErrors', service: 'holds', summary: 'holds fail' },
    { verdict: 'cause', service: 'berths', kind: 'unavailable', against: true },
  );
});

// All processes have just begun; what could not be reached at first answers now.
scenario('mosaic', {}, (recorder) => {
  const begin = recorder.alertAt - 2 * minute;
  const ready: Record<string, number> = { tiles: 3_000, grout: 9_000, kilns: 14_000, 'glaze-db': 16_000 };
  for (const [name, after] of Object.entries(ready)) {
    recorder.line(name, begin + after - 900, 9, 'starting');
    recorder.line(name, begin + after, 9, 'ready for connections');
  }
  for (let at = begin + 3_500; at < begin + 16_000; at += 1_700) {
    if (at < begin + 9_000) recorder.line('tiles', at, 17, 'dial tcp grout:7001: connect: connection refused, trying again');
    if (at > begin + 14_000) recorder.line('kilns', at, 17, 'dial tcp glaze-db:5432: connect: connection refused, trying again');
  }
  for (let at = begin + 17_000; at < recorder.alertAt; at += recorder.random.between(500, 1_200))
    for (const [i, name] of ['tiles', 'grout', 'kilns'].entries())
      recorder.line(name, at + i * 4, 9, `pattern ${recorder.random.whole(10, 999)} passed on`);
  recorder.write(
    { name: 'TilesRestarted', service: 'tiles', summary: 'new processes' },
    { verdict: ['healthy', 'inconclusive'] },
    {
      'services.json': Object.keys(ready).map((name, i) => ({
        name,
        addresses: [`10.8.0.${i + 5}`],
        ports: [[7000], [7001], [7002], [5432]][i],
      })),
    },
  );
});

// The callee is well and refuses: its caller no longer says who it is.
scenario('nettle', {}, (recorder) => {
  live(recorder, market(quarter), from(recorder, 3, 'vaults', 1, { kind: 'refuses', code: 401, line: 'POST /hold without credentials' }));
  recorder.write(
    { name: 'LobbyErrors', service: 'lobby', summary: 'orders fail' },
    { verdict: 'cause', service: 'desk', kind: 'configuration' },
  );
});

/**
 * What Redis mode costs beside the floors that do the same writing without our work, in turns within one run; the median of the
 * ratios of each turn counts. How many round trips an alert takes is measured, not counted: through a wire that takes its time.
 * Last, what waking by jobs brings over looking at the ledger once a second.
 * Run: bun test/bench/redis.bench.ts [alerts a turn, default 4000] [--write]
 */
import { createServer, connect, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import { createRedisLedger } from '../../src/adapters/ledgers/redis.ts';
import type { RedisClient } from '../../src/adapters/redis-connection.ts';
import { createBodyStream } from '../../src/adapters/telemetry/redis/body-stream.ts';
import { PackedBody } from '../../src/adapters/telemetry/packed-body.ts';
import { createReceiver } from '../../src/pipeline/receive.ts';
import type { Alert } from '../../src/domain/alert.ts';
import { openReplicatedTelemetry, createTelemetry } from '../../src/telemetry.ts';
import { anAlert } from '../adapters/ledgers/samples.ts';
import { type RedisServer, startRedis } from '../redis-server.ts';
import { silentLog } from '../silent-log.ts';
import { median, table, writeSection } from './page.ts';
import { clientOf, waking } from './redis-waking.ts';
import { requests } from './span-requests.ts';
import { atLeast, atMost, sayVerdicts } from './verdicts.ts';

const size = Number(process.argv.slice(2).find((argument) => /^\d+$/.test(argument)) ?? 4_000);
const turns = 7;
const say = (text: string) => void process.stdout.write(`${text}\n`);

async function perSecond(count: number, at: number, one: (i: number) => Promise<unknown>): Promise<number> {
  let next = 0;
  const begun = performance.now();
  const worker = async () => {
    while (next < count) await one(next++);
  };
  await Promise.all(Array.from({ length: at }, worker));
  return (count / (performance.now() - begun)) * 1_000;
}

let made = 0;
/** New every time; of five hundred services, so that incidents stay of a size. */
function alerts(count: number): Alert[] {
  return Array.from({ length: count }, () => {
    const service = `svc-${made++ % 500}`;
    const labels = { alertname: 'HighErrorRate', service };
    return anAlert({ fingerprint: `f${made}`, service, labels, startsAt: Date.now() });
  });
}

function receiverOn(client: RedisClient) {
  const ledger = createRedisLedger({ client, now: Date.now });
  const none = { map: async () => ({ services: [], edges: [] }), route: () => [], poke() {} };
  return createReceiver({ ledger, now: Date.now, grouping: {}, ...none } as unknown as Parameters<typeof createReceiver>[0]);
}

interface Row {
  readonly what: string;
  readonly ours: number;
  readonly floor: number;
  readonly ratio: number;
  /** The same of the time that this process and Redis were on a processor. */
  readonly byProcessor: number;
}

/** µs that this process and Redis have been on a processor. */
async function spent(client: RedisClient): Promise<number> {
  const info = String(await client.info('cpu'));
  const redis = ['used_cpu_sys', 'used_cpu_user'].map((name) => Number(new RegExp(`^${name}:([\\d.]+)`, 'm').exec(info)?.[1]));
  const { user, system } = process.cpuUsage();
  return user + system + redis.reduce((sum, seconds) => sum + seconds * 1_000_000, 0);
}

/** Each turn of one does as much as each of the other. */
async function paired(what: string, client: RedisClient, ours: () => Promise<number>, floor: () => Promise<number>): Promise<Row> {
  const pairs: { ours: number; floor: number; oursSpent: number; floorSpent: number }[] = [];
  for (let i = 0; i < turns; i++) {
    const begun = await spent(client);
    const our = await ours();
    const between = await spent(client);
    const its = await floor();
    pairs.push({ ours: our, floor: its, oursSpent: between - begun, floorSpent: (await spent(client)) - between });
  }
  const row = {
    what,
    ours: median(pairs.map((pair) => pair.ours)),
    floor: median(pairs.map((pair) => pair.floor)),
    ratio: median(pairs.map((pair) => pair.ours / pair.floor)),
    byProcessor: median(pairs.map((pair) => pair.floorSpent / pair.oursSpent)),
  };
  const ratios = `${row.ratio.toFixed(2)} by the clock, ${row.byProcessor.toFixed(2)} by time on a processor`;
  say(`${what}: ${Math.round(row.ours)}/s of ${Math.round(row.floor)}/s, ${ratios}`);
  return row;
}

async function receipts(server: RedisServer, connections: number, setting: string): Promise<Row> {
  const client = clientOf(server.url);
  const receiver = receiverOn(client);
  const ours = () => {
    const batch = alerts(size);
    return perSecond(size, connections, (i) => receiver.receive([batch[i]!]));
  };
  const floor = () => {
    const bodies = alerts(size).map((alert) => JSON.stringify(alert));
    return perSecond(size, connections, (i) => client.xadd('floor', 'MAXLEN', '~', 10_000, '*', 'b', bodies[i]!));
  };
  const row = await paired(`alerts received, ${connections} at a time, ${setting}; floor: XADD of each`, client, ours, floor);
  client.disconnect();
  return row;
}

async function bodies(server: RedisServer): Promise<Row[]> {
  const client = clientOf(server.url);
  const packed = requests('rich', 20_000, 1, Date.now()).map((body) => new PackedBody(body, () => {}).packed());
  const many = Array.from({ length: 4_000 }, (_, i) => packed[i % packed.length]!);
  const stream = createBodyStream({ client, now: Date.now, windowMs: 3_600_000, maxBytes: 2 ** 40 });
  const append = async () => {
    await client.flushdb();
    return perSecond(many.length, 64, async (i) => {
      stream.append({ signal: 'traces', format: 'json' }, Promise.resolve(many[i]!));
      await stream.settled();
    });
  };
  const floor = async () => {
    await client.flushdb();
    const begun = performance.now();
    for (let from = 0; from < many.length; from += 64) {
      const pipeline = client.pipeline();
      for (const body of many.slice(from, from + 64)) pipeline.xadd('floor', '*', 'b', Buffer.from(body));
      await pipeline.exec();
    }
    return (many.length / (performance.now() - begun)) * 1_000;
  };
  const appended = await paired('bodies of 500 spans appended; floor: XADD of the same, 64 a pipeline', client, append, floor);
  let seed = 10;
  const taking = async (open: () => Promise<Awaited<ReturnType<typeof openReplicatedTelemetry>>>) => {
    await client.flushdb();
    const telemetry = await open();
    const list = requests('rich', 20_000, ++seed, Date.now());
    const rate = await perSecond(list.length, 8, (i) => telemetry.ingest('traces', list[i]!, 'json'));
    await telemetry.close();
    return rate;
  };
  const setting = { now: Date.now, windowMinutes: 60, maxBytes: 2 ** 30 };
  const turnsOf = { isOurs: () => false, token: () => 0 };
  const ingested = await paired(
    'bodies of spans with attributes taken in, decoded, stored and shared; floor: the same in one process, not shared',
    client,
    () => taking(() => openReplicatedTelemetry({ client, log: silentLog, turns: turnsOf, ...setting })),
    () => taking(async () => createTelemetry({ file: null, ...setting })),
  );
  client.disconnect();
  return [appended, ingested];
}

/** So long that what the machine is busy with meanwhile counts as no round trip. */
const wireMs = 50;

/** A wire to Redis on which everything takes `wireMs` there and as long back. */
async function slowWire(port: number): Promise<{ server: Server; port: number }> {
  const later = (to: Socket) => (data: Buffer) => void setTimeout(() => to.write(data), wireMs);
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    near
      .on('data', later(far))
      .on('close', () => far.destroy())
      .on('error', () => far.destroy());
    far
      .on('data', later(near))
      .on('close', () => near.destroy())
      .on('error', () => near.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return { server, port: typeof address === 'object' && address !== null ? address.port : 0 };
}

async function roundTrips(server: RedisServer): Promise<string[][]> {
  const wire = await slowWire(server.port);
  const client = clientOf(`redis://127.0.0.1:${wire.port}`);
  const receiver = receiverOn(client);
  const trip = async () => {
    const begun = performance.now();
    await client.ping();
    return performance.now() - begun;
  };
  await trip();
  const tripMs = median(await inTurn(9, trip));
  await receiver.receive(alerts(1));
  const alone = median(
    await inTurn(9, async () => {
      const begun = performance.now();
      await receiver.receive(alerts(1));
      return (performance.now() - begun) / tripMs;
    }),
  );
  const crowd = 64;
  const rate = await perSecond(crowd * 20, crowd, () => receiver.receive(alerts(1)));
  client.disconnect();
  wire.server.close();
  return [
    ['an alert that comes alone', alone.toFixed(1)],
    [`an alert of ${crowd} that come at a time`, (1_000 / rate / tripMs).toFixed(2)],
  ];
}

/** How many jobs a thousand alerts of one incident become: one, once all are in line. */
async function jobsOfOneIncident(server: RedisServer): Promise<number> {
  const client = clientOf(server.url);
  await client.flushdb();
  const jobs = new Set<string>();
  const note = (work: readonly { id: string; dueAt: number }[]) => {
    for (const { id, dueAt } of work) jobs.add(`${id}@${dueAt}`);
  };
  const ledger = createRedisLedger({ client, now: Date.now, onWork: note });
  const none = { map: async () => ({ services: [], edges: [] }), route: () => [], poke() {} };
  const receiver = createReceiver({ ledger, now: Date.now, grouping: {}, ...none } as unknown as Parameters<typeof createReceiver>[0]);
  const labels = { alertname: 'HighErrorRate', service: 'one' };
  const all = Array.from({ length: 1_000 }, (_, i) => anAlert({ fingerprint: `one-${i}`, service: 'one', labels, startsAt: Date.now() }));
  const ids = await Promise.all(all.map((alert) => receiver.receive([alert])));
  if (new Set(ids.flat()).size !== 1) throw new Error(`a thousand alerts of one service made ${new Set(ids.flat()).size} incidents`);
  client.disconnect();
  return jobs.size;
}

async function inTurn<T>(times: number, act: () => Promise<T>): Promise<T[]> {
  const values: T[] = [];
  for (let i = 0; i < times; i++) values.push(await act());
  return values;
}

const everySecond = await startRedis(['--appendonly', 'yes', '--appendfsync', 'everysec']);
const always = await startRedis(['--appendonly', 'yes', '--appendfsync', 'always']);
try {
  const rows = [
    await receipts(everySecond, 16, 'everysec'),
    await receipts(everySecond, 64, 'everysec'),
    await receipts(always, 64, 'always'),
    ...(await bodies(everySecond)),
  ];
  const trips = await roundTrips(everySecond);
  const wakes = await waking(everySecond);
  const jobs = await jobsOfOneIncident(everySecond);
  say(`jobs of a thousand alerts of one incident: ${jobs}`);
  const crowd = Number(trips.at(-1)?.[1]);
  const pipelined = rows.slice(0, 4).map(({ what, byProcessor }) => atLeast(`Redis: ${what}`, byProcessor, 0.5));
  sayVerdicts([
    ...pipelined,
    atMost('Redis: round trips of an alert that comes alone', Number(trips[0]?.[1]), 1),
    atMost('Redis: round trips an alert, 64 at a time', crowd, 1),
    atMost('Redis: jobs of one incident', jobs, 1),
  ]);
  for (const [what, value] of [...trips, ...wakes]) say(`${what}: ${value}`);
  if (process.argv.includes('--write'))
    writeSection(
      'redis',
      `bun test/bench/redis.bench.ts ${size} --write`,
      [
        `## Redis mode\n\nMedians of ${turns} turns, ours and its floor one after the other, a real Redis ${'on the same machine'}. A ratio of 1 is the floor. By the clock this process, Redis and whatever else the machine does share the processors; the bar is held against the time that this process and Redis were on one.`,
        table(
          ['what', 'a second', 'floor', 'ratio by the clock', 'by time on a processor'],
          rows.map(({ what, ours, floor, ratio, byProcessor }) => [
            what,
            Math.round(ours),
            Math.round(floor),
            ratio.toFixed(2),
            byProcessor.toFixed(2),
          ]),
        ),
        `Round trips, through a wire of ${wireMs} ms each way:`,
        table(['what', 'round trips'], trips),
        `A thousand alerts of one incident become ${jobs} ${jobs === 1 ? 'job' : 'jobs'}.`,
        'Waking another replica (BullMQ):',
        table(['what', ''], wakes),
      ].join('\n\n'),
    );
} finally {
  await everySecond.stop();
  await always.stop();
}

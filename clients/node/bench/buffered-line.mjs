/**
 * What one line costs the application: a buffered event and a buffered line here, a line written by pino and by winston to
 * a stream that throws it away, where they are installed. Best of several rounds is the floor, the median is what to expect.
 *
 *     node bench/buffered-line.mjs [LINES]
 */
import { Writable } from 'node:stream';
import { createDebugQueue } from '../index.mjs';

const lines = Number(process.argv[2] ?? 200_000);
const rounds = 9;
const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });

async function loggers() {
  const found = {};
  const pino = await import('pino').then(
    (m) => m.default,
    () => null,
  );
  const winston = await import('winston').then(
    (m) => m.default,
    () => null,
  );
  if (pino !== null) found.pino = pino({}, nowhere);
  if (winston !== null) found.winston = winston.createLogger({ transports: [new winston.transports.Stream({ stream: nowhere })] });
  return found;
}

const queue = createDebugQueue({ service: 'shop', quiet: true });
const recorded = { info() {} };
queue.wrap(recorded);
const others = await loggers();
const cases = {
  'debugQueue.log, low, with details': (i) =>
    queue.log('CART_READ', { correlationId: `txn-${i & 255}`, errorCode: 'NONE', details: { userId: '123', sessionId: 'abc' } }),
  'debugQueue.log, low': (i) => queue.log('CART_READ', { correlationId: `txn-${i & 255}` }),
  'line of a wrapped logger': (i) => recorded.info(`order ${i} stored`),
  ...(others.pino ? { 'pino.info to nowhere': (i) => others.pino.info({ orderId: i }, 'order stored') } : {}),
  ...(others.winston ? { 'winston.info to nowhere': (i) => others.winston.info('order stored', { orderId: i }) } : {}),
};

const times = Object.fromEntries(Object.keys(cases).map((name) => [name, []]));
for (let round = 0; round < rounds; round++)
  for (const [name, call] of Object.entries(cases)) {
    // Of the processor, collecting garbage included: what others do on the machine meanwhile is not this line's cost.
    const begun = process.cpuUsage();
    for (let i = 0; i < lines; i++) call(i);
    const { user, system } = process.cpuUsage(begun);
    times[name].push(((user + system) * 1_000) / lines);
  }
for (const [name, taken] of Object.entries(times)) {
  const sorted = taken.slice(1).sort((a, b) => a - b);
  process.stdout.write(`${name.padEnd(36)} median ${Math.round(sorted[sorted.length >> 1])} ns, least ${Math.round(sorted[0])} ns\n`);
}

const heap = () => {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
};
if (globalThis.gc !== undefined) {
  const before = heap();
  const full = createDebugQueue({ service: 'shop', quiet: true });
  for (let i = 0; i < 100_000; i++) full.log('CART_READ', { correlationId: `txn-${i}`, details: { text: `${i}`.padEnd(400, 'x') } });
  process.stdout.write(
    `memory at its bounds                 ${((heap() - before) / 2 ** 20).toFixed(2)} MiB for ${full.stats().buffered} lines\n`,
  );
}

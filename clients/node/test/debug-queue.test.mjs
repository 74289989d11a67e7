import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createDebugQueue, debugQueue, log } from '../index.mjs';
import { receiver } from './receiver.mjs';

const require = createRequire(import.meta.url);
const here = dirname(fileURLToPath(import.meta.url));
const quick = { eventDelayMs: 1, lineDelayMs: 1, quiet: true, service: 'shop' };

async function withQueue(options, use) {
  const to = await receiver();
  const queue = createDebugQueue({ ...quick, url: to.url, ...options });
  try {
    await use(queue, to);
  } finally {
    await queue.close();
    await to.stop();
  }
}

describe('debugQueue', () => {
  it('is the same by import and by require', () => {
    const required = require('../index.cjs');
    assert.equal(required.debugQueue, debugQueue);
    assert.equal(required.log, log);
  });

  it('keeps what is of low priority, and sends it with what goes wrong in the same transaction', () =>
    withQueue({}, async (queue, to) => {
      queue.log('CART_READ', { correlationId: 'a', details: { items: 2 } });
      queue.log('CART_READ', { correlationId: 'b' });
      await queue.flush();
      assert.deepEqual(to.requests, []);
      queue.log('PAYMENT_FAILED', { correlationId: 'a', errorCode: 'DECLINED' }, { priority: 'high' });
      await queue.flush();
      assert.deepEqual(
        to.at('/webhook/event').map(({ eventType, correlationId }) => [eventType, correlationId]),
        [['PAYMENT_FAILED', 'a']],
      );
      assert.deepEqual(
        to.at('/ingest/logs').map(({ message, correlationId }) => [message, correlationId]),
        [['CART_READ {"items":2}', 'a']],
      );
      assert.equal(queue.stats().buffered, 1);
    }));

  it('sends on what follows in that transaction for a while', () =>
    withQueue({}, async (queue, to) => {
      queue.log('X', { correlationId: 'a' }, { priority: 'high' });
      queue.log('AFTERWARDS', { correlationId: 'a' });
      queue.log('ELSEWHERE', { correlationId: 'b' });
      await queue.flush();
      assert.deepEqual(
        to.at('/ingest/logs').map(({ message }) => message),
        ['AFTERWARDS {}'],
      );
    }));

  it('reads a low event as it was when it was logged', () =>
    withQueue({}, async (queue, to) => {
      const details = { step: '1' };
      queue.log('STEP', { correlationId: 'a', details });
      details.step = '2';
      queue.log('X', { correlationId: 'a' }, { priority: 'high' });
      await queue.flush();
      assert.equal(to.at('/ingest/logs')[0].message, 'STEP {"step":"1"}');
    }));

  it('takes the correlation id from `run`, through awaits', () =>
    withQueue({}, async (queue, to) => {
      await queue.run('txn-1', async () => {
        await new Promise((resolve) => setImmediate(resolve));
        queue.log('X', {}, { priority: 'high' });
      });
      await queue.flush();
      assert.equal(to.at('/webhook/event')[0].correlationId, 'txn-1');
    }));

  it('takes it from the active OpenTelemetry span', () =>
    withQueue({}, async (queue, to) => {
      const key = Symbol.for('opentelemetry.js.api.1');
      const span = { spanContext: () => ({ traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' }) };
      const before = globalThis[key];
      globalThis[key] = {
        context: { active: () => ({ getValue: (name) => (name === Symbol.for('OpenTelemetry Context Key SPAN') ? span : undefined) }) },
      };
      try {
        queue.log('STEP');
        queue.log('X', {}, { priority: 'high' });
      } finally {
        if (before === undefined) delete globalThis[key];
        else globalThis[key] = before;
      }
      await queue.flush();
      assert.equal(to.at('/webhook/event')[0].correlationId, '0af7651916cd43dd8448eb211c80319c');
      assert.equal(to.at('/ingest/logs')[0].span_id, 'b7ad6b7169203331');
    }));

  it('never throws, whatever it is given', () =>
    withQueue({}, async (queue) => {
      const circular = {};
      circular.self = circular;
      for (const details of [
        null,
        undefined,
        7,
        circular,
        { details: circular },
        {
          details: {
            get broken() {
              throw new Error('no');
            },
          },
        },
      ])
        for (const priority of ['high', 'low', undefined]) queue.log(undefined, details, { priority });
      queue.log('X', { correlationId: 'c', details: { deep: circular } }, { priority: 'high' });
      await queue.flush();
      assert.ok(queue.stats().problems > 0);
    }));

  it('without a receiver keeps its bounds and sends nothing', async () => {
    const queue = createDebugQueue({ maxLines: 10, service: 'shop' });
    for (let i = 0; i < 100; i++) queue.log('STEP', { correlationId: `c${i}` });
    queue.log('X', { correlationId: 'c99' }, { priority: 'high' });
    await queue.flush();
    assert.equal(queue.stats().buffered, 10);
    assert.equal(queue.ring.last.size, 10);
  });
});

describe('loggers', () => {
  it('are wrapped without a change to what they do, and unwrapped', () =>
    withQueue({}, async (queue, to) => {
      const said = [];
      const logger = { info: (...args) => said.push(args), error: (...args) => said.push(args), child: () => logger };
      const { info } = logger;
      const unwrap = queue.wrap(logger, 'orders');
      queue.run('t', () => {
        logger.info('took %d items', 3);
        logger.info({ id: 7 }, 'stored');
        logger.error(new Error('boom'));
      });
      unwrap();
      assert.equal(logger.info, info);
      queue.log('X', { correlationId: 't' }, { priority: 'high' });
      await queue.flush();
      assert.equal(said.length, 3);
      const lines = to.at('/ingest/logs');
      assert.deepEqual(
        lines.slice(0, 2).map(({ level, message, logger: name }) => [level, message, name]),
        [
          ['info', 'took 3 items', 'orders'],
          ['info', 'stored {"id":7}', 'orders'],
        ],
      );
      assert.match(lines[2].message, /^Error: boom\n +at /);
    }));

  it('console comes back as it was', () => {
    const queue = createDebugQueue({ service: 'shop' });
    const before = console.debug;
    const unwrap = queue.wrapConsole();
    assert.notEqual(console.debug, before);
    unwrap();
    assert.equal(console.debug, before);
  });

  it('pino lines are read only when they are needed', () =>
    withQueue({}, async (queue, to) => {
      const stream = queue.pinoStream();
      queue.run('t', () =>
        stream.write(
          '{"level":50,"time":1772366400000,"pid":1,"hostname":"h","msg":"failed","err":{"type":"Error","message":"no","stack":"Error: no\\n    at x"},"orderId":7}\n',
        ),
      );
      queue.run('t', () => stream.write('not json\n'));
      queue.log('X', { correlationId: 't' }, { priority: 'high' });
      await queue.flush();
      const [first, second] = to.at('/ingest/logs');
      assert.deepEqual(
        [first.level, first.timestamp, first.message],
        ['error', '2026-03-01T12:00:00.000Z', 'failed {"orderId":7}\nError: no\n    at x'],
      );
      assert.equal(second.message, 'not json');
    }));

  it('winston takes the transport as it is', () =>
    withQueue({}, async (queue, to) => {
      const transport = queue.winstonTransport();
      queue.run('t', () => transport.write({ level: 'warn', message: 'slow', ms: 900 }));
      queue.log('X', { correlationId: 't' }, { priority: 'high' });
      await queue.flush();
      assert.deepEqual(
        to.at('/ingest/logs').map(({ level, message }) => [level, message]),
        [['warn', 'slow {"ms":900}']],
      );
    }));
});

describe('delivery', () => {
  it('packs what is large, on one connection', () =>
    withQueue({}, async (queue, to) => {
      for (let i = 0; i < 30; i++) queue.log('STEP', { correlationId: 'a', details: { text: 'x'.repeat(100) } });
      queue.log('X', { correlationId: 'a' }, { priority: 'high' });
      await queue.flush();
      queue.log('Y', { correlationId: 'b' }, { priority: 'high' });
      await queue.flush();
      assert.equal(to.at('/ingest/logs').length, 30);
      assert.deepEqual(
        to.requests.map(({ encoding }) => encoding),
        [undefined, 'gzip', undefined],
      );
      assert.equal(new Set(to.requests.map(({ port }) => port)).size, 1);
    }));

  it('tries again when asked to, and waits as long as it is told', () =>
    withQueue({}, async (queue, to) => {
      to.answer(503, { 'retry-after': '0' });
      to.answer(429, { 'retry-after': '0' });
      queue.log('X', { correlationId: 'a' }, { priority: 'high' });
      await queue.flush();
      assert.equal(to.requests.length, 3);
      assert.deepEqual([queue.stats().sent, queue.stats().failed], [1, 0]);
    }));

  it('gives up what is refused, at once', () =>
    withQueue({}, async (queue, to) => {
      to.answer(400);
      queue.log('X', { correlationId: 'a' }, { priority: 'high' });
      await queue.flush();
      assert.equal(to.requests.length, 1);
      assert.equal(queue.stats().rejected, 1);
    }));

  it('drops lines before events, and says how many', () =>
    withQueue({ maxQueued: 5, eventDelayMs: 60_000, lineDelayMs: 60_000 }, async (queue, to) => {
      for (let i = 0; i < 4; i++) queue.log('STEP', { correlationId: 'a', details: { i } });
      for (const id of ['a', 'b', 'c', 'd']) queue.log('X', { correlationId: id }, { priority: 'high' });
      await queue.flush();
      assert.deepEqual(
        to.at('/webhook/event').map(({ correlationId }) => correlationId),
        ['a', 'b', 'c', 'd'],
      );
      assert.deepEqual(
        to.at('/ingest/logs').map(({ message }) => message),
        ['STEP {"i":3}', 'debug-queue dropped 3 records'],
      );
    }));

  it('sends the token and nothing of it elsewhere', () =>
    withQueue({ token: 's3cr3t-token' }, async (queue, to) => {
      queue.log('X', { correlationId: 'a' }, { priority: 'high' });
      await queue.flush();
      assert.equal(to.requests[0].authorization, 'Bearer s3cr3t-token');
    }));

  it('speaks to Loki as well', () =>
    withQueue({ target: 'loki' }, async (queue, to) => {
      queue.log('STEP', { correlationId: 'a' });
      queue.log('X', { correlationId: 'a', errorCode: 'E' }, { priority: 'high' });
      await queue.flush();
      const { streams } = to.requests.map(({ body }) => body).reduce((a, b) => ({ streams: [...a.streams, ...b.streams] }));
      assert.deepEqual(
        streams.map(({ stream }) => stream).sort((a, b) => a.level.localeCompare(b.level)),
        [
          { service_name: 'shop', level: 'error' },
          { service_name: 'shop', level: 'info' },
        ],
      );
      for (const { values } of streams)
        for (const [at, , metadata] of values) {
          assert.match(at, /^\d{19}$/);
          assert.equal(metadata.correlation_id, 'a');
        }
    }));
});

describe('the end of a process', () => {
  const program = (end) => `
    const { debugQueue } = require(${JSON.stringify(join(here, '..', 'index.cjs'))});
    debugQueue.log('STEP', { correlationId: 'a' });
    debugQueue.log('LAST', { correlationId: 'a' }, { priority: 'high' });
    ${end}`;
  const ends = {
    'runs out of work': { end: '', code: 0 },
    'calls process.exit': { end: 'process.exit(3);', code: 3 },
    throws: { end: 'throw new Error("boom");', code: 1 },
    'is terminated': { end: 'setInterval(() => {}, 1000); process.kill(process.pid, "SIGTERM");', signal: 'SIGTERM' },
  };
  for (const [name, { end, code = null, signal = null }] of Object.entries(ends))
    it(`that ${name} loses nothing`, async () => {
      const to = await receiver();
      const child = spawn(process.execPath, ['-e', program(end)], {
        env: { ...process.env, DEBUG_QUEUE_URL: to.url, DEBUG_QUEUE_SERVICE: 'shop' },
        stdio: 'ignore',
      });
      const ended = await new Promise((resolve) => child.once('close', (...how) => resolve(how)));
      assert.deepEqual(ended, [code, signal]);
      assert.deepEqual(
        to.at('/webhook/event').map(({ eventType }) => eventType),
        ['LAST'],
      );
      assert.deepEqual(
        to.at('/ingest/logs').map(({ message }) => message),
        ['STEP {}'],
      );
      await to.stop();
    });

  it('by kill -9 loses the latest at most: what arrived has no holes', async (t) => {
    const to = await receiver();
    const endless = `
      const { debugQueue } = require(${JSON.stringify(join(here, '..', 'index.cjs'))});
      let n = 0;
      setInterval(() => { debugQueue.log('STEP', { correlationId: String(n), details: { n } }, { priority: 'high' }); process.stdout.write(n++ + '\\n'); }, 5);`;
    const child = spawn(process.execPath, ['-e', endless], {
      env: { ...process.env, DEBUG_QUEUE_URL: to.url },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let said = '';
    child.stdout.on('data', (chunk) => {
      said += chunk;
      if (said.split('\n').length > 100) child.kill('SIGKILL');
    });
    await new Promise((resolve) => child.once('close', resolve));
    const logged = said.trim().split('\n').length;
    const arrived = to.at('/webhook/event').map(({ details }) => details.details.n);
    t.diagnostic(`${logged} logged, one each 5 ms, ${logged - arrived.length} lost`);
    assert.deepEqual(
      arrived,
      arrived.map((_, i) => i),
    );
    assert.ok(arrived.length > 0);
    await to.stop();
  });

  it('does not wait long for a receiver that is down', async () => {
    const to = await receiver();
    await to.stop();
    const child = spawn(process.execPath, ['-e', program('')], { env: { ...process.env, DEBUG_QUEUE_URL: to.url }, stdio: 'ignore' });
    assert.equal(await new Promise((resolve) => child.once('close', resolve)), 0);
  });
});

describe('the wire', () => {
  const file = join(here, '..', '..', 'wire-vectors.json');
  const { vectors, at, service } = JSON.parse(readFileSync(file, 'utf8'));
  for (const { name, call, line, path, body } of vectors)
    it(name, () =>
      withQueue({ service }, async (queue, to) => {
        const now = Date.now;
        Date.now = () => Date.parse(at);
        try {
          if (call !== undefined) queue.log(call.eventType, call.details, { priority: call.priority });
          else {
            queue.record(line.level, line.text, { id: line.correlationId, logger: line.logger });
            queue.alarm(
              { eventType: 'X', correlationId: line.correlationId, priority: 'high', at: Date.now(), service },
              line.correlationId,
            );
          }
        } finally {
          Date.now = now;
        }
        await queue.flush();
        assert.deepEqual(to.requests.find((request) => request.path === path).body, body);
      }),
    );
});

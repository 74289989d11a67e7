import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { describe, it } from 'node:test';
import { createDebugQueue, debugQueue, log } from '../index.mjs';
import { withQueue } from './receiver.mjs';

const require = createRequire(import.meta.url);
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

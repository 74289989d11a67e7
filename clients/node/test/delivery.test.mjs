import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { receiver, withQueue } from './receiver.mjs';

const here = dirname(fileURLToPath(import.meta.url));

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

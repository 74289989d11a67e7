'use strict';
/**
 * Gets batches to the receiver without the application noticing: bounded queue, gzip, kept-alive connections, retries with
 * jitter that honour `Retry-After`, a pause after repeated failure. What does not fit is dropped, lines before events and
 * oldest first, counted, and said with the next batch.
 */
const http = require('node:http');
const https = require('node:https');
const { gzip } = require('node:zlib');
const { requestsOf } = require('./wire.cjs');

const retryable = new Set([408, 429, 500, 502, 503, 504]);
const tries = 3;
const maxWaitMs = 8_000;
const pauseMs = 60_000;
const failuresBeforePause = 3;
const complaintEveryMs = 60_000;

class Sender {
  constructor(options) {
    this.options = options;
    this.url = new URL(options.url);
    const isSecure = this.url.protocol === 'https:';
    this.request = isSecure ? https.request : http.request;
    this.agent = new (isSecure ? https.Agent : http.Agent)({ keepAlive: true, maxSockets: 2, timeout: 45_000 });
    this.events = [];
    this.lines = [];
    this.chars = 0;
    this.timer = null;
    this.dueAt = Number.POSITIVE_INFINITY;
    this.sending = null;
    this.inFlight = null;
    this.failures = 0;
    this.pausedUntil = 0;
    this.complainedAt = 0;
    this.counts = { sent: 0, dropped: 0, failed: 0, rejected: 0 };
    this.saidDropped = 0;
  }

  addEvent(event) {
    this.put(this.events, event);
    this.schedule(this.options.eventDelayMs);
  }

  addLines(lines, delayMs = this.options.lineDelayMs) {
    for (const line of lines) this.put(this.lines, line);
    this.schedule(delayMs);
  }

  put(queue, record) {
    const entry = { record, size: JSON.stringify(record).length };
    const { maxQueued, maxQueuedChars } = this.options;
    while (
      this.events.length + this.lines.length > 0 &&
      (this.events.length + this.lines.length >= maxQueued || this.chars + entry.size > maxQueuedChars)
    ) {
      // A line never drives an event out.
      if (this.lines.length === 0 && queue === this.lines) {
        this.counts.dropped++;
        return;
      }
      this.chars -= (this.lines.length > 0 ? this.lines : this.events).shift().size;
      this.counts.dropped++;
    }
    queue.push(entry);
    this.chars += entry.size;
  }

  schedule(delayMs) {
    const dueAt = Date.now() + delayMs;
    if (this.timer !== null && this.dueAt <= dueAt) return;
    clearTimeout(this.timer);
    this.dueAt = dueAt;
    this.timer = setTimeout(() => {
      this.timer = null;
      void this.drain();
    }, delayMs);
    // An application that is done must not wait for us; `flush` on exit does what can be done.
    this.timer.unref?.();
  }

  /** Sends all there is; one at a time. Never rejects. */
  drain() {
    this.sending ??= this.sendAll().finally(() => {
      this.sending = null;
    });
    return this.sending;
  }

  async sendAll() {
    while (this.events.length + this.lines.length > 0) {
      const waitMs = this.pausedUntil - Date.now();
      if (waitMs > 0) {
        this.schedule(waitMs);
        return;
      }
      const { events, lines } = this.nextBatch();
      for (const { path, body, count } of this.withDropped(events, lines)) {
        this.inFlight = { path, body };
        const outcome = await this.deliver(path, body);
        this.inFlight = null;
        this.note(outcome, count);
      }
    }
  }

  nextBatch() {
    const { maxBatch, maxBatchChars } = this.options;
    let room = maxBatchChars;
    const takeFrom = (queue, most) => {
      const taken = [];
      while (queue.length > 0 && taken.length < most && (taken.length === 0 || queue[0].size <= room)) {
        const entry = queue.shift();
        room -= entry.size;
        this.chars -= entry.size;
        taken.push(entry.record);
      }
      return taken;
    };
    const events = takeFrom(this.events, maxBatch);
    return { events, lines: room > 0 ? takeFrom(this.lines, maxBatch - events.length) : [] };
  }

  /** What was dropped since it was last said goes along as a line of its own. */
  withDropped(events, lines) {
    const dropped = this.counts.dropped - this.saidDropped;
    this.saidDropped = this.counts.dropped;
    const said =
      dropped === 0
        ? lines
        : [
            ...lines,
            {
              timestamp: new Date().toISOString(),
              level: 'warn',
              service: this.options.service,
              message: `debug-queue dropped ${dropped} records`,
              logger: 'debug-queue',
            },
          ];
    return requestsOf(this.options.target, { events, lines: said }).map((request) => ({
      ...request,
      count: Array.isArray(request.body) ? request.body.length : events.length + lines.length,
    }));
  }

  note(outcome, count) {
    if (outcome === 'sent') {
      this.counts.sent += count;
      this.failures = 0;
      return;
    }
    this.counts[outcome === 'rejected' ? 'rejected' : 'failed'] += count;
    if (outcome === 'failed' && ++this.failures >= failuresBeforePause) this.pausedUntil = Date.now() + pauseMs;
    this.complain(outcome);
  }

  /** On stderr, once a minute at most, and never with what was to be sent. */
  complain(outcome) {
    if (Date.now() - this.complainedAt < complaintEveryMs || this.options.quiet) return;
    this.complainedAt = Date.now();
    process.stderr.write(
      `debug-queue: ${this.url.host} ${outcome === 'rejected' ? 'refuses what is sent' : 'cannot be reached'}; ${this.counts.failed + this.counts.rejected} records lost so far\n`,
    );
  }

  async deliver(path, body) {
    for (let attempt = 1; ; attempt++) {
      const { status, retryAfterMs } = await this.post(path, body).catch(() => ({ status: 0, retryAfterMs: null }));
      if (status >= 200 && status < 300) return 'sent';
      if (status !== 0 && !retryable.has(status)) return 'rejected';
      if (attempt >= tries) return 'failed';
      await wait(retryAfterMs ?? Math.random() * Math.min(maxWaitMs, 500 * 4 ** (attempt - 1)));
    }
  }

  async post(path, body) {
    const { payload, headers } = await packed(body, this.headers());
    return new Promise((resolve, reject) => {
      const target = new URL(`${this.url.pathname.replace(/\/+$/, '')}${path}`, this.url);
      const request = this.request(target, { method: 'POST', agent: this.agent, headers, timeout: this.options.timeoutMs }, (response) => {
        response.resume();
        response.on('end', () => resolve({ status: response.statusCode, retryAfterMs: retryAfter(response.headers['retry-after']) }));
        response.on('error', reject);
      });
      request.on('socket', (socket) => socket.unref?.());
      request.on('timeout', () => request.destroy(new Error('timeout')));
      request.on('error', reject);
      request.end(payload);
    });
  }

  headers() {
    const { token, headers } = this.options;
    return { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}), ...headers };
  }

  /** What is not known to have arrived, for a last try while the process ends. */
  leftOver() {
    const events = this.events.splice(0).map(({ record }) => record);
    const lines = this.lines.splice(0).map(({ record }) => record);
    this.chars = 0;
    return [...(this.inFlight === null ? [] : [this.inFlight]), ...requestsOf(this.options.target, { events, lines })];
  }

  close() {
    clearTimeout(this.timer);
    this.timer = null;
    this.agent.destroy();
  }
}

const packFrom = 1_024;

function packed(body, headers) {
  const text = JSON.stringify(body);
  if (text.length < packFrom) return Promise.resolve({ payload: text, headers: { ...headers, 'content-length': Buffer.byteLength(text) } });
  return new Promise((resolve, reject) => {
    gzip(text, (error, payload) =>
      error ? reject(error) : resolve({ payload, headers: { ...headers, 'content-encoding': 'gzip', 'content-length': payload.length } }),
    );
  });
}

function retryAfter(value) {
  if (value === undefined) return null;
  const seconds = Number(value);
  const ms = Number.isFinite(seconds) ? seconds * 1_000 : Date.parse(value) - Date.now();
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), pauseMs) : null;
}

function wait(ms) {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref?.();
  });
}

module.exports = { Sender };

'use strict';
/**
 * debug-queue: a flight recorder. Low-priority lines and events cost next to nothing and stay in memory; when something of
 * high priority happens it is sent at once, with the lines of the same correlation id that led to it. It never throws into
 * the application and never makes it wait.
 */
const { activeSpan, correlationId: currentCorrelationId, run } = require('./lib/context.cjs');
const { flushAtExit } = require('./lib/exit-flush.cjs');
const { pinoStream, textOf, winstonTransport, wrapMethods } = require('./lib/loggers.cjs');
const { redactText } = require('./lib/redact.cjs');
const { Ring } = require('./lib/ring.cjs');
const { Sender } = require('./lib/sender.cjs');
const { levels, wireEvent, wireLine } = require('./lib/wire.cjs');

const defaults = {
  target: 'tracepulse',
  quiet: false,
  maxLines: 2_000,
  /** Characters; V8 keeps most text in one byte a character. */
  maxLineChars: 1_048_576,
  maxLinesPerEvent: 200,
  maxQueued: 1_000,
  maxQueuedChars: 1_048_576,
  maxBatch: 200,
  maxBatchChars: 262_144,
  eventDelayMs: 100,
  lineDelayMs: 1_000,
  timeoutMs: 5_000,
  /** After something of high priority, later lines of its id go out as well. */
  followMs: 5_000,
};
const lineOverhead = 96;
const maxFollowed = 256;
const exitWaitMs = 2_000;

function fromEnvironment(env) {
  const { DEBUG_QUEUE_URL, DEBUG_QUEUE_TOKEN, DEBUG_QUEUE_SERVICE, DEBUG_QUEUE_TARGET, OTEL_SERVICE_NAME } = env;
  const service = DEBUG_QUEUE_SERVICE ?? OTEL_SERVICE_NAME;
  return {
    ...(DEBUG_QUEUE_URL ? { url: DEBUG_QUEUE_URL } : {}),
    ...(DEBUG_QUEUE_TOKEN ? { token: DEBUG_QUEUE_TOKEN } : {}),
    ...(service ? { service } : {}),
    ...(DEBUG_QUEUE_TARGET ? { target: DEBUG_QUEUE_TARGET } : {}),
  };
}

class DebugQueue {
  constructor(options = {}) {
    this.unhook = null;
    this.configure(options);
  }

  /** Settings may come after the first lines: those stay. Without a `url` everything is kept in memory and nothing is sent. */
  configure(options = {}) {
    this.options = { ...defaults, service: 'unknown', ...fromEnvironment(process.env), ...this.given, ...options };
    this.given = { ...this.given, ...options };
    const { maxLines, maxLineChars, url } = this.options;
    if (this.ring === undefined || this.ring.maxLines !== maxLines || this.ring.maxChars !== maxLineChars)
      this.ring = new Ring(maxLines, maxLineChars);
    this.followed ??= new Map();
    this.problems ??= 0;
    const before = this.sender;
    this.sender = null;
    if (isUrl(url)) {
      this.sender = new Sender(this.options);
      this.hookExit();
    }
    if (before) {
      for (const { record } of before.events) this.sender?.addEvent(record);
      this.sender?.addLines(before.lines.map(({ record }) => record));
      before.close();
    }
    return this;
  }

  log(eventType, details, options) {
    try {
      const given = details ?? {};
      const id = given.correlationId ?? currentCorrelationId() ?? null;
      const event = {
        eventType: String(eventType),
        correlationId: id === null ? 'unknown' : String(id),
        priority: options?.priority === 'high' ? 'high' : 'low',
        at: Date.now(),
        service: given.service ?? this.options.service,
        errorCode: given.errorCode,
        // The caller may go on with its object.
        details: given.details === undefined ? undefined : { ...given.details },
      };
      if (event.priority === 'high') this.alarm(event, id);
      else
        this.record('info', () => `${event.eventType} ${safeText(event)}`, {
          id,
          service: event.service,
          at: event.at,
          size: 64 + sizeOf(event),
        });
    } catch {
      this.problems++;
    }
  }

  alarm(event, id) {
    if (this.sender === null) return;
    this.sender.addEvent(wireEvent(event));
    if (id === null) return;
    const lines = this.ring.take(String(id), this.options.maxLinesPerEvent).map((line) => this.toWire(line));
    // The lines that explain it travel as soon as it does.
    if (lines.length > 0) this.sender.addLines(lines, this.options.eventDelayMs);
    this.followed.delete(String(id));
    this.followed.set(String(id), event.at + this.options.followMs);
    if (this.followed.size > maxFollowed) this.followed.delete(this.followed.keys().next().value);
  }

  /** `text`: the line, or a function that makes it when it is needed. */
  record(level, text, { id = currentCorrelationId(), service, at = Date.now(), size = 0, logger } = {}) {
    const key = id === null ? '' : String(id);
    const span = activeSpan();
    const line = {
      id: key,
      at,
      level,
      text,
      service,
      logger,
      traceId: span === null ? null : span.traceId,
      spanId: span === null ? null : span.spanId,
      size: lineOverhead + (typeof text === 'string' ? text.length : size),
      before: -1,
    };
    const until = this.followed.size === 0 ? undefined : this.followed.get(key);
    if (until !== undefined && this.sender !== null) {
      if (at <= until) {
        this.sender.addLines([this.toWire(line)]);
        return;
      }
      this.followed.delete(key);
    }
    this.ring.add(line);
  }

  toWire(line) {
    const made = typeof line.text === 'function' ? line.text() : line.text;
    const { level, at, text, logger } = typeof made === 'object' ? { ...line, ...made } : { ...line, text: made };
    return wireLine({
      ...line,
      level,
      at: at ?? line.at,
      text,
      logger,
      id: line.id === '' ? null : line.id,
      service: line.service ?? this.options.service,
    });
  }

  /** Everything until `work` ends, and what it starts, belongs to this correlation id. */
  run(correlationId, work) {
    return run(correlationId, work);
  }

  wrap(logger, name) {
    return wrapMethods(logger, (level, args, as) => this.observe(level, args, as), name);
  }

  wrapConsole(target = console) {
    return this.wrap(target, 'console');
  }

  observe(level, args, logger) {
    try {
      const only = args.length === 1 && typeof args[0] === 'string' ? args[0] : null;
      // What an object says must be read now; it may have changed by the time it is needed.
      this.record(levels[level] === undefined ? 'info' : level, only ?? textOf(args), { logger });
    } catch {
      this.problems++;
    }
  }

  pinoStream() {
    return pinoStream((raw, read) => {
      try {
        this.record('info', () => read(raw), { size: raw.length });
      } catch {
        this.problems++;
      }
    });
  }

  winstonTransport() {
    return winstonTransport((level, args) => this.observe(level, args, 'winston'));
  }

  /** Resolves when what is queued was sent or given up, or after `timeoutMs`. Never rejects. */
  async flush(timeoutMs = exitWaitMs) {
    if (this.sender === null) return;
    clearTimeout(this.sender.timer);
    this.sender.timer = null;
    let timer;
    const late = new Promise((resolve) => {
      timer = setTimeout(resolve, timeoutMs);
    });
    await Promise.race([this.sender.drain(), late]);
    clearTimeout(timer);
  }

  async close(timeoutMs = exitWaitMs) {
    await this.flush(timeoutMs);
    this.unhook?.();
    this.sender?.close();
    this.sender = null;
  }

  stats() {
    const counts = this.sender?.counts ?? { sent: 0, dropped: 0, failed: 0, rejected: 0 };
    return {
      ...counts,
      buffered: this.ring.length,
      queued: this.sender === null ? 0 : this.sender.events.length + this.sender.lines.length,
      problems: this.problems,
    };
  }

  hookExit() {
    if (this.unhook !== null) return;
    // Once: where the receiver is down, waiting again and again would keep the process alive for ever.
    const idle = () => {
      process.removeListener('beforeExit', idle);
      if (this.sender !== null && this.sender.events.length + this.sender.lines.length > 0) void this.flush();
    };
    const exit = () => {
      const requests = this.sender?.leftOver() ?? [];
      if (requests.length > 0) flushAtExit({ url: this.options.url, headers: this.sender.headers(), requests });
    };
    const terminate = () => {
      // Whoever else listens decides when the process ends; alone, it ends as it would have without us.
      const isAlone = process.listenerCount('SIGTERM') === 1;
      void this.flush().then(() => {
        if (!isAlone) return;
        process.removeListener('SIGTERM', terminate);
        process.kill(process.pid, 'SIGTERM');
      });
    };
    process.on('beforeExit', idle);
    process.on('exit', exit);
    process.on('SIGTERM', terminate);
    this.unhook = () => {
      process.removeListener('beforeExit', idle);
      process.removeListener('exit', exit);
      process.removeListener('SIGTERM', terminate);
      this.unhook = null;
    };
  }
}

function isUrl(text) {
  try {
    return /^https?:$/.test(new URL(text).protocol);
  } catch {
    return false;
  }
}

/** Texts by their length, anything else by a guess: only the bound must hold. */
function sizeOf({ details, eventType }) {
  let size = eventType.length;
  if (typeof details === 'object' && details !== null)
    for (const key in details) size += key.length + (typeof details[key] === 'string' ? details[key].length : 16);
  return size;
}

function safeText({ errorCode, details }) {
  try {
    return redactText(JSON.stringify({ ...(errorCode === undefined ? {} : { errorCode }), ...details }));
  } catch {
    return '';
  }
}

function createDebugQueue(options) {
  return new DebugQueue(options);
}

/** The one most applications need: set up by `configure` or by DEBUG_QUEUE_URL, DEBUG_QUEUE_TOKEN and DEBUG_QUEUE_SERVICE. */
const debugQueue = new DebugQueue();
const log = (eventType, details, options) => debugQueue.log(eventType, details, options);

module.exports = { createDebugQueue, debugQueue, log };

'use strict';
/** Puts the recorder beside loggers that exist. Each wrap leaves the logger's own output as it was and can be taken off again. */
const { Writable } = require('node:stream');
const { format } = require('node:util');

const methods = {
  trace: 'trace',
  debug: 'debug',
  verbose: 'debug',
  silly: 'trace',
  http: 'info',
  log: 'info',
  info: 'info',
  notice: 'info',
  warn: 'warn',
  warning: 'warn',
  error: 'error',
  crit: 'fatal',
  critical: 'fatal',
  fatal: 'fatal',
};
const pinoLevels = { 10: 'trace', 20: 'debug', 30: 'info', 40: 'warn', 50: 'error', 60: 'fatal' };

/** Any object with methods named after levels; answers a function that takes the wrap off. */
function wrapMethods(logger, record, name) {
  const originals = new Map();
  for (const [method, level] of Object.entries(methods)) {
    const original = logger[method];
    if (typeof original !== 'function') continue;
    originals.set(method, Object.getOwnPropertyDescriptor(logger, method));
    logger[method] = function recorded(...args) {
      record(level, args, name);
      return original.apply(this, args);
    };
  }
  return () => {
    for (const [method, descriptor] of originals) {
      if (descriptor === undefined) delete logger[method];
      else Object.defineProperty(logger, method, descriptor);
    }
  };
}

/** As console writes it: text with its placeholders filled, errors with their stacks. */
function textOf(args) {
  if (args.length === 1 && typeof args[0] === 'string') return args[0];
  // Loggers that take an object first, a text second.
  if (args.length === 2 && typeof args[1] === 'string' && isPlainObject(args[0])) return `${args[1]} ${safeJson(args[0])}`;
  return format(...args);
}

function isPlainObject(value) {
  return typeof value === 'object' && value !== null && !(value instanceof Error) && !Array.isArray(value);
}

function safeJson(value) {
  try {
    return JSON.stringify(value) ?? '';
  } catch {
    return '[not serialisable]';
  }
}

/** For `pino(options, pino.multistream([{ stream: process.stdout }, { level: 'trace', stream: debugQueue.pinoStream() }]))`. */
function pinoStream(recordRaw) {
  return {
    write(line) {
      recordRaw(line, fromPino);
    },
  };
}

function fromPino(raw) {
  try {
    const { level, time, msg, err, name, pid: _pid, hostname: _hostname, ...rest } = JSON.parse(raw);
    const failure = err?.stack ?? err?.message;
    const extra = Object.keys(rest).length === 0 ? '' : ` ${safeJson(rest)}`;
    return {
      level: pinoLevels[level] ?? 'info',
      at: typeof time === 'number' ? time : undefined,
      text: `${msg ?? ''}${extra}${failure ? `\n${failure}` : ''}`,
      logger: name,
    };
  } catch {
    return { level: 'info', text: String(raw).trimEnd() };
  }
}

/** For `winston.createLogger({ transports: [..., debugQueue.winstonTransport()] })`: a stream of objects is a transport. */
function winstonTransport(record) {
  return new Writable({
    objectMode: true,
    write(entry, _encoding, done) {
      const { level, message, stack, service: _service, ...rest } = entry;
      const extra = Object.keys(rest).length === 0 ? '' : ` ${safeJson(rest)}`;
      record(methods[String(level)] ?? 'info', [`${message}${extra}${stack ? `\n${stack}` : ''}`]);
      done();
    },
  });
}

module.exports = { pinoStream, textOf, winstonTransport, wrapMethods };

'use strict';
/**
 * What goes over the wire, for both kinds of receiver. TracePulse: events to `/webhook/event`, lines to `/ingest/logs`.
 * Loki: both as lines of a stream per service and level. `clients/wire-vectors.json` shows each on an example.
 */
const { redactDeep, redactText } = require('./redact.cjs');

const levels = { trace: 1, debug: 5, info: 9, warn: 13, error: 17, fatal: 21 };
const maxText = 16_384;

function cut(text) {
  return text.length <= maxText ? text : `${text.slice(0, maxText)}…`;
}

/** The seed's form, with a time. */
function wireEvent({ eventType, correlationId, priority, at, service, errorCode, details }) {
  return {
    eventType,
    correlationId,
    priority,
    at: new Date(at).toISOString(),
    details: redactDeep({ service, ...(errorCode === undefined ? {} : { errorCode }), ...(details === undefined ? {} : { details }) }),
  };
}

function wireLine({ at, level, service, text, id, traceId, spanId, logger }) {
  return {
    timestamp: new Date(at).toISOString(),
    level,
    service,
    message: redactText(cut(text)),
    ...(id === null ? {} : { correlationId: id }),
    ...(traceId ? { trace_id: traceId } : {}),
    ...(spanId ? { span_id: spanId } : {}),
    ...(logger ? { logger } : {}),
  };
}

/** Batches for a receiver: `{ path, body }`, each to be sent by itself. */
function requestsOf(target, { events, lines }) {
  if (target === 'loki') return events.length + lines.length === 0 ? [] : [{ path: '/loki/api/v1/push', body: lokiPush(events, lines) }];
  return [
    ...(events.length === 0 ? [] : [{ path: '/webhook/event', body: events }]),
    ...(lines.length === 0 ? [] : [{ path: '/ingest/logs', body: lines }]),
  ];
}

function lokiPush(events, lines) {
  const streams = new Map();
  const put = (service, level, at, text, metadata) => {
    const key = `${level} ${service}`;
    const stream = streams.get(key) ?? { stream: { service_name: service, level }, values: [] };
    streams.set(key, stream);
    stream.values.push([`${Date.parse(at)}000000`, text, metadata]);
  };
  for (const line of lines) {
    const metadata = Object.fromEntries(
      [
        ['correlation_id', line.correlationId],
        ['trace_id', line.trace_id],
        ['span_id', line.span_id],
      ].filter(([, value]) => value !== undefined),
    );
    put(line.service, line.level, line.timestamp, line.message, metadata);
  }
  for (const event of events) put(event.details.service, 'error', event.at, JSON.stringify(event), { correlation_id: event.correlationId });
  return { streams: [...streams.values()] };
}

module.exports = { levels, requestsOf, wireEvent, wireLine };

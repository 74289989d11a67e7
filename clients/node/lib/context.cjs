'use strict';
/** Which transaction the code that runs now belongs to: what `run` said, else the active OpenTelemetry span's trace. */
const { AsyncLocalStorage } = require('node:async_hooks');

const storage = new AsyncLocalStorage();

/** Where @opentelemetry/api 1.x keeps its global parts, and the key of the active span; read without depending on it. */
const globalKey = Symbol.for('opentelemetry.js.api.1');
const spanKey = Symbol.for('OpenTelemetry Context Key SPAN');
const noTrace = '00000000000000000000000000000000';

function activeSpan() {
  try {
    const span = globalThis[globalKey]?.context?.active()?.getValue(spanKey)?.spanContext();
    return span !== undefined && span.traceId !== noTrace ? span : null;
  } catch {
    return null;
  }
}

function correlationId() {
  return storage.getStore() ?? activeSpan()?.traceId ?? null;
}

function run(id, work) {
  return storage.run(String(id), work);
}

module.exports = { activeSpan, correlationId, run };

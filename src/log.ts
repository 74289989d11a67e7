/** Structured logs: one JSON object a line on stderr, constant text plus fields, redacted. stdout is for answers. */
import { trace } from '@opentelemetry/api';
import type { Log } from './adapter.ts';

const levels = ['debug', 'info', 'warn', 'error'] as const;
export type Level = (typeof levels)[number];

export interface LogOptions {
  readonly level: Level;
  readonly now: () => number;
  readonly redact: <T>(value: T) => { readonly value: T };
  readonly write: (line: string) => void;
}

/** Deeper or longer fields are cut: a log line is for reading. */
const maxField = 2_000;
/** Of longer ones not even the beginning of the rest is looked at. */
const maxRead = 8_000;

export function createLog({ level, now, redact, write }: LogOptions): Log {
  const least = levels.indexOf(level);
  const at =
    (severity: Level) =>
    (text: string, fields: Readonly<Record<string, unknown>> = {}) => {
      if (levels.indexOf(severity) < least) return;
      const shown = redact(Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, field(value)]))).value;
      const written = Object.fromEntries(Object.entries(shown).map(([name, value]) => [name, cut(value)]));
      // Twice: they stand first, and no field takes their place.
      const head = { at: new Date(now()).toISOString(), level: severity, text, ...underWay() };
      write(`${JSON.stringify({ ...head, ...written, ...head })}\n`);
    };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

/** Where own traces are sent (OTEL_EXPORTER_OTLP_ENDPOINT), a line says in which it was written. */
function underWay(): { readonly traceId?: string } {
  const span = trace.getActiveSpan();
  return span?.isRecording() === true ? { traceId: span.spanContext().traceId } : {};
}

/** Names tell of secrets too, so fields are redacted with them, and before they are cut. */
function field(value: unknown): unknown {
  if (typeof value === 'number' || typeof value === 'boolean' || value === null || value === undefined) return value;
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value));
  return text.slice(0, maxRead);
}

function cut(value: unknown): unknown {
  return typeof value === 'string' && value.length > maxField ? `${value.slice(0, maxField).toWellFormed()}…` : value;
}

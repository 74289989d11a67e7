/** Structured logs: one JSON object a line on stderr, constant text plus fields, redacted. stdout is for answers. */
import type { Log } from './adapter.ts';

const levels = ['debug', 'info', 'warn', 'error'] as const;
export type Level = (typeof levels)[number];

export interface LogOptions {
  readonly level: Level;
  readonly now: () => number;
  readonly redact: (text: string) => string;
  readonly write: (line: string) => void;
}

/** Deeper or longer fields are cut: a log line is for reading. */
const maxField = 2_000;

export function createLog({ level, now, redact, write }: LogOptions): Log {
  const least = levels.indexOf(level);
  const at =
    (severity: Level) =>
    (text: string, fields: Readonly<Record<string, unknown>> = {}) => {
      if (levels.indexOf(severity) < least) return;
      const shown = Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, field(value, redact)]));
      write(`${JSON.stringify({ at: new Date(now()).toISOString(), level: severity, text, ...shown })}\n`);
    };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

function field(value: unknown, redact: (text: string) => string): unknown {
  if (typeof value === 'number' || typeof value === 'boolean' || value === null || value === undefined) return value;
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value));
  return redact(text.slice(0, maxField));
}

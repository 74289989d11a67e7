import type { z } from 'zod';

/** What an adapter may use of the world; handed in so that tests can stand in for it. */
export interface Tools {
  readonly fetch: typeof globalThis.fetch;
  /** ms since the epoch. */
  readonly now: () => number;
  readonly log: Log;
}

/** Constant text plus fields; fields are redacted before they are written. */
export interface Log {
  debug(text: string, fields?: Readonly<Record<string, unknown>>): void;
  info(text: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(text: string, fields?: Readonly<Record<string, unknown>>): void;
  error(text: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** What can be asked one harmless question, for `check --probe`: says in a few words what was found, or throws a Failure. */
export interface Probed {
  probe?(signal: AbortSignal): Promise<string>;
}

/**
 * The one shape of everything pluggable. Settings are named as in the environment: grep LOKI_URL finds everything about it.
 * Needs some settings and none is set: off. Some set but wrong: startup lists every problem.
 */
export interface Adapter<Port, Settings extends z.ZodObject = z.ZodObject> {
  /** The word users type. */
  readonly id: string;
  readonly settings: Settings;
  /** Any of these turns it on, where it needs none in particular. */
  readonly anyOf?: readonly string[];
  /** No I/O here. */
  create(settings: z.infer<Settings>, tools: Tools): Port;
}

/** `logSource({ id, settings, create })` with the settings' type inferred: one definer per port. */
export function definer<Port>() {
  return <Settings extends z.ZodObject>(adapter: Adapter<Port, Settings>): Adapter<Port> => adapter as unknown as Adapter<Port>;
}

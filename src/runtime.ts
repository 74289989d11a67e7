/**
 * Can this runtime run the product? Asked for what is needed rather than for a version: Bun before 1.4.4 replaces the
 * `undici` package by a built-in without `ping`, and Slack's socket then reconnects every few seconds.
 */
import { createRequire } from 'node:module';

/** A sentence that says what is missing, or null when nothing is. */
export function runtimeProblem(): string | null {
  return problemOf({ undici: loaded('undici'), sqlite: loaded('node:sqlite'), name: runtimeName() });
}

export interface Capabilities {
  /** What requiring them gave; null when that failed. */
  readonly undici: unknown;
  readonly sqlite: unknown;
  readonly name: string;
}

export function problemOf({ undici, sqlite, name }: Capabilities): string | null {
  const needed = 'needs Bun 1.4.5 (installed by npm ci) or Node 24 or newer';
  if (typeof member(sqlite, 'DatabaseSync') !== 'function') return `${name} has no node:sqlite; TracePulse ${needed}.`;
  if (typeof member(undici, 'ping') !== 'function')
    return `${name} cannot keep Slack's socket alive (no undici.ping); TracePulse ${needed}.`;
  return null;
}

function member(module: unknown, name: string): unknown {
  return typeof module === 'object' && module !== null ? Reflect.get(module, name) : undefined;
}

function loaded(name: string): unknown {
  try {
    return createRequire(import.meta.url)(name);
  } catch {
    return null;
  }
}

function runtimeName(): string {
  const bun = process.versions['bun'];
  return bun === undefined ? `Node ${process.versions.node}` : `Bun ${bun}`;
}

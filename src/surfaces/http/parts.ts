/** What the groups of routes are built from, and the limits that hold where nothing else is said. */
import type { Log } from '../../adapter.ts';
import type { ApiToken } from '../../domain/access.ts';
import type { Limits } from './rates.ts';
import type { BodyLimits, Budget } from './request-body.ts';

/** Secrets as they stand in the environment; absent ones leave their routes open, which startup allows on loopback only. */
export interface HttpSettings {
  /** Where we listen: on an address that others can reach, nothing is read without a token. */
  readonly HOST?: string | undefined;
  readonly TRACEPULSE_WEBHOOK_TOKEN?: string | undefined;
  readonly TRACEPULSE_API_TOKEN?: string | undefined;
  readonly TRACEPULSE_API_TOKENS?: readonly ApiToken[] | undefined;
  readonly TRACEPULSE_JWT_SECRET?: string | undefined;
  readonly GITHUB_WEBHOOK_SECRET?: string | undefined;
  readonly TRACEPULSE_MCP_FEEDBACK?: 'on' | 'off' | undefined;
  /** Where people reach us. */
  readonly TRACEPULSE_URL?: string | undefined;
}

export interface HttpLimits {
  readonly alerts: BodyLimits;
  readonly telemetry: BodyLimits;
  readonly api: BodyLimits;
  /** Bytes that all bodies being worked on may hold together. */
  readonly alertBudgetBytes: number;
  readonly telemetryBudgetBytes: number;
}

const mebibyte = 2 ** 20;

/** OTLP's own recommendation is 64 MiB, before and after unpacking (PROTOCOLS B1); no alert sender comes near 8 MiB. */
export const defaultLimits: HttpLimits = {
  alerts: { maxBytes: 8 * mebibyte, maxUnpackedBytes: 8 * mebibyte, deadlineMs: 15_000 },
  telemetry: { maxBytes: 64 * mebibyte, maxUnpackedBytes: 64 * mebibyte, deadlineMs: 30_000 },
  api: { maxBytes: mebibyte, maxUnpackedBytes: mebibyte, deadlineMs: 15_000 },
  alertBudgetBytes: 64 * mebibyte,
  telemetryBudgetBytes: 192 * mebibyte,
};

/** Given a request of somebody who was let in. */
export type McpAnswerer = (request: Request, who: { readonly person: string; readonly mayGiveFeedback: boolean }) => Promise<Response>;

export interface HttpTools {
  readonly log: Log;
  /** ms since the epoch. */
  readonly now: () => number;
  /** Takes secrets out of every text of a value on its way out. */
  readonly redact: <T>(value: T) => { readonly value: T };
  readonly limits?: HttpLimits;
  /** Of the product, for whoever watches it. */
  readonly version?: string;
  /** What one source may ask. */
  readonly rates?: Limits;
  /** Has who asks logged in to the built-in workspace? Absent without it. */
  readonly isLoggedIn?: (request: Request) => boolean;
  /** Answers coding agents; without it there is no `/mcp`. */
  readonly mcp?: McpAnswerer;
}

/** What every group of routes is built from. */
export interface HttpParts extends HttpTools {
  readonly settings: HttpSettings;
  readonly limits: HttpLimits;
  readonly budgets: { readonly alerts: Budget; readonly telemetry: Budget };
}

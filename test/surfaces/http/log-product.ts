/** The product behind its HTTP surface, what its doors for log lines stored, and bodies in few words. */
import { afterEach } from 'vitest';
import { redactDeep } from '../../../src/domain/redact.ts';
import { createHttp, type Http } from '../../../src/surfaces/http/http.ts';
import type { HttpLimits, HttpSettings } from '../../../src/surfaces/http/parts.ts';
import { start, testProduct } from '../../support/app.ts';

const closing: (() => Promise<void>)[] = [];

/** To be called once by a file: what each of its tests made is closed when it is over. */
export function closeAfterEach(): void {
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });
}

export function product(settings: HttpSettings = {}, limits?: HttpLimits) {
  const made = testProduct();
  closing.push(made.close);
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const http: Http = createHttp(made.app, settings, { log, now: made.now, redact: redactDeep, ...(limits && { limits }) });
  const lines = async (by: { correlationId?: string; service?: string } = {}) =>
    made.telemetry.logs({ window: { fromMs: start - 3_600_000, toMs: start + 3_600_000 }, limit: 100, ...by });
  return { ...made, http, lines, stored: () => made.telemetry.stats().logs };
}

export const json = (value: unknown) => JSON.stringify(value);
export const secret = 'a-secret-of-some-length';

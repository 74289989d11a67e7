import { describe, expect, it } from 'vitest';
import { createSqliteLedger } from '../src/adapters/ledgers/sqlite.ts';
import { createTelemetry } from '../src/telemetry.ts';
import { bytesOf, start, tracesJson } from './adapters/telemetry/bodies.ts';
import { testProduct } from './support/app.ts';

const body = bytesOf(tracesJson({ shop: [{}] }));

describe('ingest', () => {
  it('has taken what is stored, also when the ledger cannot be asked who waits for it', async () => {
    const ledger = createSqliteLedger({ file: ':memory:', now: () => start });
    ledger.incidents = () => Promise.reject(new Error('database is locked'));
    const { app, logged, close } = testProduct({ ledger });
    expect(await app.ingest('traces', body, 'json')).toMatchObject({ accepted: 1 });
    expect(logged).toMatchObject([{ level: 'error', fields: { error: 'Error: database is locked' } }]);
    await close();
  });
});

describe('readiness', () => {
  it('names what keeps telemetry from its work', async () => {
    const telemetry = createTelemetry({ file: null, now: () => start, windowMinutes: 60, maxBytes: 2 ** 28 });
    const { stats } = telemetry;
    let problem: string | null = 'telemetry cannot be written to disk';
    telemetry.stats = () => ({ ...stats.call(telemetry), problem });
    const { app, close } = testProduct({ telemetry });
    expect((await app.readiness()).problems).toEqual(['telemetry cannot be written to disk']);
    problem = null;
    expect((await app.readiness()).problems).toEqual([]);
    await close();
  });
});

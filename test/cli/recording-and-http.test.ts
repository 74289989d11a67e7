/** One incident, two ways in: over HTTP into the running product, and by `replay`. The answer is the same. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { openRecording } from '../../src/cli/recording.ts';
import { replay } from '../../src/cli/replay.ts';
import { createRedactor } from '../../src/domain/redact.ts';
import { createHttp } from '../../src/surfaces/http/http.ts';
import { testProduct } from '../support/app.ts';

const log = { debug() {}, info() {}, warn() {}, error() {} };
const folder = fileURLToPath(new URL('../scenarios/harbour', import.meta.url));
const signals = ['traces', 'logs', 'metrics'] as const;

describe('a recorded incident', () => {
  it('gets the same answer over HTTP as by replay', async () => {
    expect(existsSync(folder)).toBe(true);
    const { context: offline } = await replay(folder, { fetch: globalThis.fetch, now: Date.now, log });
    const recording = openRecording(folder);
    const product = testProduct({}, recording.alertAt);
    const http = createHttp(product.app, {}, { log, now: product.now, redact: createRedactor({ key: 'test' }).redactDeep });
    for (const signal of signals)
      for (const body of recording.bodies(signal)) {
        const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
        const answer = await http.fetch(new Request(`http://localhost/v1/${signal}`, { method: 'POST', headers, body: gzipSync(body) }));
        expect(answer.status).toBe(200);
      }
    await product.app.age();
    const answer = await http.fetch(
      new Request('http://localhost/webhook/alertmanager', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: Buffer.from(recording.alertBody),
      }),
    );
    expect(answer.status).toBe(202);
    const { ids } = (await answer.json()) as { ids: string[] };
    await product.app.settle();
    const read = await http.fetch(new Request(`http://localhost/api/incidents/${ids[0]}/context`));
    expect(read.status, await read.clone().text()).toBe(200);
    const online = (await read.json()) as typeof offline;
    const told = ({ verdict, summary, hypotheses, evidence, map, gaps, onsetAt }: typeof offline) => ({
      verdict,
      summary,
      hypotheses,
      evidence,
      map,
      gaps,
      onsetAt,
    });
    expect(told(online)).toEqual(told(offline));
    expect(online.hypotheses.length).toBeGreaterThan(0);
    await product.close();
  });
});

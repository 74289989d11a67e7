/** Every port's calls are stages, whether the port is made of functions or of a class; the rest of a port is as it was. */
import { describe, expect, it } from 'vitest';
import { observed } from '../../src/observe/observed.ts';
import { createStages } from '../../src/observe/stages.ts';
import type { LogSource } from '../../src/ports/sources.ts';
import { Failure } from '../../src/domain/failure.ts';
import { alertBody, delivery, rememberingSink, testProduct } from '../support/app.ts';

class OfAClass implements LogSource {
  readonly #said = 'kept';
  async search() {
    if (this.#said !== 'kept') throw new Error('its own state is gone');
    return { lines: [], truncated: false };
  }
  async probe() {
    return this.#said;
  }
}

describe('a product that is watched', () => {
  it('counts and times every stage of an alert, from the door to the card', async () => {
    const stages = createStages(() => performance.now());
    const model = {
      async answer(): Promise<never> {
        throw new Failure('unavailable', 'model', 'answer');
      },
      costOf: () => null,
    };
    const product = testProduct({ stages, logSources: new Map([['loki', new OfAClass()]]), model });
    await product.app.ingest('logs', new TextEncoder().encode('{"resourceLogs":[]}'), 'json');
    await product.app.receive('alertmanager', delivery('/webhook/alertmanager', alertBody({ service: 'cart' })));
    await product.pass(3_000);
    const counted = product.app.counters();
    for (const name of [
      'receive_seconds_count',
      'ingest_seconds_count{signal="logs"}',
      'work_seconds_count{kind="investigate"}',
      'gather_seconds_count',
      'source_seconds_count{source="loki"}',
      'rank_seconds_count',
      'commit_seconds_count',
      'delivery_seconds_count{sink="slack"}',
      'alert_to_card_seconds_count{sink="slack"}',
      'alert_to_report_seconds_count',
    ])
      expect(counted.get(name), name).toBeGreaterThan(0);
    expect(counted.get('reports_total')).toBeGreaterThan(0);
    await product.close();
  });

  it('leaves alone what is not a stage', async () => {
    const sink = {
      ...rememberingSink().sink,
      tracker: { project: 'OPS', type: 'Task', choices: async () => Promise.reject(new Error('x')) },
    };
    const source = new OfAClass();
    const { ledger, now, close } = testProduct();
    const ports = { ledger, now, sinks: new Map([['jira', sink]]), logSources: new Map([['loki', source]]), changeSources: new Map() };
    const watched = observed(
      ports,
      createStages(() => 0),
    );
    expect(watched.sinks.get('jira')).toMatchObject({ channels: ['#debug'], paceMs: 1_000, tracker: sink.tracker });
    expect(watched.sinks.get('jira')?.illustrate).toBeUndefined();
    expect(await watched.logSources?.get('loki')?.probe?.()).toBe('kept');
    expect(await watched.ledger.lastIncidentNumber()).toBe(0);
    await close();
  });
});

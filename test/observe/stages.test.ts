import { context, metrics, trace } from '@opentelemetry/api';
import { describe, expect, it } from 'vitest';
import { Failure } from '../../src/domain/failure.ts';
import { createStages } from '../../src/observe/stages.ts';

/** Each reading of the clock is so many ms after the one before. */
function stages(stepMs: number) {
  let at = 0;
  return createStages(() => (at += stepMs));
}

describe('stages', () => {
  it('put a duration into every bucket that holds it, and answer what the act answers', async () => {
    const watched = stages(30);
    expect(watched.run('rank', {}, {}, () => 7)).toBe(7);
    expect(await watched.run('rank', {}, {}, async () => 8)).toBe(8);
    const samples = watched.samples();
    expect(samples.get('rank_seconds_count')).toBe(2);
    expect(samples.get('rank_seconds_sum')).toBeCloseTo(0.06);
    expect(samples.get('rank_seconds_bucket{le="0.025"}')).toBe(0);
    expect(samples.get('rank_seconds_bucket{le="0.05"}')).toBe(2);
    expect(samples.get('rank_seconds_bucket{le="+Inf"}')).toBe(2);
  });

  it.each([
    { error: new Failure('timeout', 'slack', 'deliver'), code: 'timeout' },
    { error: new Error('what it says stays here'), code: 'bug' },
  ])('count a failure by its code and let it through: $code', async ({ error, code }) => {
    const watched = stages(1);
    await expect(watched.run('delivery', { sink: 'slack' }, {}, async () => Promise.reject(error))).rejects.toBe(error);
    expect(() =>
      watched.run('delivery', { sink: 'slack' }, {}, () => {
        throw error;
      }),
    ).toThrow(error);
    expect(watched.samples().get(`delivery_errors_total{sink="slack",code="${code}"}`)).toBe(2);
    expect(watched.samples().get('delivery_seconds_count{sink="slack"}')).toBe(2);
  });

  it('are there at zero once they are declared, and once only', () => {
    const watched = stages(1);
    watched.declare('commit', {});
    watched.observe('commit', {}, 0.2);
    watched.declare('commit', {});
    expect(watched.samples().get('commit_seconds_count')).toBe(1);
    expect(watched.samples().get('commit_seconds_bucket{le="0.1"}')).toBe(0);
  });

  it('never go backwards, whatever a clock does', () => {
    const watched = stages(1);
    watched.observe('alert_to_card', {}, -5);
    expect(watched.samples().get('alert_to_card_seconds_sum')).toBe(0);
  });

  it('start nothing: without an SDK there is no span, no meter and no context', () => {
    stages(1).run('rank', {}, {}, () => {
      expect(trace.getActiveSpan()?.isRecording() ?? false).toBe(false);
    });
    expect(trace.getTracerProvider().constructor.name).toBe('ProxyTracerProvider');
    expect(metrics.getMeterProvider().constructor.name).toBe('NoopMeterProvider');
    expect(context.active()).toBeDefined();
  });
});

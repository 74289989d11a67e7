import { describe, expect, it } from 'vitest';
import { LatencySketch } from '../../src/domain/latency-sketch.ts';

const filled = (durations: readonly number[]) => {
  const sketch = new LatencySketch();
  for (const ms of durations) sketch.add(ms);
  return sketch;
};
const durations = Array.from({ length: 1_000 }, (_, i) => 0.5 * 1.01 ** ((i * 617) % 1_000));
const sorted = [...durations].sort((a, b) => a - b);

describe('LatencySketch', () => {
  it.each([0.01, 0.5, 0.95, 1])('has the quantile at %d within 2.5 %', (share) => {
    const exact = sorted[Math.ceil(share * sorted.length) - 1]!;
    const found = filled(durations).quantile(share)!;
    expect(Math.abs(found / exact - 1)).toBeLessThan(0.026);
  });

  it('knows nothing before anything was added, and takes zero as the least', () => {
    expect(new LatencySketch().quantile(0.5)).toBeNull();
    expect(filled([0]).quantile(1)).toBeCloseTo(0.001, 4);
  });

  it('is the same after it was written down, read back and merged from halves, in any order', () => {
    const whole = filled(durations).counts();
    const read = new LatencySketch(JSON.parse(JSON.stringify(whole)));
    const halves = filled(durations.slice(500).reverse()).merge(filled(durations.slice(0, 500)));
    expect(read.counts()).toEqual(whole);
    expect(halves.counts()).toEqual(whole);
    expect(halves.quantile(0.95)).toBe(filled(durations).quantile(0.95));
  });

  it('forgets what is taken back', () => {
    const sketch = filled([5, 70, 900]);
    sketch.remove(900);
    expect(sketch.counts()).toEqual(filled([70, 5]).counts());
    sketch.remove(5);
    sketch.remove(70);
    expect([sketch.quantile(0.5), sketch.counts()]).toEqual([null, []]);
  });

  it('holds at most so many buckets from a microsecond to ten minutes', () => {
    const wide = Array.from({ length: 50_000 }, (_, i) => 0.001 * 1.0005 ** i).filter((ms) => ms <= 600_000);
    expect(filled(wide).counts().length).toBeLessThan(420);
  });
});

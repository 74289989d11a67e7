import { describe, expect, it } from 'vitest';
import { spanKind, spanStatus, StringTable, type TelemetryWindow } from '../../src/domain/telemetry.ts';
import { curveOf, measureFor, timelineOf, type TimelineSeries } from '../../src/domain/timeline.ts';

const from = Date.parse('2026-11-25T10:00:30Z');
const minute = 60_000;

interface Call {
  readonly at: number;
  readonly service: string;
  readonly peer?: string;
  readonly kind: number;
  readonly failed?: boolean;
  readonly ms?: number;
}

function windowOf(
  calls: readonly Call[],
  lines: readonly { at: number; service: string; severity: number }[] = [],
  minutes = 5,
): TelemetryWindow {
  const strings = new StringTable();
  const id = (text: string | undefined) => (text === undefined ? -1 : strings.id(text));
  const view = {
    fromMs: from,
    toMs: from + minutes * minute,
    strings,
    spans: {
      length: calls.length,
      startMs: Float64Array.from(calls, ({ at }) => from + at),
      durationMs: Float32Array.from(calls, ({ ms = 10 }) => ms),
      service: Int32Array.from(calls, ({ service }) => id(service)),
      peer: Int32Array.from(calls, ({ peer }) => id(peer)),
      kind: Uint8Array.from(calls, ({ kind }) => kind),
      status: Uint8Array.from(calls, ({ failed }) => (failed ? spanStatus.error : spanStatus.unset)),
      parent: Int32Array.from(calls, () => -1),
    },
    logs: {
      length: lines.length,
      timeMs: Float64Array.from(lines, ({ at }) => from + at),
      service: Int32Array.from(lines, ({ service }) => id(service)),
      severity: Uint8Array.from(lines, ({ severity }) => severity),
    },
  };
  return view as unknown as TelemetryWindow;
}

const only = (window: TelemetryWindow, service: string) => timelineOf(window, [{ hypothesisId: 'h1', service }]).series[0]!;

describe('timelineOf', () => {
  it('counts what a service took by the minute of the clock, not what it asked of others', () => {
    const window = windowOf([
      { at: 0, service: 'pay', kind: spanKind.server, ms: 10 },
      { at: 29_000, service: 'pay', kind: spanKind.server, failed: true, ms: 30 },
      { at: 30_000, service: 'pay', kind: spanKind.server },
      { at: 31_000, service: 'pay', peer: 'bank', kind: spanKind.client, failed: true },
      { at: 32_000, service: 'cart', kind: spanKind.server },
    ]);
    const timeline = timelineOf(window, [{ hypothesisId: 'h1', service: 'pay' }]);
    expect(timeline.fromMs).toBe(Date.parse('2026-11-25T10:00:00Z'));
    expect(timeline.series[0]).toMatchObject({ hypothesisId: 'h1', calls: [2, 1, 0, 0, 0, 0], failed: [1, 0, 0, 0, 0, 0] });
    expect(timeline.series[0]?.p95Ms.slice(0, 3)).toEqual([30, 10, null]);
  });

  it("takes the callers' word for what says nothing itself, such as a database", () => {
    const window = windowOf([{ at: 61_000, service: 'cart', peer: 'db:orders', kind: spanKind.client, failed: true }]);
    expect(only(window, 'db:orders')).toMatchObject({ calls: [0, 1, 0, 0, 0, 0], failed: [0, 1, 0, 0, 0, 0] });
  });

  it('counts error lines, and nothing of a service that was never heard of', () => {
    const window = windowOf(
      [],
      [
        { at: 0, service: 'pay', severity: 17 },
        { at: 1, service: 'pay', severity: 13 },
        { at: 2, service: 'cart', severity: 21 },
      ],
    );
    expect(only(window, 'pay').errorLines[0]).toBe(1);
    expect(only(window, 'ghost')).toMatchObject({ calls: [0, 0, 0, 0, 0, 0], errorLines: [0, 0, 0, 0, 0, 0] });
  });

  it('takes longer steps where the stretch is long, so that a report stays small', () => {
    expect(timelineOf(windowOf([], [], 600), [{ hypothesisId: null, service: 'pay' }]).series[0]?.calls.length).toBeLessThanOrEqual(46);
  });
});

describe('what is drawn of a service', () => {
  const series: TimelineSeries = { hypothesisId: 'h1', calls: [10, 0, 20], failed: [0, 0, 5], p95Ms: [3, null, 9], errorLines: [0, 2, 0] };
  const quiet: TimelineSeries = { ...series, failed: [0, 0, 0], errorLines: [0, 0, 0] };

  it.each([
    ['error', series, 'failed calls'],
    ['latency', series, 'slowest calls'],
    ['error', { ...series, failed: [0, 0, 0] }, 'error lines'],
    ['unavailable', quiet, 'calls'],
    ['change', quiet, 'slowest calls'],
    ['error', { ...quiet, calls: [0, 0, 0], p95Ms: [null, null, null] }, null],
  ] as const)('shows of a fault of kind %s what there is', (kind, of, measure) => {
    expect(measureFor(of, kind)).toBe(measure);
  });

  it('has no share where there were no calls, and counts by the minute whatever the step', () => {
    expect(curveOf(series, 'failed calls', minute).values).toEqual([0, null, 25]);
    expect(curveOf(series, 'calls', 2 * minute).values).toEqual([5, 0, 10]);
    expect(curveOf(series, 'slowest calls', minute)).toMatchObject({ unit: 'ms', values: [3, null, 9] });
  });
});

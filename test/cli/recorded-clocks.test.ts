/** What a recording's rows dated after the alert are: later, or by a clock that was ahead. */
import { describe, expect, it } from 'vitest';
import { knownBodies } from '../../src/cli/recording.ts';
import type { Signal } from '../../src/ports.ts';
import { bytesOf, logsJson, minute, start, tracesJson } from '../adapters/telemetry/bodies.ts';

const alertAt = start + 10 * minute;

/** Services of the lines that were known at the alert, as often as they spoke. */
function known(bodies: Partial<Record<Signal, readonly unknown[]>>): string[] {
  const kept = knownBodies((signal) => (bodies[signal] ?? []).map(bytesOf), 'logs', alertAt);
  return [...kept].flatMap((bytes) => {
    const { resourceLogs } = JSON.parse(new TextDecoder().decode(bytes)) as ReturnType<typeof logsJson>;
    return resourceLogs.flatMap(({ resource, scopeLogs }) =>
      scopeLogs.flatMap((scope) => scope.logRecords.map(() => (resource.attributes[0]!.value as { stringValue: string }).stringValue)),
    );
  });
}

const every = [...Array(20).keys()].map((i) => 9 * minute + i * 5000);
const together = (payOff: number) =>
  every.map((at) => logsJson({ cart: [{ at }], mail: [{ at }], stock: [{ at }], pay: [{ at: at + payOff }] }));

describe('rows dated after the alert', () => {
  it('are left out where clocks agree', () => {
    const services = known({ logs: together(0) });
    expect(services.filter((service) => service === 'pay')).toHaveLength(13);
    expect(services.filter((service) => service === 'cart')).toHaveLength(13);
  });

  it('are known up to the alert where the clock was ahead, and no further', () => {
    const services = known({ logs: together(5 * minute) });
    expect(services.filter((service) => service === 'pay')).toHaveLength(13);
    expect(services.filter((service) => service === 'cart')).toHaveLength(13);
  });

  it('are left out where nothing says how far a clock is off', () => {
    const later = every.map((at) => logsJson({ pay: [{ at: at + 5 * minute }] }));
    expect(known({ logs: [...together(0).slice(0, 10), ...later] }).filter((service) => service === 'pay')).toHaveLength(10);
    expect(known({ logs: later })).toEqual([]);
  });

  it('are set straight by calls of which one end was known', () => {
    const calls = every.map((at, i) =>
      tracesJson({ cart: [{ trace: i + 1, span: 1, at }], pay: [{ trace: i + 1, span: 2, parent: 1, at: at + 4 * minute }] }),
    );
    const lines = every.map((at) => logsJson({ pay: [{ at: at + 4 * minute }] }));
    expect(known({ traces: calls, logs: lines })).toHaveLength(13);
    const later = every.map((at, i) =>
      tracesJson({
        cart: [{ trace: i + 1, span: 1, at: at + 2 * minute }],
        pay: [{ trace: i + 1, span: 2, parent: 1, at: at + 4 * minute }],
      }),
    );
    expect(known({ traces: later, logs: lines })).toEqual([]);
  });
});

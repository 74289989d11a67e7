/** `cart` writes a line for each request and stops doing so, or that part of the lines could not be read. */
import { describe, expect, it } from 'vitest';
import { rank } from '../../../src/domain/ranking/rank.ts';
import { alertAt, inputOf } from './made-metrics.ts';
import { flatten, Tables, windowOf } from './window-from-otlp.ts';

const minute = 60_000;
const nanos = (at: number) => `${Math.round(at)}000000`;
const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'cart' } }] };

function strengthOfGone(isLogComplete: boolean): number {
  const spans = [];
  const logRecords = [];
  for (let i = 0; i < 400; i++) {
    const at = alertAt - 12 * minute + i * 1_800;
    const ids = { traceId: i.toString(16).padStart(32, 'a'), spanId: i.toString(16).padStart(16, 'b') };
    spans.push({ ...ids, name: 'price', kind: 2, startTimeUnixNano: nanos(at), endTimeUnixNano: nanos(at + 20) });
    const line = (text: string) => ({ ...ids, timeUnixNano: nanos(at + 5), severityNumber: 9, body: { stringValue: text } });
    logRecords.push(line('cart opened'));
    if (at < alertAt - 3 * minute) logRecords.push(line('prices are up to date'));
  }
  const window = windowOf(
    flatten({
      traces: [{ resourceSpans: [{ resource, scopeSpans: [{ spans }] }] }],
      logs: [{ resourceLogs: [{ resource, scopeLogs: [{ logRecords }] }] }],
      metrics: [],
    }),
    new Tables(),
    alertAt - 20 * minute,
    alertAt + 1,
  );
  const { hypotheses } = rank({ ...inputOf([]), window, isLogComplete });
  return hypotheses.find(({ service }) => service === 'cart')?.features['gone'] ?? 0;
}

describe('a line that is missing', () => {
  it('speaks against its service where all lines were read', () => expect(strengthOfGone(true)).toBeGreaterThan(0));
  it('says nothing where not all could be read', () => expect(strengthOfGone(false)).toBe(0));
});

/** One program in four parts: the web part takes orders; cart, billing and stock do the work. Which part is it? */
import { describe, expect, it } from 'vitest';
import { rank } from '../../../src/domain/ranking/rank.ts';
import type { Hypothesis } from '../../../src/domain/hypothesis.ts';
import { alertAt, inputOf } from './made-metrics.ts';
import { flatten, type OtlpLog, type OtlpLogs, type OtlpSpan, type OtlpTraces, Tables, windowOf } from './window-from-otlp.ts';

const minute = 60_000;
const parts = ['cart', 'billing', 'stock'] as const;
type Part = (typeof parts)[number];
const text = (key: string, stringValue: string) => ({ key, value: { stringValue } });
const nanos = (at: number) => `${Math.round(at)}000000`;

/** What a part does in a request after the onset; before it works 10 ms, logs a line and is well. */
interface Fault {
  readonly part: Part;
  readonly ms?: number;
  readonly fails?: string;
  readonly says?: string;
  readonly isSilent?: boolean;
}
interface Told {
  readonly spans: boolean;
  readonly logs: boolean;
  /** Name of the part that a span or a line carries. */
  readonly scope: (part: string) => string;
}

function recordingOf(fault: Fault, { spans, logs, scope }: Told): { traces: OtlpTraces[]; logs: OtlpLogs[] } {
  const made = new Map<string, OtlpSpan[]>();
  const written = new Map<string, OtlpLog[]>();
  const add = <T>(to: Map<string, T[]>, part: string, one: T) => to.set(part, [...(to.get(part) ?? []), one]);
  const line = (part: string, at: number, traceId: string, body: string, severityNumber = 9) =>
    add(written, part, {
      timeUnixNano: nanos(at),
      severityNumber,
      body: { stringValue: body },
      ...(spans ? { traceId } : { attributes: [text('request.id', traceId)] }),
    });
  for (let i = 0; i < 240; i++) {
    const start = alertAt - 12 * minute + i * 3000;
    const traceId = `00000000000000000000000000${(100_000 + i).toString()}`;
    const bad = start > alertAt - 2 * minute ? fault : null;
    let now = start + 2;
    let failed = false;
    for (const part of parts) {
      const mine = bad?.part === part ? bad : null;
      const took = (mine?.ms ?? 10) + (i % 3);
      const span = { traceId, spanId: `${i}${part}`, parentSpanId: `${i}web`, name: `${part}.run`, kind: 1 };
      const status = mine?.fails === undefined ? {} : { status: { code: 2, message: mine.fails } };
      add(made, part, { ...span, ...status, startTimeUnixNano: nanos(now), endTimeUnixNano: nanos(now + took) });
      if (mine?.isSilent !== true) line(part, now + 1, traceId, `${part} done for order`);
      if (mine?.says !== undefined) line(part, now + 2, traceId, mine.says, 17);
      failed ||= mine?.fails !== undefined;
      now += took + 1;
    }
    const status = failed ? { status: { code: 2 } } : {};
    const entry = { traceId, spanId: `${i}web`, name: 'POST /orders', kind: 2, ...status };
    add(made, 'web', { ...entry, startTimeUnixNano: nanos(start), endTimeUnixNano: nanos(now + 2) });
    line('web', start + 1, traceId, 'order received');
  }
  const resource = { attributes: [text('service.name', 'shop')] };
  return {
    traces: spans
      ? [...made].map(([part, list]) => ({ resourceSpans: [{ resource, scopeSpans: [{ scope: { name: scope(part) }, spans: list }] }] }))
      : [],
    logs: logs
      ? [...written].map(([part, list]) => ({
          resourceLogs: [{ resource, scopeLogs: [{ scope: { name: scope(part) }, logRecords: list }] }],
        }))
      : [],
  };
}

function firstOf(fault: Fault, told: Partial<Told> = {}): Hypothesis | undefined {
  const recording = recordingOf(fault, { spans: true, logs: true, scope: (part) => `com.example.shop.${part}`, ...told });
  const window = windowOf(flatten({ ...recording, metrics: [] }), new Tables(), alertAt - 20 * minute, alertAt + 1);
  return rank({ ...inputOf([]), window }).hypotheses[0];
}

describe('a fault in one part of a monolith', () => {
  const faults: readonly (readonly [string, Omit<Fault, 'part'>])[] = [
    ['is slow', { ms: 400 }],
    ['fails', { fails: 'IllegalStateException: no rate' }],
    ['writes errors', { says: 'could not reserve: java.lang.IllegalStateException' }],
    ['leaves its work undone', { isSilent: true }],
  ];
  for (const [what, fault] of faults)
    it.each(parts)(`%s ${what}: the part is named`, (part) => {
      expect(firstOf({ part, ...fault })).toMatchObject({ service: 'shop', component: `com.example.shop.${part}` });
    });

  it.each(parts)('%s is seen in log lines alone, which share a request id', (part) => {
    const found = firstOf({ part, says: 'could not reserve: java.lang.IllegalStateException' }, { spans: false });
    expect(found).toMatchObject({ service: 'shop', component: `com.example.shop.${part}` });
  });

  it('a scope that names the library that made the span is no part of the service', () => {
    const scope = () => '@opentelemetry/instrumentation-express';
    expect(firstOf({ part: 'cart', ms: 400 }, { scope })).toMatchObject({ service: 'shop', component: null });
  });
});

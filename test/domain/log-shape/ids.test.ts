import { describe, expect, it } from 'vitest';
import { idsIn } from '../../../src/domain/log-shape/ids.ts';

const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
const other = 'a3ce929d0e0e47364bf92f3577b34da6';
const none = { traceId: null, spanId: null, correlationId: null };

describe("Rails' tag", () => {
  it.each([`[${trace}] Started GET "/"`, `I, [2026-08-20T10:00:00 #7]  INFO -- : [${trace}] Completed 200 OK`, `[web] [${trace}] done`])(
    'of 32 digits is the trace: %s',
    (line) => expect(idsIn(line)).toEqual({ ...none, traceId: trace }),
  );

  it.each([
    `[${'0'.repeat(32)}] x`,
    `[${trace.slice(1)}] x`,
    `[${trace}0] x`,
    `[${trace.slice(1)}g] x`,
    `[${trace} x] y`,
    `${trace}] x`,
    `(${trace}) x`,
  ])('is none of another length, of other letters or without its brackets: %s', (line) => expect(idsIn(line)).toEqual(none));

  it('gives way to what names itself a trace', () => {
    expect(idsIn(`[${other}] trace_id=${trace} x`).traceId).toBe(trace);
    expect(idsIn(`[${other}] 00-${trace}-00f067aa0ba902b7-01 x`)).toEqual({ ...none, traceId: trace, spanId: '00f067aa0ba902b7' });
    expect(idsIn(`[${other}] [${trace}-00f067aa0ba902b7] x`)).toEqual({ ...none, traceId: trace, spanId: '00f067aa0ba902b7' });
  });
});

import { describe, expect, it } from 'vitest';
import { callTree } from '../../../src/domain/baseline/call-tree.ts';
import { originsOf } from '../../../src/domain/baseline/error-origins.ts';
import { peerKind } from '../../../src/domain/telemetry.ts';
import { flatten, type OtlpSpan, Tables, windowOf } from '../ranking/window-from-otlp.ts';

const at = Date.UTC(2026, 4, 4, 12);
const text = (key: string, stringValue: string) => ({ key, value: { stringValue } });

/** So many calls of `web` to a host that each of these took. */
type TakenBy = Readonly<Record<string, number>>;

/** `web` calls a host and gets no answer; `cart` has answered somebody before. It may go on and call `ads` afterwards. */
function votedFor(host: string, kind: number, goesOn: 'no' | 'yes' | 'its call is not there' = 'no', takenBy: TakenBy = {}): string[] {
  const span = (traceId: string, name: string, failed: boolean, more: Partial<OtlpSpan>): OtlpSpan => ({
    traceId,
    spanId: `${traceId}${name}`,
    name,
    startTimeUnixNano: `${at}000000`,
    endTimeUnixNano: `${at + 20}000000`,
    status: { code: failed ? 2 : 0 },
    ...more,
  });
  const of = (service: string, spans: OtlpSpan[]) => ({
    resourceSpans: [{ resource: { attributes: [text('service.name', service)] }, scopeSpans: [{ spans }] }],
  });
  const call = span('t2', 'call', true, { kind: 3, parentSpanId: 't2enter', attributes: [text('server.address', host)] });
  const traces = [of('cart', [span('t1', 'list', false, { kind: 2 })]), of('web', [span('t2', 'enter', true, { kind: 2 }), call])];
  const next = span('t2', 'next', false, { kind: 3, parentSpanId: 't2enter', startTimeUnixNano: `${at + 21}000000` });
  const served = span('t2', 'ads', false, { kind: 2, parentSpanId: 't2next', startTimeUnixNano: `${at + 21}000000` });
  if (goesOn === 'yes') traces.push(of('web', [next]));
  if (goesOn !== 'no') traces.push(of('ads', [served]));
  for (const [taker, times] of Object.entries(takenBy))
    for (let i = 0; i < times; i++) {
      const trace = `${taker}${i}`;
      const taken = { kind: 3, parentSpanId: `${trace}enter`, attributes: [text('server.address', host)] };
      traces.push(of('web', [span(trace, 'enter', false, { kind: 2 }), span(trace, 'call', false, taken)]));
      traces.push(of(taker, [span(trace, 'take', false, { kind: 2, parentSpanId: `${trace}call` })]));
    }
  const window = windowOf(flatten({ traces, logs: [], metrics: [] }), new Tables(), at - 1000, at + 1000);
  // As the intake names it.
  for (let row = 0; row < window.spans.length; row++)
    if (window.spans.peer[row]! >= 0) {
      window.spans.peer[row] = window.strings.id(kind === peerKind.host ? `ext:${host}` : host);
      window.spans.peerKind[row] = kind;
    }
  return originsOf(window, callTree(window)).votes.map(({ service, why }) => `${why} ${window.strings.text(service)}`);
}

describe('a call that nobody answered', () => {
  it.each(['cart', 'cart:8080', 'cart.shop.svc.cluster.local'])('to host %s is one to the service of that name', (host) => {
    expect(votedFor(host, peerKind.host)).toEqual(['unanswered cart']);
  });

  it('to a host no service is known by stays with the caller, who alone talks to it', () => {
    expect(votedFor('api.example.com', peerKind.host)).toEqual(['store web']);
  });

  it('is no call to those the caller went on to call', () => {
    expect(votedFor('cart', peerKind.host, 'yes')).toEqual(['unanswered cart']);
  });

  it('got as far as the one that shows up later without a known caller', () => {
    expect(votedFor('cart', peerKind.host, 'its call is not there')).toEqual(['unanswered ads']);
  });

  it('to a named peer is one to that peer', () => {
    expect(votedFor('cart', peerKind.service)).toEqual(['unanswered cart']);
  });
});

describe('a call refused at a host that goes by another name', () => {
  const refusedAt = (host: string, takenBy: TakenBy, kind: number = peerKind.host) => votedFor(host, kind, 'no', takenBy);

  it('is one to the service that took those before', () => {
    expect(refusedAt('imaging-svc', { imaging: 3 })).toEqual(['unanswered imaging']);
    expect(refusedAt('10.0.0.7:8080', { imaging: 3 })).toEqual(['unanswered imaging']);
  });

  it('is one to it though the name is that of another service', () => {
    expect(refusedAt('cart', { imaging: 3 })).toEqual(['unanswered imaging']);
  });

  it('stays with the caller where too few were taken to tell', () => {
    expect(refusedAt('imaging-svc', { imaging: 2 })).toEqual(['store web']);
  });

  it('stays with the caller where several took them, as behind a proxy', () => {
    expect(refusedAt('proxy', { imaging: 3, ads: 3 })).toEqual(['store web']);
    expect(refusedAt('proxy', { imaging: 8, ads: 2 })).toEqual(['store web']);
  });

  it('is one to that which took nearly all', () => {
    expect(refusedAt('imaging-svc', { ads: 1, imaging: 9 })).toEqual(['unanswered imaging']);
  });

  it('is one to a database where spans call it that, whoever has spans beneath', () => {
    expect(refusedAt('imaging-svc', { imaging: 3 }, peerKind.database)).toEqual(['store web']);
  });
});

import { describe, expect, it } from 'vitest';
import { decodeOtlpProtobuf } from '../../../../src/adapters/telemetry/otlp/decode-wire.ts';
import { SpanBatch } from '../../../../src/domain/span-batch.ts';
import { protobufOf } from '../../../support/otlp-protobuf.ts';

const text = (key: string, value: string) => ({ key, value: { stringValue: value } });
const span = {
  traceId: '0af7651916cd43dd8448eb211c80319c',
  name: 'GET /',
  startTimeUnixNano: '1700000000000000000',
  endTimeUnixNano: '1700000001000000000',
};

/** One span for each list of attributes of a resource, in one body. */
function services(...resources: ReturnType<typeof text>[][]): (string | null)[][] {
  const body = protobufOf('traces', {
    resourceSpans: resources.map((attributes, i) => ({
      resource: { attributes },
      scopeSpans: [{ spans: [{ ...span, spanId: `b7ad6b716920333${i}` }] }],
    })),
  });
  const batch = new SpanBatch();
  decodeOtlpProtobuf('traces', body, batch, 0);
  return Array.from({ length: batch.length }, (_, row) => {
    const { service, instance, version } = batch.resources[batch.columns.resource[row]!]!;
    return [service, instance, version];
  });
}

describe('resources of protobuf bodies', () => {
  it('are told apart by any one letter, also where the bytes that choose their place are the same', () => {
    // The table looks at every third byte of those of one length: of three neighbours at least two share a place.
    const names = Array.from('checkout-service', (_, i) => {
      const letters = [...'checkout-service'];
      letters[i] = 'X';
      return letters.join('');
    });
    for (const round of [names, names.toReversed()])
      for (const name of round) expect(services([text('service.name', name), text('service.version', '1')])).toEqual([[name, null, '1']]);
  });

  it('are read anew where they grow, and are the same again when they come again', () => {
    const small = [text('service.name', 'cart')];
    const large = [...small, text('service.instance.id', 'cart-1')];
    expect(services(small, large, small)).toEqual([
      ['cart', null, null],
      ['cart', 'cart-1', null],
      ['cart', null, null],
    ]);
  });

  it('of any length are read, though the longest are not kept', () => {
    const note = (letter: string) => [text('note', letter.repeat(5_000)), text('service.name', `long-${letter}`)];
    expect(services(note('a'), note('b'), note('a')).map(([service]) => service)).toEqual(['long-a', 'long-b', 'long-a']);
  });

  it('that come in parts are one', () => {
    const part = (...attributes: ReturnType<typeof text>[]) => protobufOf('traces', { resourceSpans: [{ resource: { attributes } }] });
    // Field 1 of a ResourceSpans, without the head of the request's own field: a message may be the sum of several (protobuf.dev, "last one wins").
    const inner = (body: Uint8Array) => body.subarray(2);
    const spans = inner(protobufOf('traces', { resourceSpans: [{ scopeSpans: [{ spans: [{ ...span, spanId: 'b7ad6b7169203331' }] }] }] }));
    const group = Buffer.concat([inner(part(text('service.name', 'cart'))), inner(part(text('service.version', '2'))), spans]);
    const batch = new SpanBatch();
    decodeOtlpProtobuf('traces', Buffer.concat([Buffer.from([0x0a, group.length]), group]), batch, 0);
    expect(batch.resources).toEqual([{ service: 'cart', instance: null, version: '2' }]);
  });
});

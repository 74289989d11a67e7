/** OTLP in both its encodings: one request, the same rows. */
import type { Decoded } from '../../../domain/records.ts';
import type { SpanBatch } from '../../../domain/span-batch.ts';
import type { Received } from '../segments.ts';
import { attributesOfJsonSpans, decodeOtlpJson } from './decode.ts';
import { attributesOfWireSpans, decodeOtlpProtobuf } from './decode-wire.ts';
import type { Value } from './facts.ts';

/** Spans go into `batch`, which is cleared first. `arrivedAt` dates log lines that carry no time. */
export function decodeOtlp({ signal, format, body }: Received, batch: SpanBatch, arrivedAt: number): Decoded {
  return (format === 'json' ? decodeOtlpJson : decodeOtlpProtobuf)(signal, body, batch, arrivedAt);
}

/** All attributes of some spans of a body that was decoded before, their resource's among them. */
export function attributesOfSpans(
  { format, body }: Pick<Received, 'format' | 'body'>,
  ordinals: ReadonlySet<number>,
): Map<number, Record<string, Value>> {
  return (format === 'json' ? attributesOfJsonSpans : attributesOfWireSpans)(body, ordinals);
}

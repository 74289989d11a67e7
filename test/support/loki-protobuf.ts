/** Loki's push request as agents write it: protobuf, by the field numbers of `pkg/push/push.proto`, in a snappy block. */
// @ts-expect-error the package has no types
import { compress } from 'snappyjs';

type Field = readonly [number: number, value: number | Uint8Array | string];

function varint(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...bytes, rest];
    bytes.push((rest % 128) + 128);
  }
}

export function message(fields: readonly Field[]): Uint8Array {
  return Uint8Array.from(
    fields.flatMap(([number, value]) => {
      if (typeof value === 'number') return [...varint(number * 8), ...varint(value)];
      const bytes = typeof value === 'string' ? new TextEncoder().encode(value) : value;
      return [...varint(number * 8 + 2), ...varint(bytes.length), ...bytes];
    }),
  );
}

export interface PushedLine {
  readonly ms: number;
  readonly line: string;
  readonly metadata?: Readonly<Record<string, string>>;
}

export function pushRequest(streams: readonly { readonly labels: string; readonly lines: readonly PushedLine[] }[]): Uint8Array {
  return message(
    streams.map(({ labels, lines }): Field => {
      const entries = lines.map(({ ms, line, metadata = {} }): Field => {
        const stamp = message([
          [1, Math.floor(ms / 1_000)],
          [2, (ms % 1_000) * 1e6],
        ]);
        const pairs = Object.entries(metadata).map(
          ([name, value]): Field => [
            3,
            message([
              [1, name],
              [2, value],
            ]),
          ],
        );
        return [2, message([[1, stamp], [2, line], ...pairs])];
      });
      return [1, message([[1, labels], ...entries])];
    }),
  );
}

export function inSnappy(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(compress(bytes) as Uint8Array);
}

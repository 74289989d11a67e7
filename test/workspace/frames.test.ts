/** RFC 6455, bit by bit: what a client sends is read however it is cut up, what it must not send is refused. */
import { describe, expect, it } from 'vitest';
import { acceptKey, encodeFrame, FrameFault, frameReader, messageJoiner, opcode } from '../../src/workspace/frames.ts';

/** A frame as a client sends it: masked. */
function clientFrame(code: number, text: string, options: { isFinal?: boolean; isMasked?: boolean; claims?: number } = {}): Buffer {
  const data = Buffer.from(text);
  const mask = Buffer.from([1, 2, 3, 4]);
  const size = options.claims ?? data.length;
  const first = ((options.isFinal ?? true) ? 0x80 : 0) | code;
  const bit = (options.isMasked ?? true) ? 0x80 : 0;
  const length =
    size < 126
      ? Buffer.from([bit | size])
      : size < 65_536
        ? Buffer.from([bit | 126, size >> 8, size & 255])
        : Buffer.concat([Buffer.from([bit | 127]), bigEndian(size)]);
  const body = Buffer.from(data.map((byte, index) => byte ^ (mask[index % 4] ?? 0)));
  return Buffer.concat([Buffer.from([first]), length, mask, body]);
}

function bigEndian(size: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(size));
  return bytes;
}

function read(bytes: Buffer, step = bytes.length): string[] {
  const frames = frameReader();
  const join = messageJoiner();
  const messages: string[] = [];
  for (let at = 0; at < bytes.length; at += step) {
    for (const frame of frames(bytes.subarray(at, at + step))) {
      const message = frame.opcode >= 8 ? `control ${frame.opcode} ${frame.data}` : join(frame);
      if (message !== null) messages.push(message);
    }
  }
  return messages;
}

function closeCode(bytes: Buffer): number {
  try {
    read(bytes);
  } catch (error) {
    if (error instanceof FrameFault) return error.closeCode;
    throw error;
  }
  return 0;
}

describe('reading frames', () => {
  it("gives RFC 6455's own example of a handshake", () => {
    expect(acceptKey('dGhlIHNhbXBsZSBub25jZQ==')).toBe('s3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
  });

  it.each([0, 1, 125, 126, 65_535, 65_536, 300_000])('reads %i bytes, in one piece and byte by byte', (size) => {
    const text = 'ü'.repeat(Math.floor(size / 2)) + 'x'.repeat(size % 2);
    const bytes = clientFrame(opcode.text, text);
    expect(read(bytes)).toEqual([text]);
    if (size < 70_000) expect(read(bytes, 997)).toEqual([text]);
    if (size < 200) expect(read(bytes, 1)).toEqual([text]);
  });

  it('joins fragments around a ping', () => {
    const bytes = Buffer.concat([
      clientFrame(opcode.text, 'one ', { isFinal: false }),
      clientFrame(opcode.ping, 'p'),
      clientFrame(opcode.continuation, 'two ', { isFinal: false }),
      clientFrame(opcode.continuation, 'three'),
      clientFrame(opcode.text, 'next'),
    ]);
    expect(read(bytes, 3)).toEqual(['control 9 p', 'one two three', 'next']);
  });

  it('joins a character that was cut in two', () => {
    const [first, second] = [Buffer.from('é').subarray(0, 1), Buffer.from('é').subarray(1)];
    const raw = (code: number, data: Buffer, isFinal: boolean) => {
      const mask = Buffer.alloc(4);
      return Buffer.concat([Buffer.from([(isFinal ? 0x80 : 0) | code, 0x80 | data.length]), mask, data]);
    };
    expect(read(Buffer.concat([raw(opcode.text, first, false), raw(opcode.continuation, second, true)]))).toEqual(['é']);
  });

  it.each([
    ['an unmasked frame', clientFrame(opcode.text, 'x', { isMasked: false }), 1002],
    ['reserved bits', Buffer.concat([Buffer.from([0xc1, 0x80]), Buffer.alloc(4)]), 1002],
    ['a frame of two megabytes', clientFrame(opcode.text, '', { claims: 2_000_000 }), 1009],
    [
      'fragments of two megabytes',
      Buffer.concat([
        clientFrame(opcode.text, 'x'.repeat(900_000), { isFinal: false }),
        clientFrame(opcode.continuation, 'x'.repeat(900_000)),
      ]),
      1009,
    ],
    ['binary', clientFrame(opcode.binary, 'x'), 1003],
    ['a continuation of nothing', clientFrame(opcode.continuation, 'x'), 1002],
    ['a message inside a message', Buffer.concat([clientFrame(opcode.text, 'a', { isFinal: false }), clientFrame(opcode.text, 'b')]), 1002],
    ['a long ping', clientFrame(opcode.ping, 'x'.repeat(126)), 1002],
    ['a ping in pieces', clientFrame(opcode.ping, 'x', { isFinal: false }), 1002],
    ['an opcode nobody knows', clientFrame(5, 'x'), 1002],
  ])('refuses %s', (_name, bytes, code) => {
    expect(closeCode(bytes)).toBe(code);
  });

  it('writes unmasked frames of every length class', () => {
    expect([...encodeFrame(opcode.text, Buffer.from('hi'))]).toEqual([0x81, 2, 104, 105]);
    expect([...encodeFrame(opcode.text, Buffer.alloc(126)).subarray(0, 4)]).toEqual([0x81, 126, 0, 126]);
    expect([...encodeFrame(opcode.text, Buffer.alloc(65_536)).subarray(0, 10)]).toEqual([0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0]);
  });
});

/**
 * RFC 6455 over a plain socket, the server's half: enough for Socket Mode on Node and Bun alike, without a library (Bun
 * replaces `ws` by a build-in of its own, Node has none). Text frames, fragments, ping, pong and close; no extensions.
 *
 *   byte 0   FIN | opcode            byte 1   MASK | length (126: 16 bit, 127: 64 bit follow)
 *   then     4 bytes mask, then the masked data: data[i] ^ mask[i % 4]
 */
import { createHash } from 'node:crypto';

const acceptGuid = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

export function acceptKey(key: string): string {
  return createHash('sha1')
    .update(key + acceptGuid)
    .digest('base64');
}

export const opcode = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

export interface Frame {
  readonly isFinal: boolean;
  readonly opcode: number;
  readonly data: Buffer;
}

/** Why a connection must end, with the close code to say it by. */
export class FrameFault extends Error {
  readonly closeCode: number;
  constructor(closeCode: number, reason: string) {
    super(reason);
    this.name = 'FrameFault';
    this.closeCode = closeCode;
  }
}

// An acknowledgement carries at most a view (250 kB) or a message.
const maxMessageBytes = 1_000_000;

/** Servers send unmasked. */
export function encodeFrame(code: number, data: Uint8Array): Buffer {
  const size = data.length;
  const header =
    size < 126
      ? Buffer.from([0x80 | code, size])
      : size < 65_536
        ? Buffer.from([0x80 | code, 126, size >> 8, size & 0xff])
        : longHeader(code, size);
  return Buffer.concat([header, data]);
}

function longHeader(code: number, size: number): Buffer {
  const header = Buffer.alloc(10);
  header[0] = 0x80 | code;
  header[1] = 127;
  header.writeBigUInt64BE(BigInt(size), 2);
  return header;
}

/** Takes bytes as they come, gives whole frames. Throws FrameFault on what a client must not send. */
export function frameReader(): (bytes: Buffer) => Frame[] {
  let rest: Buffer = Buffer.alloc(0);
  return (bytes) => {
    rest = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
    const frames: Frame[] = [];
    for (let taken = takeFrame(rest); taken !== null; taken = takeFrame(rest)) {
      frames.push(taken.frame);
      rest = rest.subarray(taken.size);
    }
    return frames;
  };
}

function takeFrame(bytes: Buffer): { frame: Frame; size: number } | null {
  const [first, second] = bytes;
  if (first === undefined || second === undefined) return null;
  if ((first & 0x70) !== 0) throw new FrameFault(1002, 'reserved bits are set');
  if ((second & 0x80) === 0) throw new FrameFault(1002, 'frames of a client must be masked');
  const short = second & 0x7f;
  const lengthBytes = short === 126 ? 2 : short === 127 ? 8 : 0;
  const maskAt = 2 + lengthBytes;
  if (bytes.length < maskAt + 4) return null;
  const size = lengthBytes === 0 ? short : lengthBytes === 2 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
  if (size > maxMessageBytes) throw new FrameFault(1009, 'message too big');
  const code = first & 0x0f;
  const isFinal = (first & 0x80) !== 0;
  if (code >= 8 && (size > 125 || !isFinal)) throw new FrameFault(1002, 'control frames are short and whole');
  const end = maskAt + 4 + size;
  if (bytes.length < end) return null;
  const data = Buffer.from(bytes.subarray(maskAt + 4, end));
  for (let index = 0; index < size; index++) data[index] = (data[index] ?? 0) ^ (bytes[maskAt + (index & 3)] ?? 0);
  return { frame: { isFinal, opcode: code, data }, size: end };
}

/** Joins fragments to messages. Control frames may come between them and are not seen here. */
export function messageJoiner(): (frame: Frame) => string | null {
  let parts: Buffer[] = [];
  let size = 0;
  return (frame) => {
    if (frame.opcode === opcode.binary) throw new FrameFault(1003, 'text only');
    const isContinuation = frame.opcode === opcode.continuation;
    if (!isContinuation && frame.opcode !== opcode.text) throw new FrameFault(1002, 'unknown opcode');
    if (isContinuation === (parts.length === 0)) throw new FrameFault(1002, 'fragments out of order');
    size += frame.data.length;
    if (size > maxMessageBytes) throw new FrameFault(1009, 'message too big');
    parts.push(frame.data);
    if (!frame.isFinal) return null;
    const text = Buffer.concat(parts).toString('utf8');
    parts = [];
    size = 0;
    return text;
  };
}

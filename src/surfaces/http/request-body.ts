/**
 * The body of a request, bounded at every step: while it arrives (`Content-Length` is believed only when it says too much),
 * when it is unpacked, in how long it may take, and in how many bytes all requests together may hold.
 */
import type { Transform } from 'node:stream';
import { promisify } from 'node:util';
import { createGunzip, createInflate, createInflateRaw, createZstdDecompress, gunzip, gunzipSync } from 'node:zlib';
import { HTTPException } from 'hono/http-exception';
import { snappyLength, unsnappy } from '../../domain/snappy.ts';
import { refuse } from './answers.ts';
import { deadlinesOf } from './deadlines.ts';

export interface BodyLimits {
  /** As it arrives. */
  readonly maxBytes: number;
  /** After unpacking. */
  readonly maxUnpackedBytes: number;
  readonly deadlineMs: number;
}

/** How many requests of one kind may be under way at once, and how many bytes their bodies hold; more are asked to come back. */
export interface Budget {
  enter(): void;
  leave(): void;
  take(bytes: number): void;
  giveBack(bytes: number): void;
  /** May so much be set aside for a body that is only announced? Half of all at most: who announces and sends nothing takes no more. */
  canSetAside(bytes: number): boolean;
}

/** Who sends faster than we take is told at once: behind so many it would be answered later than it waits. */
const maxRequests = 1_024;

/** `isShut`: whether all are to come back later. */
export function createBudget(maxBytes: number, isShut: () => boolean = () => false): Budget {
  let [held, underWay] = [0, 0];
  return {
    enter() {
      if (isShut()) throw refuse(503, 'alerts go first; try again');
      if (underWay >= maxRequests) throw refuse(503, 'too many requests are being taken at once; try again');
      underWay++;
    },
    leave() {
      underWay--;
    },
    take(bytes) {
      if (held + bytes > maxBytes) throw refuse(503, 'too much is being taken in at once; try again');
      held += bytes;
    },
    giveBack(bytes) {
      held -= bytes;
    },
    canSetAside: (bytes) => held + bytes <= maxBytes / 2,
  };
}

/** How a `Content-Encoding` is taken off; `''` is the absent one. */
export type Encodings = Readonly<Record<string, 'none' | 'gunzip' | 'inflate' | 'unzstd' | 'unsnappy'>>;

/** What OTLP and the senders of alerts use. */
const defaultEncodings: Encodings = { '': 'none', identity: 'none', gzip: 'gunzip', 'x-gzip': 'gunzip' };
/** What log shippers use besides. */
export const shipperEncodings: Encodings = { ...defaultEncodings, deflate: 'inflate', zlib: 'inflate', zstd: 'unzstd', snappy: 'unsnappy' };

export interface BodyRules {
  readonly limits: BodyLimits;
  readonly budget: Budget;
  /** Sees the bytes as they arrived, before anything is unpacked, and throws when they must not be used. */
  readonly admit?: (raw: Uint8Array) => void;
  readonly encodings?: Encodings;
}

type Take = (bytes: number) => void;

/** Reads the body, hands it to `use` unpacked, and gives its bytes back to the budget when that is done. */
export async function withBody<T>(request: Request, rules: BodyRules, use: (body: Uint8Array) => Promise<T>): Promise<T> {
  const { limits, budget, admit, encodings = defaultEncodings } = rules;
  let held = 0;
  const take = (bytes: number) => {
    budget.take(bytes);
    held += bytes;
  };
  budget.enter();
  try {
    const encoding = (request.headers.get('content-encoding') ?? '').trim().toLowerCase();
    const how = Object.hasOwn(encodings, encoding) ? encodings[encoding] : undefined;
    if (how === undefined) throw refuse(415, `Content-Encoding must be one of ${Object.keys(encodings).filter(Boolean).join(', ')}`);
    const announced = announcedBy(request, limits);
    // Awaited here and not in a function of its own: each costs a storm what reading a header does.
    const raw = isWhole(request, announced, budget)
      ? inBounds(await arriving(request, announced, limits, take), announced, limits, take)
      : await pieces(request, limits, take);
    admit?.(raw);
    if (how === 'none') {
      if (raw.length > limits.maxUnpackedBytes) throw tooLarge(limits.maxUnpackedBytes);
      return await use(raw);
    }
    if (how === 'unsnappy') return await use(fromSnappy(raw, limits.maxUnpackedBytes, take));
    const whole = how === 'gunzip' ? await gunzipped(raw, limits.maxUnpackedBytes, take) : null;
    return await use(whole ?? (await unpacked(raw, unpackerFor(how, raw), limits.maxUnpackedBytes, take)));
  } finally {
    budget.giveBack(held);
    budget.leave();
  }
}

function tooLarge(maxBytes: number) {
  return refuse(413, `the body is larger than ${maxBytes} bytes`);
}

/** A body of the usual size is asked for whole: piece by piece a body of spans takes longer to arrive than to be read. */
const maxWholeBytes = 2 ** 20;

/** Requests that came over a socket: HTTP ends their bodies where they said. One made in this process may go on for ever. */
const fromSocket = new WeakSet<Request>();

/** To be called by the server that read the request. */
export function holdsToItsLength(request: Request): void {
  fromSocket.add(request);
}

/** Bytes that are to come, as the sender says. */
function announcedBy(request: Request, { maxBytes }: BodyLimits): number {
  const announced = Number(request.headers.get('content-length'));
  if (announced > maxBytes) throw tooLarge(maxBytes);
  return announced;
}

function isWhole(request: Request, announced: number, budget: Budget): boolean {
  return fromSocket.has(request) && announced > 0 && announced <= maxWholeBytes && budget.canSetAside(announced);
}

const tooSlow = () => refuse(408, 'the body did not arrive in time');

function arriving(request: Request, announced: number, { deadlineMs }: BodyLimits, take: Take): Promise<ArrayBuffer> {
  take(announced);
  return deadlinesOf(deadlineMs).hold(request.arrayBuffer(), tooSlow);
}

function inBounds(arrived: ArrayBuffer, announced: number, { maxBytes }: BodyLimits, take: Take): Uint8Array {
  const body = new Uint8Array(arrived);
  if (body.length > maxBytes) throw tooLarge(maxBytes);
  if (body.length > announced) take(body.length - announced);
  return body;
}

async function pieces(request: Request, limits: BodyLimits, take: Take): Promise<Uint8Array> {
  if (request.body === null) return new Uint8Array(0);
  const reader = request.body.getReader();
  let isGivenUp = false;
  const reading = async () => {
    const chunks: Uint8Array[] = [];
    for (let length = 0; ; ) {
      const { done, value } = await reader.read();
      if (done || isGivenUp) return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, length);
      length += value.length;
      if (length > limits.maxBytes) throw tooLarge(limits.maxBytes);
      take(value.length);
      chunks.push(value);
    }
  };
  try {
    return await deadlinesOf(limits.deadlineMs).hold(reading(), tooSlow);
  } catch (error) {
    isGivenUp = true;
    // What is still on its way is not wanted any more; that the connection may be gone already does not matter.
    reader.cancel().catch(() => {});
    throw error;
  }
}

type Unpacker = (options: { chunkSize: number }) => Transform;

function unpackerFor(how: 'gunzip' | 'inflate' | 'unzstd', raw: Uint8Array): Unpacker {
  if (how === 'inflate') return inflaterFor(raw);
  return how === 'gunzip' ? createGunzip : createZstdDecompress;
}

/** `deflate` means zlib's wrapping of it (RFC 9110, 8.4.1.2); some senders leave the wrapping off. */
function inflaterFor(raw: Uint8Array): Unpacker {
  const [first = 0, second = 0] = raw;
  return (first & 0x0f) === 8 && (first * 256 + second) % 31 === 0 ? createInflate : createInflateRaw;
}

/** A block says how long it will be; that is asked for before anything is made. */
function fromSnappy(raw: Uint8Array, maxBytes: number, take: Take): Uint8Array {
  const length = snappyLength(raw);
  if (length > maxBytes) throw tooLarge(maxBytes);
  take(length);
  return unsnappy(raw, maxBytes);
}

const gunzipInPool = promisify(gunzip);
/** Unpacked in a millisecond or two: the way to the pool and back takes longer where the machine is busy. */
const maxDirectBytes = 2 ** 20;
/** Header and trailer of gzip (RFC 1952, 2.3). */
const leastGzipBytes = 18;
/** zlib takes no smaller steps. */
const leastStepBytes = 64;
/** Deflate packs no tighter (zlib.net/zlib_tech.html): who claims more is not given that much of the budget. */
const maxGzipRatio = 1_032;
/** How a member of gzip begins (RFC 1952, 2.3.1): a second one begins so too. */
const memberStart = Buffer.from([0x1f, 0x8b, 8]);

/** The part of Bun that is used here: several times as fast as zlib's steps. */
interface BunRuntime {
  gunzipSync(data: Uint8Array, options: { library: 'libdeflate' }): Uint8Array;
}

const bun = (globalThis as { Bun?: BunRuntime }).Bun;

/**
 * In one step, by the length that the last four bytes say; no more than the limit is ever made. Null: it is longer than it says,
 * as several members in a row are, or broken, and is to be unpacked step by step.
 */
async function gunzipped(raw: Uint8Array, maxBytes: number, take: Take): Promise<Uint8Array | null> {
  if (raw.length < leastGzipBytes) return null;
  const length = new DataView(raw.buffer, raw.byteOffset + raw.length - 4, 4).getUint32(0, true);
  if (length > maxBytes || length > raw.length * maxGzipRatio || length === 0) return null;
  take(length);
  try {
    if (bun !== undefined && length <= maxDirectBytes && isOneMemberWithin(raw, maxBytes)) {
      const whole = bun.gunzipSync(raw, { library: 'libdeflate' });
      return whole.length === length ? whole : null;
    }
    // One step: by default it would be 16 KiB at a time, and half as fast.
    const bounds = { maxOutputLength: length, chunkSize: Math.max(leastStepBytes, length) };
    return length <= maxDirectBytes ? gunzipSync(raw, bounds) : await gunzipInPool(raw, bounds);
  } catch {
    return null;
  }
}

/** It reads the first member alone and knows no bound: what may have a second one, or could unpack to more than the limit, is not for it. */
function isOneMemberWithin(raw: Uint8Array, maxBytes: number): boolean {
  const { buffer, byteOffset, length } = raw;
  return length * maxGzipRatio <= maxBytes && Buffer.from(buffer, byteOffset, length).indexOf(memberStart, memberStart.length) < 0;
}

/** Large enough that a body of megabytes takes few steps. */
const unpackStepBytes = 256 * 1_024;

/** Step by step, so that a small body that unpacks to gigabytes costs the limit at most, and all of them the budget at most. */
async function unpacked(raw: Uint8Array, create: Unpacker, maxBytes: number, take: Take): Promise<Uint8Array> {
  const unpacker = create({ chunkSize: unpackStepBytes });
  unpacker.end(raw);
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of unpacker as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > maxBytes) throw tooLarge(maxBytes);
      take(chunk.length);
      chunks.push(chunk);
    }
  } catch (error) {
    unpacker.destroy();
    throw error instanceof HTTPException ? error : refuse(400, 'the body is not packed as Content-Encoding says');
  }
  return Buffer.concat(chunks, length);
}

/** `application/json` or a `+json` type, in UTF-8. A browser cannot send these across sites without asking first. */
export function isJson(request: Request): boolean {
  const said = request.headers.get('content-type') ?? '';
  // As nearly all senders write it.
  return said === 'application/json' || isJsonType(said);
}

function isJsonType(said: string): boolean {
  const [type = '', ...parameters] = said.toLowerCase().split(';');
  const charset = parameters.map((parameter) => parameter.trim()).find((parameter) => parameter.startsWith('charset='));
  return /^application\/(json|[\w.!#$&^-]+\+json)$/.test(type.trim()) && (charset === undefined || /^charset="?utf-?8"?$/.test(charset));
}

/**
 * The body of a request, bounded at every step: while it arrives (`Content-Length` is believed only when it says too much),
 * when it is unpacked, in how long it may take, and in how many bytes all requests together may hold.
 */
import { constants, gunzip } from 'node:zlib';
import { refuse } from './answers.ts';

export interface BodyLimits {
  /** As it arrives. */
  readonly maxBytes: number;
  /** After unpacking. */
  readonly maxUnpackedBytes: number;
  readonly deadlineMs: number;
}

/** Bytes all bodies of one kind may hold at once; more are asked to come back. */
export interface Budget {
  take(bytes: number): void;
  giveBack(bytes: number): void;
}

export function createBudget(maxBytes: number): Budget {
  let held = 0;
  return {
    take(bytes) {
      if (held + bytes > maxBytes) throw refuse(503, 'too much is being taken in at once; try again');
      held += bytes;
    },
    giveBack(bytes) {
      held -= bytes;
    },
  };
}

export interface BodyRules {
  readonly limits: BodyLimits;
  readonly budget: Budget;
  /** Sees the bytes as they arrived, before anything is unpacked, and throws when they must not be used. */
  readonly admit?: (raw: Uint8Array) => void;
}

/** Reads the body, hands it to `use` unpacked, and gives its bytes back to the budget when that is done. */
export async function withBody<T>(request: Request, rules: BodyRules, use: (body: Uint8Array) => Promise<T>): Promise<T> {
  const { limits, budget, admit } = rules;
  let held = 0;
  const take = (bytes: number) => {
    budget.take(bytes);
    held += bytes;
  };
  try {
    const encoding = (request.headers.get('content-encoding') ?? 'identity').trim().toLowerCase();
    if (!['identity', '', 'gzip', 'x-gzip'].includes(encoding)) throw refuse(415, 'Content-Encoding must be gzip or identity');
    const raw = await arriving(request, limits, take);
    admit?.(raw);
    if (encoding === 'identity' || encoding === '') {
      if (raw.length > limits.maxUnpackedBytes) throw tooLarge(limits.maxUnpackedBytes);
      return await use(raw);
    }
    const body = await unpacked(raw, limits.maxUnpackedBytes);
    take(body.length);
    return await use(body);
  } finally {
    budget.giveBack(held);
  }
}

function tooLarge(maxBytes: number) {
  return refuse(413, `the body is larger than ${maxBytes} bytes`);
}

async function arriving(request: Request, limits: BodyLimits, take: (bytes: number) => void): Promise<Uint8Array> {
  if (Number(request.headers.get('content-length')) > limits.maxBytes) throw tooLarge(limits.maxBytes);
  if (request.body === null) return new Uint8Array(0);
  const reader = request.body.getReader();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tooSlow = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(refuse(408, 'the body did not arrive in time')), limits.deadlineMs);
  });
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    while (true) {
      const { done, value } = await Promise.race([reader.read(), tooSlow]);
      if (done) break;
      length += value.length;
      if (length > limits.maxBytes) throw tooLarge(limits.maxBytes);
      take(value.length);
      chunks.push(value);
    }
  } catch (error) {
    // What is still on its way is not wanted any more; that the connection may be gone already does not matter.
    reader.cancel().catch(() => {});
    throw error;
  } finally {
    clearTimeout(timer);
  }
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, length);
}

/** zlib stops by itself once the output passes the limit, so a small body that unpacks to gigabytes costs no more than that. */
function unpacked(raw: Uint8Array, maxOutputLength: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    gunzip(raw, { maxOutputLength, finishFlush: constants.Z_FINISH }, (error, body) => {
      if (error === null) return resolve(body);
      const isTooLarge = 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
      reject(isTooLarge ? tooLarge(maxOutputLength) : refuse(400, 'the body is not valid gzip'));
    });
  });
}

/** `application/json` or a `+json` type, in UTF-8. A browser cannot send these across sites without asking first. */
export function isJson(request: Request): boolean {
  const [type = '', ...parameters] = (request.headers.get('content-type') ?? '').toLowerCase().split(';');
  const charset = parameters.map((parameter) => parameter.trim()).find((parameter) => parameter.startsWith('charset='));
  return /^application\/(json|[\w.!#$&^-]+\+json)$/.test(type.trim()) && (charset === undefined || /^charset="?utf-?8"?$/.test(charset));
}

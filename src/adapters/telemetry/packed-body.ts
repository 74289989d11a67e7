/**
 * A request body that is being packed: on a thread of the pool, so that the next request need not wait for it. Until then it is
 * kept as it came; whoever needs it packed before has it packed at once. Small ones are not worth the way to the pool.
 */
import { promisify } from 'node:util';
import { constants, zstdCompress, zstdCompressSync, zstdDecompressSync } from 'node:zlib';

const level = 1;
const fast = { params: { [constants.ZSTD_c_compressionLevel]: level } };
const leastPooledBytes = 16 * 2 ** 10;
/** All that may wait for the pool; what comes then is packed at once, so that a pool that lags is no leak. */
const maxPooledBytes = 8 * 2 ** 20;
let pooledBytes = 0;

/** The part of Bun that is used here. */
interface BunRuntime {
  zstdCompress(data: Uint8Array, options: { level: number }): Promise<Uint8Array>;
  zstdDecompressSync(data: Uint8Array): Uint8Array;
}

const bun = (globalThis as { Bun?: BunRuntime }).Bun;
const packByNode = promisify(zstdCompress);

/** On a thread of the pool. Bun's own takes a third of the time: one step there and back, where zlib's streams take several. */
function packInPool(body: Uint8Array): Promise<Uint8Array> {
  return bun === undefined ? packByNode(body, stepFor(body.length)) : bun.zstdCompress(body, { level });
}

/** In one step: by default zlib's streams take 16 KiB at a time, and nothing packed by zstd is longer than this. */
const stepFor = (length: number) => ({ ...fast, chunkSize: Math.max(leastStep, length + (length >> 8) + 64) });
const leastStep = 1_024;

export class PackedBody {
  /** Null: it is packed. */
  #raw: Uint8Array | null;
  #packed: Uint8Array = new Uint8Array(0);
  readonly #onShrunk: (fewer: number) => void;

  /** `onShrunk` is told by how many bytes it has become smaller where it is packed later (0: it could not be); `packed` where it came so. */
  constructor(body: Uint8Array, onShrunk: (fewer: number) => void, packed?: Uint8Array) {
    this.#raw = body;
    this.#onShrunk = onShrunk;
    if (packed !== undefined) {
      this.#packed = packed;
      this.#raw = null;
      return;
    }
    if (body.length < leastPooledBytes || pooledBytes + body.length > maxPooledBytes) {
      this.#packed = zstdCompressSync(body, stepFor(body.length));
      this.#raw = null;
      return;
    }
    pooledBytes += body.length;
    packInPool(body)
      .finally(() => {
        pooledBytes -= body.length;
      })
      .then(
        (packed) => this.#shrink(packed),
        // It stays as it came until somebody needs it packed, and is told then.
        () => this.#onShrunk(0),
      );
  }

  /** Of what is held now. */
  get bytes(): number {
    return this.#raw?.length ?? this.#packed.length;
  }

  get isPacked(): boolean {
    return this.#raw === null;
  }

  packed(): Uint8Array {
    if (this.#raw !== null) this.#shrink(zstdCompressSync(this.#raw, stepFor(this.#raw.length)));
    return this.#packed;
  }

  body(): Uint8Array {
    return this.#raw ?? unpack(this.#packed);
  }

  #shrink(packed: Uint8Array): void {
    if (this.#raw === null) return;
    const fewer = this.#raw.length - packed.length;
    this.#packed = packed;
    this.#raw = null;
    this.#onShrunk(fewer);
  }
}

/** Bun's own asks the body how long it will be, and takes half the time of zlib's steps. */
export function unpack(packed: Uint8Array): Uint8Array {
  return bun === undefined ? zstdDecompressSync(packed) : bun.zstdDecompressSync(packed);
}

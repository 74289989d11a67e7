/** Trace and span ids as 32-bit words, and a hash of them. */

/** Value of each character code below 128 as a hexadecimal digit; -1: it is none. */
const digitOf = Int8Array.from({ length: 128 }, (_, code) => '0123456789abcdef'.indexOf(String.fromCharCode(code).toLowerCase()));

/** Writes `text` as `count` words into `into`, from `at` on. False: it is not that many digits, or all of them are zero. */
export function hexInto(text: string, into: Int32Array, at: number, count: number): boolean {
  if (text.length !== count * 8) return false;
  let any = 0;
  let wrong = 0;
  for (let word = 0; word < count; word++) {
    let value = 0;
    for (let i = word * 8; i < word * 8 + 8; i++) {
      const code = text.charCodeAt(i);
      const digit = code < 128 ? digitOf[code]! : -1;
      wrong |= digit;
      value = (value << 4) | digit;
    }
    into[at + word] = value;
    any |= value;
  }
  return wrong >= 0 && any !== 0;
}

/** Writes `text`, known to be hexadecimal, as words into `into`, from `at` on. */
export function writeHex(text: string, into: Int32Array, at: number): void {
  hexInto(text, into, at, text.length >> 3);
}

export function readHex(words: Int32Array, at: number, count: number): string {
  let text = '';
  for (let i = 0; i < count; i++) text += (words[at + i]! >>> 0).toString(16).padStart(8, '0');
  return text;
}

export function isZero(words: Int32Array, at: number, count: number): boolean {
  for (let i = 0; i < count; i++) if (words[at + i] !== 0) return false;
  return true;
}

/** Two multiplications and shifts of MurmurHash3's finaliser (https://github.com/aappleby/smhasher): 32 bits, with a sign. */
export function mix(a: number, b: number): number {
  let hash = Math.imul(a ^ (a >>> 16), 0x85ebca6b) ^ b;
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

/** Drawn anew by each process: who sends ids cannot choose them so that they all lead to one place. */
const [seed = 0] = crypto.getRandomValues(new Int32Array(1));

/** Hash of a trace id of four words and a span id of two. Every word counts and none cancels another: senders also count ids up. */
export function spanHash(trace: Int32Array, traceAt: number, span: Int32Array, spanAt: number): number {
  const first = mix(trace[traceAt]! ^ seed, trace[traceAt + 1]!);
  return mix(mix(first ^ trace[traceAt + 2]!, trace[traceAt + 3]!) ^ span[spanAt]!, span[spanAt + 1]!);
}

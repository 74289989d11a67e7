/**
 * Bytes → text. Names come again and again, and making a string costs more than looking at its bytes: a table of the last
 * ones, each in the one place its bytes lead to, so that it never grows.
 */
const places = 4_096;
/** Longer ones are mostly messages, which do not come again. */
const maxKeptBytes = 96;

interface Kept {
  readonly bytes: Uint8Array;
  readonly text: string;
}

const kept: (Kept | undefined)[] = new Array<Kept | undefined>(places).fill(undefined);
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Null: it is no UTF-8. */
export function textOfBytes(bytes: Uint8Array, from: number, to: number): string | null {
  const length = to - from;
  if (length === 0) return '';
  if (length > maxKeptBytes) return decoded(bytes.subarray(from, to));
  const place = placeOf(bytes, from, to);
  const known = kept[place];
  if (known !== undefined && known.bytes.length === length) {
    const its = known.bytes;
    let i = length - 1;
    while (i >= 0 && its[i] === bytes[from + i]) i--;
    if (i < 0) return known.text;
  }
  const text = decoded(bytes.subarray(from, to));
  if (text !== null) kept[place] = { bytes: new Uint8Array(bytes.subarray(from, to)), text };
  return text;
}

/** FNV-1a (www.isthe.com/chongo/tech/comp/fnv) over the last bytes, where names differ, every third of the others, and the length. */
function placeOf(bytes: Uint8Array, from: number, to: number): number {
  let hash = 0x811c9dc5 ^ (to - from);
  const tail = Math.max(from, to - 8);
  for (let at = from; at < tail; at += 3) hash = Math.imul(hash ^ bytes[at]!, 0x01000193);
  for (let at = tail; at < to; at++) hash = Math.imul(hash ^ bytes[at]!, 0x01000193);
  return (hash ^ (hash >>> 15)) & (places - 1);
}

function decoded(bytes: Uint8Array): string | null {
  try {
    return decoder.decode(bytes);
  } catch {
    return null;
  }
}

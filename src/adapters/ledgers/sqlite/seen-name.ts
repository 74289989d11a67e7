/** How the table of deliveries names one: by the end of its key first, which is a time. */

export interface SeenName {
  readonly text: string;
  /** ms since the epoch; NaN where it does not begin with a time. */
  readonly time: number;
  /** A number other than 0 that few others have: FNV-1a, 32 bits, taken over four letters at a time. */
  readonly mark: number;
}

/** Digits of ms since the epoch, from 2001 until 2286. */
export const timeLength = 13;

const zero = 0x30;
const colon = 0x3a;
const atSign = 0x40;

/** `alertmanager:f1:firing:1764072000000` → `1764072000000:alertmanager:f1:firing` */
export function seenName(key: string): SeenName {
  const at = Math.max(key.lastIndexOf(':'), key.lastIndexOf('@'));
  const text = at < 0 ? key : `${key.slice(at + 1)}${key[at]}${key.slice(0, at)}`;
  return { text, time: timeOf(text), mark: markOf(text) };
}

function markOf(text: string): number {
  let mark = 0x811c9dc5;
  const whole = text.length & ~3;
  for (let i = 0; i < whole; i += 4) {
    const four = text.charCodeAt(i) ^ (text.charCodeAt(i + 1) << 8) ^ (text.charCodeAt(i + 2) << 16) ^ (text.charCodeAt(i + 3) << 24);
    mark = Math.imul(mark ^ four, 0x01000193);
  }
  for (let i = whole; i < text.length; i++) mark = Math.imul(mark ^ text.charCodeAt(i), 0x01000193);
  // What lies high counts as well: places are taken by the lower half.
  return (mark ^ (mark >>> 15)) | 0 || 1;
}

function timeOf(text: string): number {
  let time = 0;
  for (let i = 0; i < timeLength; i++) {
    const digit = text.charCodeAt(i) - zero;
    // NaN past the end.
    if (!(digit >= 0 && digit <= 9)) return Number.NaN;
    time = time * 10 + digit;
  }
  const next = text.charCodeAt(timeLength);
  return next === colon || next === atSign ? time : Number.NaN;
}

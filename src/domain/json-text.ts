/** JSON as it comes in from outside: values one after another, and how deep they nest, which is looked at before parsing. */

/**
 * Whether brackets nest deeper outside strings than `most`. Few bodies open so many at all, and these are found as fast as memory
 * is read; the others take one pass over the bytes, so that a hostile body costs no more.
 */
export function isDeeperThan(most: number, body: Uint8Array): boolean {
  return opensMoreThan(most, body) && jsonDepth(body) > most;
}

/** Bytes to a bracket; of alerts there are thirty and more. A parser takes twenty times as long for a body of brackets as for one of text. */
const leastEach = 16;

/** Whether a body opens so many brackets that parsing it takes longer than what else has its length. */
export function isCrowded(body: Uint8Array): boolean {
  return opensMoreThan(Math.ceil(body.length / leastEach), body);
}

function opensMoreThan(most: number, body: Uint8Array): boolean {
  let left = most;
  for (const bracket of [0x7b, 0x5b])
    for (let at = body.indexOf(bracket); at >= 0; at = body.indexOf(bracket, at + 1)) if (--left < 0) return true;
  return false;
}

/** How deep brackets nest outside strings. */
export function jsonDepth(body: Uint8Array): number {
  let depth = 0;
  let deepest = 0;
  for (let i = 0; i < body.length; i++) {
    const byte = body[i];
    if (byte === 0x22) {
      // Most of a body is text, which is passed over in a loop that looks for nothing else.
      for (i++; i < body.length && body[i] !== 0x22; i++) if (body[i] === 0x5c) i++;
    } else if (byte === 0x7b || byte === 0x5b) deepest = Math.max(deepest, ++depth);
    else if (byte === 0x7d || byte === 0x5d) depth--;
  }
  return deepest;
}

/**
 * Where the objects and lists of a text stand that holds one after another, with blanks, line ends or commas between them or
 * nothing at all: `{"a":1}{"a":2}`. What is neither is a stretch of its own up to the end of its line.
 */
export function* jsonStretches(text: string): Generator<string> {
  let depth = 0;
  let isInString = false;
  let start = -1;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (isInString) {
      if (code === 0x5c) i++;
      else if (code === 0x22) isInString = false;
    } else if (depth > 0) {
      if (code === 0x22) isInString = true;
      else if (code === 0x7b || code === 0x5b) depth++;
      else if ((code === 0x7d || code === 0x5d) && --depth === 0) {
        yield text.slice(start, i + 1);
        start = -1;
      }
    } else if (code === 0x7b || code === 0x5b) {
      if (start >= 0) yield text.slice(start, i);
      start = i;
      depth = 1;
    } else if (code === 0x0a && start >= 0) {
      yield text.slice(start, i);
      start = -1;
    } else if (start < 0 && !(code === 0x20 || code === 0x09 || code === 0x0a || code === 0x0d || code === 0x2c)) start = i;
  }
  if (start >= 0) yield text.slice(start);
}

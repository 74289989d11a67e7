/** JSON as it comes in from outside: values one after another, and how deep they nest, which is looked at before parsing. */

/** How deep brackets nest outside strings; one pass over the bytes, so that a hostile body costs no more. */
export function jsonDepth(body: Uint8Array): number {
  let depth = 0;
  let deepest = 0;
  let isInString = false;
  for (let i = 0; i < body.length; i++) {
    const byte = body[i];
    if (isInString) {
      if (byte === 0x5c) i++;
      else if (byte === 0x22) isInString = false;
    } else if (byte === 0x22) isInString = true;
    else if (byte === 0x7b || byte === 0x5b) deepest = Math.max(deepest, ++depth);
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

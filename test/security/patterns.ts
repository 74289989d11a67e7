/** Every regular expression that stands in the source, found by reading it the way a compiler does: strings and comments are none. */

export interface Pattern {
  readonly file: string;
  readonly line: number;
  readonly source: string;
  readonly flags: string;
}

/** After these a slash begins a pattern; after a name, a number or a closing bracket it divides. */
const beforePattern = /[([{,;:=!&|?+\-*%<>~^]$|^$|\b(?:return|typeof|case|in|of|delete|void|throw|new|else|do|await|yield)$/;

export function patternsIn(file: string, text: string): Pattern[] {
  const found: Pattern[] = [];
  readCode(text, 0, null, (at, source, flags) => found.push({ file, line: text.slice(0, at).split('\n').length, source, flags }));
  return found;
}

type Tell = (at: number, source: string, flags: string) => void;

/** Reads on to the bracket that ends it (of a `${…}` in a template), or to the end; answers where it stopped. */
function readCode(text: string, from: number, end: '}' | null, tell: Tell): number {
  let before = '';
  let depth = 0;
  for (let at = from; at < text.length; ) {
    const sign = text[at] ?? '';
    const two = text.slice(at, at + 2);
    if (two === '//') at = endOf(text, '\n', at);
    else if (two === '/*') at = endOf(text, '*/', at + 2);
    else if (sign === '"' || sign === "'") {
      at = endOfString(text, at + 1, sign);
      before = '""';
    } else if (sign === '`') {
      at = readTemplate(text, at + 1, tell);
      before = '""';
    } else if (sign === '/' && beforePattern.test(before)) {
      const body = endOfPattern(text, at + 1);
      const flags = /^[a-z]*/.exec(text.slice(body + 1, body + 12))?.[0] ?? '';
      tell(at, text.slice(at + 1, body), flags);
      at = body + 1 + flags.length;
      before = ')';
    } else {
      if (sign === '{') depth++;
      if (sign === '}' && depth-- === 0 && end === '}') return at + 1;
      before = after(before, sign);
      at++;
    }
  }
  return text.length;
}

/** Spaces tell nothing but where a name ends; `!` behind a value is a word to the compiler, not an operator. */
function after(before: string, sign: string): string {
  if (/\s/.test(sign)) return /\w$/.test(before) && !beforePattern.test(before) ? `${before} ` : before;
  return sign === '!' && /[\w)\]]$/.test(before) ? before : `${before}${sign}`.slice(-12);
}

function endOf(text: string, mark: string, from: number): number {
  const at = text.indexOf(mark, from);
  return at === -1 ? text.length : at + mark.length;
}

function endOfString(text: string, from: number, quote: string): number {
  for (let at = from; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === quote) return at + 1;
  }
  return text.length;
}

function readTemplate(text: string, from: number, tell: Tell): number {
  for (let at = from; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === '`') return at + 1;
    else if (text.startsWith('${', at)) at = readCode(text, at + 2, '}', tell) - 1;
  }
  return text.length;
}

function endOfPattern(text: string, from: number): number {
  let isInClass = false;
  for (let at = from; at < text.length; at++) {
    const sign = text[at];
    if (sign === '\\') at++;
    else if (sign === '[') isInClass = true;
    else if (sign === ']') isInClass = false;
    else if (sign === '/' && !isInClass) return at;
  }
  return text.length;
}

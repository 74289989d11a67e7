/** logfmt: `level=error msg="it broke" code=7`. One pass over the line; a line that is not all pairs is no logfmt. */

const maxPairs = 128;
const key = /[A-Za-z_@][\w.@/-]{0,127}(?==)/y;
const bare = /[^\s"]*/y;
const blanks = /[ \t]*/y;

/** Keys one of which must be there: `a=b c=d` alone may be anything. */
const telling = new Set(['level', 'lvl', 'msg', 'message', 'time', 'ts', 'timestamp', 'severity', 't', 'at']);

export function logfmtRecord(line: string): Record<string, string> | null {
  const found: [string, string][] = [];
  let isTelling = false;
  for (let at = 0; at < line.length; ) {
    blanks.lastIndex = at;
    at += blanks.exec(line)?.[0].length ?? 0;
    if (at >= line.length) break;
    key.lastIndex = at;
    const name = key.exec(line)?.[0];
    if (name === undefined || found.length >= maxPairs) return null;
    at += name.length + 1;
    const [value, end] = line[at] === '"' ? quoted(line, at) : plain(line, at);
    if (end < 0) return null;
    found.push([name, value]);
    isTelling ||= telling.has(name.toLowerCase());
    at = end;
  }
  return isTelling && found.length >= 2 ? Object.fromEntries(found.filter(([name]) => name !== '__proto__')) : null;
}

function plain(line: string, at: number): [string, number] {
  bare.lastIndex = at;
  const value = bare.exec(line)?.[0] ?? '';
  return [value, line[at + value.length] === '"' ? -1 : at + value.length];
}

/** From the opening quote; an end of -1: it is never closed, or something follows it at once. */
function quoted(line: string, open: number): [string, number] {
  for (let at = open + 1; at < line.length; at++) {
    if (line[at] === '\\') at++;
    else if (line[at] === '"') return isBlank(line[at + 1]) ? [unescaped(line.slice(open + 1, at)), at + 1] : ['', -1];
  }
  return ['', -1];
}

function isBlank(character: string | undefined): boolean {
  return character === undefined || character === ' ' || character === '\t';
}

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' };

function unescaped(text: string): string {
  return text.includes('\\') ? text.replace(/\\(.)/gs, (_, c: string) => escapes[c] ?? c) : text;
}

/**
 * What stands percent-encoded in an address is read as what it means: `dsn=postgres%3A%2F%2Fapp%3Ahunter2%40db-1`. Where
 * that has a secret, the run is written anew around its placeholder; else it stays as it came.
 */
/** Ends where an address's own signs begin. */
const run = /(?<![\w.~+*!()%-])[\w.~+*!()%-]+/g;
/** Of an ASCII sign. */
const asciiEscape = /%([0-7][0-9a-f])/gi;

/** `redact` is everything that is known of secrets. */
export function withinEscapes(text: string, redact: (text: string) => string): string {
  // Most lines have none.
  if (!text.includes('%')) return text;
  return text.replace(run, (encoded) => {
    const meant = encoded.replace(asciiEscape, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
    if (meant === encoded) return encoded;
    const shown = redact(meant);
    return shown === meant ? encoded : shown.split(placeholder).map(encodedAgain).join('');
  });
}

const placeholder = /(\[(?:secret|email|ip):[0-9a-f]{4}\])/;

function encodedAgain(part: string): string {
  if (placeholder.test(part)) return part;
  // Escapes of other signs than ASCII's were left as they came.
  return part.replace(/%(?![89a-f][0-9a-f])|[^\w.~+*!()%-]/gi, (sign) => (sign.length === 1 && sign < '\x80' ? escapeOf(sign) : sign));
}

const escapeOf = (sign: string) => `%${sign.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;

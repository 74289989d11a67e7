/** Addresses and header lines as they may go into a letter: one line each, so that no text can add a header of its own. */
import addressparser from 'nodemailer/lib/addressparser';

export interface Address {
  readonly name: string;
  readonly address: string;
}

/** Longer ones are not addresses (RFC 5321, 4.5.3.1.3). */
const maxLength = 254;

/** `ops@example.com` or `Ops <ops@example.com>`; null for anything else, several addresses included. */
export function readAddress(text: string): Address | null {
  if (/[\p{Cc}\u2028\u2029]/u.test(text)) return null;
  const [first, ...others] = addressparser(text, { flatten: true });
  if (first === undefined || others.length > 0) return null;
  const { name, address } = first;
  return address.length <= maxLength && /^[^\s@<>",;:\\()[\]]+@[^\s@<>",;:\\()[\]]+$/.test(address) ? { name, address } : null;
}

/** Parts between commas; a part that is no address is null. */
export function readAddresses(text: string): (Address | null)[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map(readAddress);
}

export function domainOf({ address }: Address): string {
  return address.slice(address.lastIndexOf('@') + 1).toLowerCase();
}

/** What came from outside as the text of a header: no line ends, nothing that turns the line around, no longer than that. */
export function headerLine(text: string, max: number): string {
  const line = text
    .slice(0, max * 4)
    .toWellFormed()
    .replace(/[\s\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ')
    .trim();
  return line.length <= max ? line : `${line.slice(0, max - 1).toWellFormed()}…`;
}

/** Enough to know whose it is, for those who see problems: `o…s@example.com`. */
export function masked(address: string): string {
  const at = address.lastIndexOf('@');
  const name = address.slice(0, Math.max(0, at));
  return `${name.slice(0, 1)}…${name.length > 2 ? name.slice(-1) : ''}${address.slice(at)}`;
}

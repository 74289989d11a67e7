/**
 * Secrets made from a seed, in the forms their issuers give them. Prefixes stand in pieces, so that no scanner takes these
 * files for a leak; none of them ever was one.
 */
export interface Maker {
  /** A whole number from 0 up to, not including, `below`. */
  below(limit: number): number;
  /** Text of an alphabet; with a digit inside and an alphanumeric end, as generated secrets have in practice. */
  some(alphabet: string, length: number): string;
  card(prefix: string, length: number): string;
  jwt(): string;
}

export const digits = '0123456789';
export const hex = `${digits}abcdef`;
export const upper = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
export const letters = `${upper}${upper.toLowerCase()}`;
export const alphanumeric = `${letters}${digits}`;
export const url = `${alphanumeric}_-`;
export const base64Signs = `${alphanumeric}+/`;

export const base64 = (text: string) => btoa(text);
export const base64url = (text: string) => base64(text).replace(/=+$/, '').replaceAll('+', '-').replaceAll('/', '_');

export function createMaker(seed: number): Maker {
  let state = seed;
  function below(limit: number): number {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  }
  function some(alphabet: string, length: number): string {
    const made = Array.from({ length }, () => alphabet[below(alphabet.length)]).join('');
    return alphabet.includes('7') ? `${made.slice(0, -2)}7${alphabet.includes('k') ? 'k' : '3'}` : made;
  }
  return {
    below,
    some,
    card(prefix, length) {
      const body = prefix + Array.from({ length: length - prefix.length - 1 }, () => digits[below(10)]).join('');
      let sum = 0;
      for (let i = 0; i < body.length; i++) {
        const digit = Number(body[body.length - 1 - i]);
        const doubled = i % 2 === 0 ? digit * 2 : digit;
        sum += doubled > 9 ? doubled - 9 : doubled;
      }
      return body + String((10 - (sum % 10)) % 10);
    },
    jwt: () => `${base64url('{"alg":"HS256","typ":"JWT"}')}.${base64url(`{"sub":"${some(digits, 8)}","iat":1764072000}`)}.${some(url, 43)}`,
  };
}

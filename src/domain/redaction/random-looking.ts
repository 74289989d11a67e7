/**
 * The last net: long runs that look drawn at random and are no kind of id that debugging needs. Upper case, lower case and
 * digits must be mixed, so hashes, trace ids and UUIDs (one case) pass through, and it must not read like words, so names of
 * classes and paths do.
 */
import { type Rule, rule } from './rule.ts';

const least = 32;
/** Of other alphabets than base64 there are not enough signs to tell. Random base64 of 32 signs has 4.4 bits a sign, words about 3.7. */
const leastBits = 3.9;
/** Of the signs, how many may stand in runs like words (`Checkout`): in random text about a fifth do, in names nearly all. */
const mostInWords = 0.6;
/** With digits strewn in between so often, more of it may happen to look like words. */
const strewn = { digitRuns: 4, mostInWords: 0.75 };

/** Named as what they are: checksums, fingerprints of keys, ids of requests and answers. */
const openly = String.raw`(?:sha(?:1|224|256|384|512)[:-]|md5[:-]|(?:etag|x-amz-id-2|x-amz-cf-id|x-amz-request-id|cf-ray|integrity)\\{0,3}["']?[ \t]{0,2}[:=][ \t]{0,2}(?:W/)?\\{0,3}["']?)`;

export const randomLooking: Rule = rule(
  new RegExp(`(?<![A-Za-z0-9+/_~-])(?<!${openly})(?<secret>[A-Za-z0-9+/_~-]{${least},}={0,2})`, 'gi'),
  looksRandom,
);

/** Checksums with their kind glued on, and public keys as OpenSSH and certificates begin them. */
const knownShape = /^(?:sha(?:1|224|256|384|512)-|AAAA[BCE][0-9A-Za-z]|MII[A-Z])/;

function looksRandom(text: string): boolean {
  if (knownShape.test(text)) return false;
  const count = (signs: RegExp) => text.match(signs)?.length ?? 0;
  if (count(/[A-Z]/g) < 3 || count(/[a-z]/g) < 3 || count(/[0-9]/g) < 1) return false;
  const inWords = (text.match(/[A-Z]?[a-z]{3,}|[A-Z]{4,}/g) ?? []).reduce((sum, word) => sum + word.length, 0);
  const isStrewn = count(/[0-9]+/g) >= strewn.digitRuns;
  return inWords < text.length * (isStrewn ? strewn.mostInWords : mostInWords) && bitsPerSign(text) >= leastBits;
}

function bitsPerSign(text: string): number {
  const counts = new Map<string, number>();
  for (const sign of text) counts.set(sign, (counts.get(sign) ?? 0) + 1);
  let bits = 0;
  for (const n of counts.values()) bits -= (n / text.length) * Math.log2(n / text.length);
  return bits;
}

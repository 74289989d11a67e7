/**
 * What stands in a secret's place: `[secret:3f2a]`, the same for the same secret, so that "the token of the first line is
 * the one of the third" can still be seen.
 *
 * The four digits are a keyed hash. Without the key they say nothing; who has the key learns 16 bits, which confirms a guess
 * but gives nothing away. FNV with two keyed lanes and a final mix (MurmurHash3's) is not a cryptographic hash; it need
 * not be, because the value itself never leaves.
 */
import { fnv1a } from '../evidence.ts';

const form = String.raw`\[(?:secret|email|ip):[0-9a-f]{4}\]`;
const alone = new RegExp(`^${form}$`);
const start = new RegExp(`^${form}`);
const every = new RegExp(form, 'g');

/** For patterns: whoever looks for secrets passes over what was already hidden. */
export const notPlaceholder = `(?!${form})`;

export function isPlaceholder(text: string): boolean {
  return alone.test(text);
}

export function startsHidden(text: string): boolean {
  return start.test(text);
}

/** What of a text is not hidden yet. */
export function withoutPlaceholders(text: string): string {
  return text.replace(every, '');
}

export type PlaceholderKind = 'secret' | 'email' | 'ip';

export function placeholderFor(kind: PlaceholderKind, secret: string, key: string): string {
  const mixed = mix(fnv1a(`${key}\n${secret}`) ^ mix(fnv1a(`${secret}\n${key}`)));
  return `[${kind}:${((mixed ^ (mixed >>> 16)) & 0xffff).toString(16).padStart(4, '0')}]`;
}

function mix(value: number): number {
  let hash = value;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

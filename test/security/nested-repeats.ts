/**
 * Which patterns can take exponential time: a repetition inside a repetition, where a text can be cut in more than one way. A
 * repetition is told apart when every round begins, or ends, with a sign that what repeats inside cannot be:
 *
 *   (?:\.[a-z]+)*     every round begins with a dot, which no letter is      one way
 *   (?:[a-z]+)*       `ab` is one round or two                               2^n ways
 *
 * What is not told apart by this rule may still be fine (a bound, a look-ahead); it then stands in a list with the reason.
 */
interface Repeat {
  readonly min: number;
  readonly max: number;
}
interface Atom extends Repeat {
  readonly kind: 'atom';
  readonly text: string;
}
interface Group extends Repeat {
  readonly kind: 'group';
  readonly ways: readonly (readonly Part[])[];
}
type Part = Atom | Group;

/** Fewer rounds than this within fewer than this are few ways however they are cut. */
const manyTimes = 12;

export function isAmbiguous(source: string, flags: string): boolean {
  const { ways } = parse(source);
  const some = (parts: readonly Part[]): boolean =>
    parts.some((part) => part.kind === 'group' && ((part.max >= manyTimes && !isToldApart(part, flags)) || part.ways.some(some)));
  return ways.some(some);
}

function isToldApart({ ways }: Group, flags: string): boolean {
  const inner = ways.flatMap(loops);
  if (inner.length === 0 && ways.length === 1) return true;
  const ends = (place: 0 | -1) => {
    const signs = ways.map((parts) => parts.at(place));
    if (signs.some((sign) => sign === undefined || sign.kind !== 'atom' || sign.min < 1)) return false;
    const atoms = signs as readonly Atom[];
    const isApart = atoms.every((sign) => inner.every((loop) => loop === sign || !overlaps(sign, loop, flags)));
    // Two ways must not begin alike either.
    const areApart = atoms.every((a, i) => atoms.every((b, j) => i === j || !overlaps(a, b, flags)));
    return isApart && areApart && !atoms.some((sign) => sign.max >= manyTimes && sign.max !== sign.min);
  };
  return ends(0) || ends(-1);
}

/** What repeats inside, at any depth. */
function loops(parts: readonly Part[]): Atom[] {
  return parts.flatMap((part) => {
    if (part.kind === 'group') return part.ways.flatMap(loops).concat(part.max > 1 ? part.ways.flatMap(atomsOf) : []);
    return part.max > 1 && part.max !== part.min ? [part] : [];
  });
}

function atomsOf(parts: readonly Part[]): Atom[] {
  return parts.flatMap((part) => (part.kind === 'atom' ? [part] : part.ways.flatMap(atomsOf)));
}

const signs = [...Array.from({ length: 256 }, (_, code) => String.fromCharCode(code)), 'ä', 'Ж', '中', '\u200b', '\u2028'];

function overlaps(a: Atom, b: Atom, flags: string): boolean {
  const one = (atom: Atom) => new RegExp(`^(?:${atom.text})$`, flags.replace(/[gy]/g, ''));
  const [left, right] = [one(a), one(b)];
  return signs.some((sign) => left.test(sign) && right.test(sign));
}

function parse(source: string): Group {
  let at = 0;
  function group(): (readonly Part[])[] {
    const ways: Part[][] = [[]];
    while (at < source.length && source[at] !== ')') {
      if (source[at] === '|') {
        ways.push([]);
        at++;
        continue;
      }
      const part = one();
      if (part !== null) ways.at(-1)?.push({ ...part, ...quantifier() } as Part);
    }
    return ways;
  }
  function one(): Part | null {
    const sign = source[at];
    if (sign === '(') {
      const opening = /^\((?:\?(?:[:=!]|<[=!]|<[^>]+>))?/.exec(source.slice(at))?.[0] ?? '(';
      at += opening.length;
      const ways = group();
      at++;
      // What is only looked at takes nothing; it is searched for repeats like any other.
      return { kind: 'group', ways, min: 1, max: 1 };
    }
    if (sign === '^' || sign === '$') {
      at++;
      return null;
    }
    const text =
      /^(?:\\(?:[pP]\{[^}]*\}|u\{[^}]*\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|k<[^>]*>|[\s\S])|\[(?:\\[\s\S]|[^\]\\])*\]|[\s\S])/.exec(
        source.slice(at),
      )?.[0] ?? '';
    at += text.length;
    return text === '\\b' || text === '\\B'
      ? null
      : { kind: 'atom', text: text.startsWith('\\k') || /^\\[1-9]/.test(text) ? '[^]' : text, min: 1, max: 1 };
  }
  function quantifier(): Repeat {
    const [all, sign, least, comma, most] = /^(?:([*+?])|\{(\d+)(,?)(\d*)\})\??/.exec(source.slice(at)) ?? [];
    if (all === undefined) return { min: 1, max: 1 };
    at += all.length;
    if (sign !== undefined) return { min: sign === '+' ? 1 : 0, max: sign === '?' ? 1 : Number.POSITIVE_INFINITY };
    const max = comma === '' ? Number(least) : most === '' ? Number.POSITIVE_INFINITY : Number(most);
    return { min: Number(least), max };
  }
  return { kind: 'group', ways: group(), min: 1, max: 1 };
}

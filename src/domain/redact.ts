/**
 * Takes secrets out of text on its way to a person, a model, a sink, an export or a log. What a rule recognises becomes
 * `[secret:3f2a]`: the same secret has the same placeholder as long as the key is the same.
 *
 * Order matters a little: what stands in a place for secrets goes as a whole before its parts are looked at. Text that was
 * redacted stays as it is. Personal data that debugging often needs (e-mail and IP addresses) is taken out on request.
 */
import type { IncidentContext } from './incident-context.ts';
import { headerRules } from './redaction/headers.ts';
import { namedValueRules } from './redaction/named-values.ts';
import { withinEscapes } from './redaction/percent-encoded.ts';
import { personalRules } from './redaction/personal.ts';
import { isPlaceholder, placeholderFor, withoutPlaceholders } from './redaction/placeholder.ts';
import { randomLooking } from './redaction/random-looking.ts';
import { isSecretName } from './redaction/secret-names.ts';
import { tokenRules } from './redaction/tokens.ts';

/** Personal data, which debugging often needs. */
export interface Personal {
  readonly emailAddresses?: boolean;
  readonly ipAddresses?: boolean;
}

export interface RedactOptions extends Personal {
  /** Keeps placeholders the same from one start to the next; kept as secret as the secrets are. */
  readonly key: string;
}

export interface Redactor {
  redact(text: string): { text: string; count: number };
  /** Every text in arrays and objects, names included; what a telling name holds goes as a whole. Other values are kept. */
  redactDeep<T>(value: T): { value: T; count: number };
  /** Counts what was taken out in `flags.redacted`. */
  redactContext(context: IncidentContext): IncidentContext;
}

/** Deeper than anything that is sent; only guards the stack. */
const maxDepth = 100;

/** Two are enough for what was ever seen, glued at random; the bound is for what was not. */
const maxRounds = 5;

export function createRedactor({ key, emailAddresses = false, ipAddresses = false }: RedactOptions): Redactor {
  const secretRules = [...headerRules, ...namedValueRules, ...tokenRules, randomLooking];
  const personal = personalRules({ emailAddresses, ipAddresses });

  function redactOnce(text: string): { text: string; count: number } {
    let count = 0;
    const hideAs = (kind: 'secret' | 'email' | 'ip') => (secret: string) => {
      count++;
      return placeholderFor(kind, secret, key);
    };
    const plain = (part: string): string => {
      let shown = part;
      for (const rule of secretRules) shown = rule(shown, hideAs('secret'));
      for (const { kind, rule } of personal) shown = rule(shown, hideAs(kind));
      return shown;
    };
    // Escapes first: `%3D` before a secret would be taken for a part of it.
    return { text: plain(withinEscapes(text, plain)), count };
  }

  function redact(text: string): { text: string; count: number } {
    let { text: shown, count } = redactOnce(text);
    if (count === 0) return { text, count };
    // What is hidden may bare the beginning of something that stood glued to it.
    for (let round = 1; round < maxRounds; round++) {
      const again = redactOnce(shown);
      if (again.count === 0) break;
      shown = again.text;
      count += again.count;
    }
    return { text: shown, count };
  }

  function redactDeep<T>(value: T): { value: T; count: number } {
    let count = 0;
    const shownText = (text: string): string => {
      const found = redact(text);
      count += found.count;
      return found.text;
    };
    const shown = (part: unknown, depth: number): unknown => {
      if (typeof part === 'string') return shownText(part);
      if (typeof part !== 'object' || part === null) return part;
      if (depth > maxDepth) return null;
      if (Array.isArray(part)) return part.map((element) => shown(element, depth + 1));
      const named = nameOf(part);
      return Object.fromEntries(
        Object.entries(part).map(([member, inner]) => {
          const name = named !== null && member === 'value' ? named : member;
          // A name that hides a secret itself is no name of one, whatever its placeholder's digits make it look like.
          const isName = withoutPlaceholders(name) === name && isSecretName(name, typeof inner === 'string' ? inner : '');
          if (typeof inner !== 'string' || !isName || isPlaceholder(inner)) return [shownText(member), shown(inner, depth + 1)];
          count++;
          return [member, placeholderFor('secret', inner, key)];
        }),
      );
    };
    return { value: shown(value, 0) as T, count };
  }

  return {
    redact,
    redactDeep,
    redactContext(context) {
      const { value, count } = redactDeep(context);
      return { ...value, flags: { ...value.flags, redacted: context.flags.redacted + count } };
    },
  };
}

/** `{ name: 'DB_PASSWORD', value: '…' }`, as environments, headers and attributes are listed. */
function nameOf(part: object): string | null {
  const { name, key } = part as { name?: unknown; key?: unknown };
  return typeof name === 'string' ? name : typeof key === 'string' ? key : null;
}

/**
 * For where no installation's key is at hand. The key is drawn once per process, the one use of chance in the domain: a key
 * that could be read here would let anybody try passwords against placeholders.
 */
const ofThisProcess = createRedactor({ key: crypto.randomUUID() });

export const { redact, redactDeep, redactContext } = ofThisProcess;

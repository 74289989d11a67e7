/** One way to recognise secrets. `hide` gives what stands in a secret's place; the rest of the text stays as it is. */
import { startsHidden } from './placeholder.ts';

export type Hide = (secret: string) => string;
export type Rule = (text: string, hide: Hide) => string;

/**
 * A rule from a pattern whose group `secret` is what must not be seen. `isSecret` may look closer.
 *
 * Every pattern here runs in linear time: what repeats is followed by something it cannot itself match, and a token is
 * only looked for where one may begin (`boundary`), so that no run of characters is walked through twice.
 */
export function rule(pattern: RegExp, isSecret: (secret: string) => boolean = () => true): Rule {
  return (text, hide) =>
    replaceEach(text, pattern, (found) => {
      const secret = found.groups?.['secret'] ?? '';
      const from = found[0].lastIndexOf(secret);
      const isFound = secret !== '' && !startsHidden(secret) && isSecret(secret);
      return { from, to: isFound ? from + secret.length : null, shown: isFound ? hide(secret) : '' };
    });
}

/** What to do with a find: the part from `from` to `to` is shown as `shown`; with `to: null` it stays. */
export interface Decision {
  readonly from: number;
  readonly to: number | null;
  readonly shown: string;
}

/**
 * Like `replaceAll`, but a find that is turned down is looked into again from its value on: in `token: password=x` the
 * value of the first name is prose, and holds the second.
 */
export function replaceEach(text: string, pattern: RegExp, decide: (found: RegExpExecArray) => Decision): string {
  const finder = new RegExp(pattern);
  let shown = '';
  let done = 0;
  for (let found = finder.exec(text); found !== null; found = finder.exec(text)) {
    const decision = decide(found);
    if (decision.to === null) {
      finder.lastIndex = Math.max(found.index + 1, found.index + decision.from);
      continue;
    }
    shown += text.slice(done, found.index + decision.from) + decision.shown;
    done = found.index + decision.to;
    finder.lastIndex = Math.max(done, found.index + 1);
  }
  return done === 0 ? text : shown + text.slice(done);
}

/** Nothing that could belong to a token stands before. */
export const boundary = String.raw`(?<![A-Za-z0-9_\-])`;

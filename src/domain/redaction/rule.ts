/** One way to recognise secrets. `hide` gives what stands in a secret's place; the rest of the text stays as it is. */
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
    text.replace(pattern, (...found) => {
      const whole = String(found[0]);
      const { secret } = found.at(-1) as { secret?: string };
      if (secret === undefined || secret === '' || !isSecret(secret)) return whole;
      const at = whole.lastIndexOf(secret);
      return whole.slice(0, at) + hide(secret) + whole.slice(at + secret.length);
    });
}

/** Nothing that could belong to a token stands before. */
export const boundary = String.raw`(?<![A-Za-z0-9_\-])`;

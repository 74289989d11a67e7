/** E-mail and IP addresses: personal data, but often just what debugging needs, so only on request. */
import { type Rule, rule } from './rule.ts';

const email = rule(/(?<![\w.+%-])(?<secret>[\w.+%-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24})(?![\w-])/g);

const ipv4 = rule(
  /(?<![\w.-])(?<secret>[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3})(?![\w-]|\.[0-9])/g,
  (text) => text.split('.').every((part) => Number(part) < 256) && !/^(?:127\.|0\.0\.0\.0$)/.test(text),
);

/** Full or with `::`; times such as `12:30:05` have two colons and no `::`. */
const ipv6 = rule(/(?<![\w:.-])(?<secret>[0-9a-fA-F]{0,4}(?::[0-9a-fA-F]{0,4}){2,7})(?![\w:-])/g, (text) =>
  text.includes('::') ? text.length > 4 && text.split('::').length === 2 : text.split(':').length === 8,
);

export function personalRules(options: { emailAddresses: boolean; ipAddresses: boolean }): { kind: 'email' | 'ip'; rule: Rule }[] {
  return [
    ...(options.emailAddresses ? [{ kind: 'email', rule: email } as const] : []),
    ...(options.ipAddresses ? [{ kind: 'ip', rule: ipv4 } as const, { kind: 'ip', rule: ipv6 } as const] : []),
  ];
}

/**
 * Secrets that are recognised by the name before them: `password=…`, `"api_key": "…"`, `--token …`, `<secret>…</secret>`.
 *
 * Some names hold nothing but secrets; others are words of everyday logs ("token: expired"), and there an unquoted value
 * after a colon counts only if it does not read like prose.
 */
import { notPlaceholder, withoutPlaceholders } from './placeholder.ts';
import { replaceEach, type Rule, rule } from './rule.ts';

const strong = [
  'pass(?:word|wd|phrase|code)',
  'passwort',
  'pwd',
  '(?:access|refresh|id|auth|bearer|session|csrf|xsrf|vault|bot|app|security|device|api|deploy|webhook|user|oauth|jwt|master)[_-]?token',
  '(?:client|app|shared|consumer|signing|webhook|jwt|oauth|api)[_-]?secret',
  '(?:api|access|private|secret|signing|encryption|account|auth|master|storage|service|license|crypto|hmac|ssh|shared[_-]?access)[_-]?key(?![_-]?(?:id|name)\\b)',
  'requirepass',
  'masterauth',
  'connection[_-]?string(?=["\']?\\s*[:=])',
  'otp',
  'cv[vc]2?',
].join('|');

/** `secret:` of a placeholder is no name. */
const weak = '(?<!\\[(?=secret:[0-9a-f]{4}\\]))secret|token|credentials?|signature|passw|(?<![A-Za-z])pass';

/** Words of the name after the part that makes it secret: `password_hash`, `token2`, `secretValue`. */
const suffix = '(?:[_-]?(?:hash|value|text|plain|b(?:ase)?64|new|old|current|confirm(?:ation)?|[0-9]{1,2}))?';

/** The end of the name and what separates it: `": `, `' => `, `]=`, `%3D`; quotes may be escaped. */
const separator = String.raw`(?<separator>\\{0,3}["'\`]?(?:\]|%5D)?[ \t]{0,4}(?:=>|:=|==?(?![=>])|:(?!=)|%3D)[ \t]{0,4})`;

/**
 * The value, quoted or bare. A closing quote need not be there: lines are cut off. Inside a bare value `,` `&` `;` go on only
 * where no next name begins after them: `a,b` is one value, `a, b` and `a,b=c` are not.
 */
const value = [
  String.raw`(?<escapedOpen>\\{1,3}["'])(?<escaped>[^"'\\\r\n]*(?:\\+(?!["'\\])[^"'\\\r\n]*)*)`,
  String.raw`"(?<double>[^"\\\r\n]*(?:\\[^\r\n][^"\\\r\n]*)*)`,
  String.raw`'(?<single>[^'\\\r\n]*(?:\\[^\r\n][^'\\\r\n]*)*)`,
  '`(?<tick>[^`\\r\\n]*)',
  String.raw`(?<bare>[^\s"'\`&;,<>\\]+(?:(?:,(?![\s"'{\[]|[\w.\-]{1,40}["']?[=:]|$)|&(?![\w.%\[\]\-]{1,64}=|\s|$)|;(?!\s|[\w .\-]{1,40}=|$))[^\s"'\`&;,<>\\]+)*)`,
].join('|');

const quote = String.raw`\\{0,3}["'\`]?`;

/** Name and value each as a member: `{"name":"DB_PASSWORD","value":"…"}`, `- name: DB_PASSWORD⏎  value: …`, OTLP's `stringValue` too. */
const members = String.raw`(?:${quote}\s{0,4},?(?:\s|\\n){0,40}${quote}value${quote}[ \t]{0,4}[:=](?:[ \t]{0,4}\{[ \t]{0,4}${quote}string_?value${quote}[ \t]{0,4}:)?[ \t]{0,4})`;

const named = new RegExp(`(?<name>(?<strong>${strong})|${weak})${suffix}(?:${separator}|${members})${notPlaceholder}(?:${value})`, 'gi');

interface Found {
  readonly name: string;
  readonly strong?: string;
  /** Absent between members. */
  readonly separator?: string;
  readonly escaped?: string;
  readonly double?: string;
  readonly single?: string;
  readonly tick?: string;
  readonly bare?: string;
}

const namedValues: Rule = (text, hide) =>
  replaceEach(text, named, (found) => {
    const parts = found.groups as unknown as Found;
    const quoted = parts.escaped ?? parts.double ?? parts.single ?? parts.tick;
    const whole = quoted ?? parts.bare ?? '';
    const from = found[0].length - whole.length;
    const secret = quoted ?? withoutEnd(whole);
    const isProse = quoted === undefined && parts.strong === undefined && /:\s/.test(parts.separator ?? '') && !looksRandom(secret);
    const isFound = !isProse && isSecretValue(secret, parts);
    return { from, to: isFound ? from + secret.length : null, shown: isFound ? hide(secret) : '' };
  });

/** Brackets and a full stop at the end belong to the sentence around it. */
function withoutEnd(bare: string): string {
  const trimmed = bare.replace(/[)\]}.:]{1,8}$/, '');
  return /\[(?:secret|email|ip):[0-9a-f]{4}$/.test(trimmed) ? `${trimmed}]` : trimmed;
}

/** States and placeholders that stand where a secret would. */
const noSecret =
  /^(?:null|none|nil|undefined|true|false|yes|no|on|off|empty|missing|invalid|incorrect|expired|required|wrong|failed|failure|unknown|unset|set|not|is|was|has|must|ok|error|optional|string|redacted|masked|hidden|filtered|removed|denied|rejected|accepted|changed|reset|updated|rotated|found|for|and|or|the|a|an|in|to|of|bearer|basic|digest|n\/a)$/i;
const noLetters = /^[^\p{L}\p{N}]*$/u;
const template =
  /^(?:\$\{[^}]*\}?|\$\([^)]*\)?|\{\{.*|\$[A-Z_][A-Z0-9_]*|%[sdv]|:[a-z_]+|<.*>|\[?(?:redacted|filtered|masked|removed|hidden)\]?)$/i;
const mask = /^(?:x{3,}|[*•.#_x-]{3,})$/i;

/** Longer ones are not looked at as templates or prose: the rest of a line may stand in them. */
const longestTemplate = 200;

function isSecretValue(text: string, { name, strong }: Found): boolean {
  const value = withoutPlaceholders(text);
  if (noLetters.test(value) || noSecret.test(value) || mask.test(value)) return false;
  if (value.length < longestTemplate && template.test(value)) return false;
  if (/^pwd$/i.test(name) && /^[/~]/.test(value)) return false; // the shell's working directory
  if (/^(?:cv[vc]2?|otp)$/i.test(name)) return /^[0-9]{3,10}$/.test(value);
  return strong !== undefined || !/^[0-9]{1,3}$/.test(value);
}

function looksRandom(text: string): boolean {
  const value = withoutPlaceholders(text);
  return (value.length >= 6 && /[0-9]/.test(value)) || (value.length >= 24 && !value.includes('.')) || value.length >= longestTemplate;
}

const optionNames =
  'password|passwd|passphrase|token|secret|api-?key|access-?key|secret-?key|private-?key|client-?secret|auth-?token|access-?token';

/** `--password x`: the value is the next word. */
const options = rule(
  new RegExp(
    `(?<![\\w-])--?[\\w-]{0,40}?(?:${optionNames}|${strong})[ \\t]{1,4}["'\`]?${notPlaceholder}(?<secret>[^\\s"'\`-][^\\s"'\`]*)`,
    'gi',
  ),
  (secret) => !noSecret.test(secret) && !template.test(secret) && !mask.test(secret),
);

/** `mysql -u root -px`, `curl -u user:x`. */
const mysqlOption = rule(/(?<![\w-])mysql[a-z]{0,10}\s[^\r\n|;]{0,200}?\s-p["']?(?<secret>[^\s"'-][^\s"']*)/g);
const curlOption = rule(
  /(?<![\w-])(?:curl|wget|http)\s[^\r\n|;]{0,300}?\s(?:-u|--user)[ =]["']?[^\s:"'[]{1,64}:(?<secret>[^\s"']{1,512})/g,
);

const element = rule(
  new RegExp(
    `<[\\w:.-]{0,40}(?:${optionNames}|${strong})[\\w.-]{0,20}>\\s{0,8}${notPlaceholder}(?<secret>[^<>\\s][^<>]{0,4000}?)\\s{0,8}</`,
    'gi',
  ),
  (secret) => !noSecret.test(secret) && !template.test(secret),
);

/** `identified by 'x'`, `PASSWORD 'x'`, `login a password x`. */
const statement = rule(
  /(?:identified\s{1,4}(?:with\s{1,4}\S{1,64}\s{1,4})?by|\bpassword)\s{1,4}'(?!\[secret:)(?<secret>[^'\r\n]{1,512})'/gi,
);
const netrc = rule(new RegExp(`\\blogin\\s{1,4}\\S{1,128}\\s{1,4}password\\s{1,4}${notPlaceholder}(?<secret>\\S{1,512})`, 'gi'));

/** "the password is x", where x is no word. */
const sentence = rule(
  new RegExp(
    `\\b(?:password|passphrase|passcode)\\s{1,4}(?:is|was|=|set to|changed to)[ \\t]{1,4}["'\`]?${notPlaceholder}(?<secret>[^\\s"'\`]{4,})`,
    'gi',
  ),
  (secret) => /[0-9@#$%^&*!]/.test(secret.slice(0, -1)),
);

export const namedValueRules: readonly Rule[] = [namedValues, options, mysqlOption, curlOption, element, statement, netrc, sentence];

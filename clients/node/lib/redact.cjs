'use strict';
/**
 * Secrets are taken out before anything leaves the process. The server redacts again and knows more forms; here are those
 * that must never be on the wire: by the name they stand under, and by their own looks. Every pattern is linear.
 */

const hidden = '[redacted]';
const secretName = /passw(?:or)?d|passphrase|secret|token|api[-_]?key|authorization|cookie|credential|private[-_]?key|session[-_]?key/i;

const looks = [
  [/-----BEGIN [A-Z ]{0,32}PRIVATE KEY-----[^-]{0,8000}(?:-----END [A-Z ]{0,32}PRIVATE KEY-----)?/g, hidden],
  [/\beyJ[\w-]{8,4000}\.[\w-]{8,8000}\.[\w-]{0,1000}/g, hidden],
  [/\b(Bearer|Basic|Token)\s+[\w.~+/=-]{8,4000}/gi, `$1 ${hidden}`],
  [/\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g, hidden],
  [/\b(?:gh[pousr]_|github_pat_|xox[abprs]-|xapp-|sk-|sk_live_|rk_live_|glpat-|npm_)[\w-]{8,400}/g, hidden],
  [/\b([a-z][a-z0-9+.-]{1,20}:\/\/)[^\s/:@]{0,256}:[^\s/@]{1,256}@/gi, `$1${hidden}@`],
  [
    /\b((?:passw(?:or)?d|passphrase|secret|token|api[-_]?key|authorization)["']?\s{0,4}[=:]\s{0,4})("[^"]{1,1000}"|'[^']{1,1000}'|[^\s,;&"']{1,1000})/gi,
    `$1${hidden}`,
  ],
  [/\b(?:\d[ -]?){13,19}\b/g, (digits) => (isCard(digits) ? hidden : digits)],
];

/** Luhn's sum: what merely has as many digits stays. */
function isCard(text) {
  const digits = text.replace(/[ -]/g, '');
  if (!/^[3-6]/.test(digits)) return false;
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    let digit = Number(digits[digits.length - 1 - i]);
    if (i % 2 === 1) digit = digit * 2 > 9 ? digit * 2 - 9 : digit * 2;
    sum += digit;
  }
  return sum % 10 === 0;
}

function redactText(text) {
  let clean = text;
  for (const [pattern, by] of looks) clean = clean.replace(pattern, by);
  return clean;
}

/** A copy with every text redacted, and everything under a name that says what it is. */
function redactDeep(value, depth = 0) {
  if (typeof value === 'string') return redactText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth > 6) return '[too deep]';
  if (Array.isArray(value)) return value.map((entry) => redactDeep(entry, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, entry]) => [name, secretName.test(name) && isPlain(entry) ? hidden : redactDeep(entry, depth + 1)]),
  );
}

function isPlain(value) {
  return typeof value === 'string' || typeof value === 'number';
}

module.exports = { redactDeep, redactText };

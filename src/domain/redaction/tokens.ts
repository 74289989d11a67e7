/**
 * Secrets that are recognised by their own form, wherever they stand: what vendors issue with a prefix, JSON web tokens,
 * private keys, payment cards. Prefixes as their vendors document them; lengths are lower bounds, since they have grown before.
 */
import { isPlaceholder } from './placeholder.ts';
import { boundary, type Rule, rule } from './rule.ts';

const vendorTokens = [
  // Amazon, Google, Microsoft
  'A(?:KIA|SIA|ROA|IDA|GPA|NPA|NVA|BIA|CCA)[A-Z0-9]{16}(?![A-Za-z0-9])',
  'AIza[A-Za-z0-9_-]{30,}',
  'ya29\\.[A-Za-z0-9_.-]{20,}',
  'GOCSPX-[A-Za-z0-9_-]{20,}',
  '1//0[A-Za-z0-9_-]{30,}',
  '[A-Za-z0-9_]{3}[78]Q~[A-Za-z0-9_~.-]{30,}',
  // Code hosts and package registries
  // GitHub's are opaque: newer ones of installations have parts like a web token.
  'gh[pousr]_[A-Za-z0-9_-]{20,}(?:\\.[A-Za-z0-9_-]{4,}){0,4}',
  'github_pat_[A-Za-z0-9_]{22,}',
  'gl(?:pat|dt|rt|cbt|ptt|ft|imt|agent|soat|ffct)-[A-Za-z0-9_.-]{16,}',
  'npm_[A-Za-z0-9]{30,}',
  'pypi-[A-Za-z0-9_-]{16,}',
  'rubygems_[0-9a-f]{32,}',
  'dckr_(?:pat|oat)_[A-Za-z0-9_-]{20,}',
  'AT(?:ATT|CTT|BB)3?[A-Za-z0-9_=.-]{20,}',
  'AKCp[A-Za-z0-9]{20,}',
  // Chat, mail, telephone
  'xox[abceoprsd](?:\\.xox[bp])?-[A-Za-z0-9-]{8,}',
  'xapp-[0-9]-[A-Za-z0-9-]{8,}',
  'xwfp-[A-Za-z0-9-]{8,}',
  'SG\\.[A-Za-z0-9_-]{16,}\\.[A-Za-z0-9_-]{16,}',
  'SK[0-9a-f]{32}(?![0-9a-f])',
  '[0-9a-f]{32}-us[0-9]{1,2}(?![0-9a-z])',
  '[MNO][A-Za-z0-9_-]{23,27}\\.[A-Za-z0-9_-]{6}\\.[A-Za-z0-9_-]{27,}',
  '[A-Za-z0-9_-]{7,40}:APA91b[A-Za-z0-9_-]{60,}',
  'key-[0-9a-f]{32}(?![0-9a-f])',
  '[0-9]{8,10}:AA[A-Za-z0-9_-]{32,}',
  // Money
  '[srp]k_(?:live|test)_[A-Za-z0-9]{10,}',
  'whsec_[A-Za-z0-9+/=]{16,}',
  'shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}',
  'sq0(?:atp|csp|idp)-[A-Za-z0-9_-]{20,}',
  // Models
  'sk-[A-Za-z0-9_-]{20,}',
  'hf_[A-Za-z0-9]{20,}',
  'gsk_[A-Za-z0-9]{20,}',
  'xai-[A-Za-z0-9]{20,}',
  'r8_[A-Za-z0-9]{20,}',
  'pplx-[A-Za-z0-9]{20,}',
  // Infrastructure
  'cf(?:k|ut|at)_[A-Za-z0-9_-]{32,}',
  'pat[A-Za-z0-9]{14}\\.[0-9a-f]{40,}',
  'hv[sbr]\\.[A-Za-z0-9_-]{20,}',
  'do[opr]_v1_[0-9a-f]{32,}',
  'dapi[0-9a-f]{32}',
  'glsa_[A-Za-z0-9]{20,}_[0-9a-f]{8}',
  'glc_[A-Za-z0-9+/=]{32,}',
  'NRAK-[A-Z0-9]{20,}',
  'sntry[su]_[A-Za-z0-9+/=_]{20,}',
  'lin_api_[A-Za-z0-9]{20,}',
  '(?:secret|ntn)_[A-Za-z0-9]{40,}',
  'pscale_(?:tkn|pw|oauth)_[A-Za-z0-9_.-]{20,}',
  'sbp_[0-9a-f]{32,}',
  'figd_[A-Za-z0-9_-]{20,}',
  'HRKU-[A-Za-z0-9_-]{20,}',
  'PMAK-[A-Za-z0-9-]{20,}',
  'dp\\.(?:pt|st|ct|sa|scim|audit)\\.[A-Za-z0-9_.-]{20,}',
  'FlyV1 [A-Za-z0-9_,+/=-]{20,}',
  'fo1_[A-Za-z0-9_-]{20,}',
  '[A-Za-z0-9]{14}\\.atlasv1\\.[A-Za-z0-9_-]{40,}',
  'AGE-SECRET-KEY-1[A-Z0-9]{20,}',
];

const vendors = rule(new RegExp(`${boundary}(?<secret>${vendorTokens.join('|')})`, 'g'));

/** Three parts of base64url, or five when encrypted; the first begins with `{"`. */
const jsonWebToken = rule(new RegExp(`${boundary}(?<secret>eyJ[A-Za-z0-9_-]{5,}(?:\\.[A-Za-z0-9_-]{5,})(?:\\.[A-Za-z0-9_-]*){1,3})`, 'g'));

/** Addresses that let anybody who has them post. */
const webhookAddress = rule(
  /(?:hooks\.slack(?:-gov)?\.com\/(?:services|workflows|triggers)|discord(?:app)?\.com\/api(?:\/v[0-9]{1,2})?\/webhooks|webhook\.office\.com\/webhookb2|chat\.googleapis\.com\/v1\/spaces\/[A-Za-z0-9_-]{1,64}\/messages\?key=)\/?(?<secret>[A-Za-z0-9_@.~%/=-]{8,})/gi,
);

/** From the opening line to the closing one, or to the end where it was cut off. */
const privateKey = rule(
  /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----(?<secret>[^-]*(?:-(?!----)[^-]*)*)/g,
  (body) => /[A-Za-z0-9]/.test(body.replace(/\\[nr]/g, '')) && !isPlaceholder(body.trim()),
);

/** Passwords as systems store them: crypt(3), Apache, Argon2. They can be guessed at leisure. */
const passwordHash = rule(
  /(?<secret>\$(?:2[abxy]?\$[0-9]{2}\$[./A-Za-z0-9]{50,60}|(?:[1567y]|apr1|sha1)\$(?:[\w=,]{1,24}\$)?[./A-Za-z0-9]{1,16}\$[./A-Za-z0-9]{20,100}|argon2(?:id|i|d)\$v=[0-9]{1,3}\$[mtp=,0-9]{3,40}\$[A-Za-z0-9+/]{8,100}\$[A-Za-z0-9+/]{8,200}))/g,
);

/**
 * Evidence quotes the beginning of long lines, and what is left of a token at the cut may be too short for its own pattern.
 * So before a line's end or the sign of a cut, the beginning of a token is enough.
 */
const cutToken = rule(
  new RegExp(
    `${boundary}(?<secret>(?:gh[pousr]_|github_pat_|glpat-|xox[abceoprsd]-|xapp-[0-9]-|[srp]k_live_|whsec_|npm_|hv[sbr]\\.|sk-(?:proj|ant)-|hf_|dckr_pat_|ya29\\.|AIza|AKIA|eyJ[A-Za-z0-9_-]{5})[A-Za-z0-9._-]{4,})(?=$|…|"$)`,
    'gm',
  ),
);

const card = rule(/(?<![\w.-])(?<secret>[2-6][0-9]{3}[ -]?[0-9]{4,6}[ -]?[0-9]{4,5}(?:[ -]?[0-9]{2,4}){0,2})(?![\w-]|\.[0-9])/g, isCard);

export const tokenRules: readonly Rule[] = [privateKey, jsonWebToken, webhookAddress, vendors, cutToken, passwordHash, card];

/** Issuers' ranges and lengths (ISO/IEC 7812), then Luhn's check digit: one number in ten passes that alone. */
function isCard(written: string): boolean {
  const digits = written.replace(/[ -]/g, '');
  const isIssued =
    (/^4/.test(digits) && (digits.length === 16 || digits.length === 19)) ||
    (/^(?:5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720|6011|65|64[4-9]|35(?:2[89]|[3-8]))/.test(digits) && digits.length === 16) ||
    (/^3[47]/.test(digits) && digits.length === 15) ||
    (/^3(?:0[0-5]|6|8)/.test(digits) && digits.length === 14);
  return isIssued && hasCheckDigit(digits);
}

function hasCheckDigit(digits: string): boolean {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = Number(digits[digits.length - 1 - i]);
    const doubled = i % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

/** Secrets that are recognised by where they stand in HTTP: authorization, cookies, user info and parameters of addresses. */
import { notPlaceholder } from './placeholder.ts';
import { type Hide, type Rule, rule } from './rule.ts';

/** `"`, `'`, and both as they look inside JSON inside JSON. */
const quotes = String.raw`\\{0,3}["'\`]?`;

const schemes = 'bearer|basic|token|apikey|api-key|splunk|geniekey|key|ssws|negotiate|ntlm|sharedkey|bot|oauth|hawk';

/** `Authorization: Bearer x`, as a header, a JSON member or a setting. Whatever the scheme, what follows it is secret. */
const authorization = rule(
  new RegExp(
    `authorization${quotes}[ \\t]{0,4}(?:=>|[:=])[ \\t]{0,4}${quotes}(?:(?:${schemes})[ \\t]{1,4})?${notPlaceholder}(?!(?:${schemes}|digest|aws4-hmac-sha256)\\s)(?<secret>[^\\s"'\`,;\\\\]{4,})`,
    'gi',
  ),
  isNoWord,
);

/** Schemes whose credentials are a list of parts: all of it goes. */
const signedAuthorization = rule(
  new RegExp(`(?:digest[ \\t]{1,4}(?=username=)|aws4-hmac-sha256[ \\t]{1,4}(?=credential=))${notPlaceholder}(?<secret>[^\\r\\n]*)`, 'gi'),
);

/** `Bearer x` by itself. Words follow it in prose ("bearer authentication"), and words have no digits. */
const bearer = rule(
  new RegExp(`(?<![A-Za-z0-9_-])bearer[ \\t]{1,4}${notPlaceholder}(?<secret>[A-Za-z0-9._~+/=-]{8,})`, 'gi'),
  (token) => /[0-9]/.test(token) || token.length > 24,
);

/** `Basic x` by itself: base64 of `user:password`. */
const basic = rule(/(?<![A-Za-z0-9_-])basic[ \t]{1,4}(?<secret>[A-Za-z0-9+/]{6,}={0,2})/gi, decodes);

/** Each value of a Cookie header; of Set-Cookie only the value that is set. */
const cookies: Rule = (text, hide) =>
  text.replace(
    new RegExp(
      `(?<name>(?:set-)?cookie${quotes}[ \\t]{0,4}[:=][ \\t]{0,4}${quotes})(?<pairs>[^\\s=;,"'\`]{1,128}=[^\\r\\n"'\`\\\\]*)`,
      'gi',
    ),
    (...found) => {
      const { name, pairs } = found.at(-1) as { name: string; pairs: string };
      return name + hidePairs(pairs, hide);
    },
  );

const cookieAttributes = /^(?:path|expires|max-age|domain|samesite|priority|version)$/i;

function hidePairs(pairs: string, hide: Hide): string {
  return pairs.replace(
    new RegExp(`(?<![^;\\s])(?<name>[^=;\\s]{1,128})=${notPlaceholder}(?<value>[^;\\s]+)`, 'g'),
    (whole: string, name: string, value: string) => (cookieAttributes.test(name) ? whole : `${name}=${hide(value)}`),
  );
}

/** Cookies that name a session, also outside a header; values of their usual length. */
const sessionCookie = rule(
  new RegExp(
    `(?<![A-Za-z0-9])(?:jsessionid|phpsessid|connect\\.sid|asp\\.net_sessionid|aspsessionid[a-z]{0,8}|laravel_session|_session_id|x-session-id|session[_-]?(?:token|key)|sessionid)${quotes}[ \\t]{0,4}[:=][ \\t]{0,4}${quotes}${notPlaceholder}(?<secret>[A-Za-z0-9%._~+/=!-]{8,})`,
    'gi',
  ),
  // ZooKeeper's session ids are counters: `sessionid:0x14f05578bd80006`.
  (id) => !/^0x/i.test(id),
);

/** `scheme://user:password@host`; the password may hold an `@` of its own. */
const userInfo = rule(
  new RegExp(`://[^\\s/?#:@"'\`<>[\\]]{0,256}:${notPlaceholder}(?<secret>[^\\s/"'\`<>]{1,512})@(?=[\\w.[%-])`, 'g'),
  isNoTemplate,
);

/** `scheme://token@host`, as in Git remotes and DSNs. Names of actors (`spark://Scheduler@host`) have no digits. */
const userToken = rule(/:\/\/(?<secret>[A-Za-z0-9_-]{16,256})@(?=[\w.[-])/g, (token) => /[0-9]/.test(token));

/** Both where a quotation was cut before its `@`: no port has letters, no host so many digits among them. */
const cutUserInfo = rule(
  new RegExp(
    `://(?:[^\\s/?#:@"'\`<>[\\]]{0,256}:(?=[^\\s/@]*[^0-9\\s/@])${notPlaceholder}(?<secret>[^\\s/"'\`<>@]{3,512}?))(?=(?:…|\\.{3})?$)`,
    'g',
  ),
  isNoTemplate,
);
const cutUserToken = rule(/:\/\/(?<secret>(?=[A-Za-z_-]*[0-9])[A-Za-z0-9_-]{24,256})(?=@?(?:…|\.{3})?$)/g);

/** `user:password@tcp(host)`, as Go's database drivers write it. */
const driverAddress = rule(
  new RegExp(`(?<![\\w.:[-])[\\w.-]{1,64}:${notPlaceholder}(?<secret>[^\\s@"'\`/:]{1,256})@(?:tcp|unix|udp)\\(`, 'g'),
);

/** `jdbc:oracle:thin:user/password@host`. */
const oracleAddress = rule(/:(?:thin|oci8?):[\w$#]{1,64}\/(?<secret>(?!\[secret:)[^\s@"'<>]{1,256})@/gi);

/** Of a registry's login, in Docker's configuration: `"auth": "…"`, base64 of `user:password`. */
const registryLogin = rule(
  new RegExp(`(?<![A-Za-z_-])auth${quotes}[ \\t]{0,4}[:=][ \\t]{0,4}${quotes}(?<secret>[A-Za-z0-9+/]{8,}={0,2})`, 'g'),
  decodes,
);

/** Parameters that grant what they are attached to: signatures of prepared links, codes, keys. */
const parameters = rule(
  new RegExp(
    `[?&](?:sig|signature|x-amz-signature|x-amz-credential|x-goog-signature|x-goog-credential|code|key|auth|sid|ticket|assertion|hmac|state)=${notPlaceholder}(?<secret>[^&\\s"'\`<>#\\\\]{12,})`,
    'gi',
  ),
);

export const headerRules: readonly Rule[] = [
  signedAuthorization,
  authorization,
  bearer,
  basic,
  cookies,
  sessionCookie,
  userInfo,
  userToken,
  cutUserInfo,
  cutUserToken,
  driverAddress,
  oracleAddress,
  registryLogin,
  parameters,
];

/** "authorization: required" is prose. */
function isNoWord(value: string): boolean {
  return value.length >= 16 || !/^[A-Za-z]+[.)]?$/.test(value);
}

function isNoTemplate(value: string): boolean {
  return !/^(?:\$\{[^}]*\}|\$[A-Z_]+|\{\{.*\}\}|\*+|x{3,}|%s)$/i.test(value);
}

function decodes(token: string): boolean {
  const letters = token.replace(/=+$/, '');
  if (letters.length % 4 === 1) return false;
  return /^[\x20-\x7e\u00a0-\u00ff]{0,200}:[\x20-\x7e\u00a0-\u00ff]{1,400}$/.test(atob(letters.slice(0, 800)));
}

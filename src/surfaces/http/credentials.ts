/**
 * Who may speak to us. Senders differ in what they can present, so a token is taken in every place they have; a few can
 * sign instead. All comparisons take the same time whatever is presented.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { refuse } from './answers.ts';

/** Every secret a request presents: the parts of `Authorization`, `X-Api-Key`, `?token=`. */
function presented(request: Request): string[] {
  const found: string[] = [];
  const [, scheme = '', value = ''] = /^(\S+)\s+(.+)$/.exec(request.headers.get('authorization')?.trim() ?? '') ?? [];
  if (/^(basic|apikey)$/i.test(scheme)) {
    const text = Buffer.from(value, 'base64').toString('utf8');
    found.push(text.slice(text.indexOf(':') + 1));
  }
  if (value !== '' && !/^basic$/i.test(scheme)) found.push(value);
  const key = request.headers.get('x-api-key');
  if (key !== null) found.push(key);
  const token = new URL(request.url).searchParams.get('token');
  if (token !== null) found.push(token);
  return found;
}

/** Digests have one length, so that neither the place of the first difference nor the length shows in the time. */
function isSame(a: string, b: string): boolean {
  return timingSafeEqual(createHash('sha256').update(a).digest(), createHash('sha256').update(b).digest());
}

export function presentsToken(request: Request, token: string): boolean {
  return presented(request)
    .map((secret) => isSame(secret, token))
    .includes(true);
}

/** A sender that signs the time with the body cannot be repeated later (as Slack and Stripe have it): unix seconds, signed as `<seconds>.<body>`. */
const timestampHeader = 'x-tracepulse-timestamp';
/** How far from now it may be. */
const toleranceSeconds = 300;

const signatureHeaders = ['x-tracepulse-signature', 'x-hub-signature-256'];

/**
 * Lets a sender in: at once by its token, or by a signature that is checked once the body is there. Without a secret
 * everybody is let in; startup allows that on loopback only.
 */
export function admitSender(request: Request, secret: string | undefined, now: number): (raw: Uint8Array) => void {
  if (secret === undefined || presentsToken(request, secret)) return () => {};
  const signatures = signatureHeaders.map((name) => request.headers.get(name)).filter((value) => value !== null);
  if (signatures.length === 0) throw refuse(401, 'a token or a signature is needed');
  const timestamp = request.headers.get(timestampHeader);
  if (timestamp !== null && !(/^\d{1,12}$/.test(timestamp) && Math.abs(now / 1_000 - Number(timestamp)) <= toleranceSeconds))
    throw refuse(401, `${timestampHeader} must be the time of sending in unix seconds, at most ${toleranceSeconds} s ago`);
  return (raw) => {
    const signed = timestamp === null ? raw : Buffer.concat([Buffer.from(`${timestamp}.`), raw]);
    if (!signatures.some((signature) => signatureFits(signature, signed, secret))) throw refuse(401, 'the signature does not fit the body');
  };
}

/** HMAC-SHA256 of the body exactly as it came, before anything is unpacked or parsed; `sha256=` may stand before it. */
function signatureFits(signature: string, raw: Uint8Array, secret: string): boolean {
  const given = signature
    .trim()
    .replace(/^sha256=/, '')
    .toLowerCase();
  return isSame(given, createHmac('sha256', secret).update(raw).digest('hex'));
}

/** Clocks of issuer and receiver may differ by this much. */
const leewaySeconds = 30;

/** Who a token speaks for. */
export interface Bearer {
  readonly subject: string;
  /** What it may do, as `scope` says (RFC 8693, words between spaces; a list of words is read too); null: it does not say, and may do everything. */
  readonly scopes: ReadonlySet<string> | null;
}

/** Bearer of a valid HS256 token (RFC 7519) among what the request presents; `algorithm` other than HS256 is never taken. */
export function jwtBearer(request: Request, secret: string, now: number): Bearer | null {
  for (const token of presented(request)) {
    const bearer = bearerOf(token, secret, now);
    if (bearer !== null) return bearer;
  }
  return null;
}

function bearerOf(token: string, secret: string, now: number): Bearer | null {
  const [head, claims, signature, rest] = token.split('.');
  if (head === undefined || claims === undefined || signature === undefined || rest !== undefined) return null;
  const expected = createHmac('sha256', secret).update(`${head}.${claims}`).digest('base64url');
  if (!isSame(signature, expected)) return null;
  const header = decoded(head);
  const read = decoded(claims);
  // `crit` names what must be understood before the token is taken (RFC 7515), and nothing of it is understood here.
  if (header?.['alg'] !== 'HS256' || header['crit'] !== undefined || read === null) return null;
  const seconds = now / 1_000;
  const { exp, nbf, sub, scope } = read;
  if (exp !== undefined && !(typeof exp === 'number' && seconds < exp + leewaySeconds)) return null;
  if (nbf !== undefined && !(typeof nbf === 'number' && seconds > nbf - leewaySeconds)) return null;
  return { subject: typeof sub === 'string' && sub !== '' ? sub : 'jwt', scopes: scope === undefined ? null : scopesOf(scope) };
}

/** A claim of another kind grants nothing: only a token without one may do everything. */
function scopesOf(scope: unknown): ReadonlySet<string> {
  const words: readonly unknown[] = typeof scope === 'string' ? scope.split(' ') : Array.isArray(scope) ? scope : [];
  return new Set(words.filter((word): word is string => typeof word === 'string' && word !== ''));
}

function decoded(part: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

/**
 * Who is at the page. A session is a signed cookie that says which person acts and until when; nothing is kept about it
 * but the ids of sessions that were ended early. Writes also carry a token that only a page of ours can know.
 */
import { createHmac, randomBytes, scryptSync, timingSafeEqual } from 'node:crypto';

export interface Session {
  readonly id: string;
  /** The workspace person who acts. */
  readonly person: string;
  readonly expiresAt: number;
}

export interface Sessions {
  /** The `Set-Cookie` header that begins a session. */
  begin(person: string): { readonly cookie: string; readonly session: Session };
  read(cookieHeader: string | null): Session | undefined;
  /** Neither expired nor ended. */
  isLive(session: Session): boolean;
  end(session: Session): string;
  csrfToken(session: Session): string;
  isCsrfToken(session: Session, token: string | null): boolean;
}

const cookieName = 'tracepulse_chat';
const lifetimeMs = 12 * 60 * 60_000;

/**
 * With a password the key comes from it: sessions outlive a restart, and a changed password ends them all. scrypt makes
 * guessing the password from a cookie as slow as guessing it at the door. Without one, every start has a key of its own.
 */
export function sessionKey(password: string | undefined): Buffer {
  return password === undefined ? randomBytes(32) : scryptSync(password, 'tracepulse workspace session', 32);
}

export function createSessions(options: { readonly key: Buffer; readonly now: () => number; readonly isSecure: boolean }): Sessions {
  const ended = new Map<string, number>();
  const sign = (purpose: string, text: string): string =>
    createHmac('sha256', options.key).update(`${purpose}:${text}`).digest('base64url');
  const setCookie = (value: string, seconds: number): string =>
    `${cookieName}=${value}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Strict${options.isSecure ? '; Secure' : ''}`;

  const isLive = (session: Session): boolean => session.expiresAt > options.now() && !ended.has(session.id);

  function forgetExpired(): void {
    for (const [id, expiresAt] of ended) if (expiresAt <= options.now()) ended.delete(id);
  }

  return {
    begin(person) {
      const session: Session = { id: randomBytes(16).toString('base64url'), person, expiresAt: options.now() + lifetimeMs };
      const body = Buffer.from(JSON.stringify(session)).toString('base64url');
      return { session, cookie: setCookie(`${body}.${sign('session', body)}`, lifetimeMs / 1000) };
    },
    read(cookieHeader) {
      const value = cookieValue(cookieHeader, cookieName);
      const [body, signature] = value?.split('.') ?? [];
      if (body === undefined || signature === undefined || !isSame(signature, sign('session', body))) return undefined;
      const session = parse(body);
      return session !== undefined && isLive(session) ? session : undefined;
    },
    isLive,
    end(session) {
      forgetExpired();
      ended.set(session.id, session.expiresAt);
      return setCookie('', 0);
    },
    csrfToken: (session) => sign('csrf', session.id),
    isCsrfToken: (session, token) => token !== null && isSame(token, sign('csrf', session.id)),
  };
}

/** Equal or not, in a time that does not tell how much of it was right. */
export function isSame(given: string, wanted: string): boolean {
  // Compared as digests of equal length: lengths then say nothing either.
  const digest = (text: string): Buffer => createHmac('sha256', 'compare').update(text).digest();
  return timingSafeEqual(digest(given), digest(wanted));
}

export function cookieValue(header: string | null, name: string): string | undefined {
  for (const pair of header?.split(';') ?? []) {
    const at = pair.indexOf('=');
    if (at > 0 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim();
  }
  return undefined;
}

/** The signature was checked before, so this can only fail on a cookie of another version. */
function parse(body: string): Session | undefined {
  const value: unknown = JSON.parse(Buffer.from(body, 'base64url').toString());
  if (typeof value !== 'object' || value === null) return undefined;
  const { id, person, expiresAt } = value as Partial<Session>;
  return typeof id === 'string' && typeof person === 'string' && typeof expiresAt === 'number' ? { id, person, expiresAt } : undefined;
}

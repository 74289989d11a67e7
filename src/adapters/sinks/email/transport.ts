/** The connection to the mail server: pooled, with deadlines far below nodemailer's own, and nothing read from disk or web. */
import { createTransport } from 'nodemailer';

/** nodemailer waits up to 2 min, 30 s and 10 min (its documentation); an attempt has 12 s in all. */
const connectionMs = 6_000;
const greetingMs = 6_000;
const socketMs = 10_000;
const dnsMs = 5_000;
/** Idle connections are given back before common servers (5 min) close them on us. */
const idleMs = 60_000;
const maxConnections = 2;

export type Transport = ReturnType<typeof connect>;

/** `smtp://user:password@host:587` or `smtps://…:465`. */
export function connect(url: string) {
  const { protocol, hostname, port, username, password } = new URL(url);
  const secure = protocol === 'smtps:';
  const host = hostname.replace(/^\[|\]$/g, '');
  const hasPassword = username !== '' || password !== '';
  const isNear = host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host);
  return createTransport({
    pool: true,
    host,
    port: port === '' ? (secure ? 465 : 587) : Number(port),
    secure,
    ...(hasPassword ? { auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) } } : {}),
    // A password never crosses a network in the clear. What stays on this machine needs neither that nor a known certificate.
    requireTLS: !secure && hasPassword && !isNear,
    ...(isNear ? { tls: { rejectUnauthorized: false } } : {}),
    maxConnections,
    maxRequeues: 0,
    idleTimeout: idleMs,
    connectionTimeout: connectionMs,
    greetingTimeout: greetingMs,
    socketTimeout: socketMs,
    dnsTimeout: dnsMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
}

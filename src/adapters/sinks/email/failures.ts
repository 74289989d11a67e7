/** What nodemailer throws, as Failures that say what to do. The one place where the sink translates. */
import { Failure, type FailureCode } from '../../../domain/failure.ts';

const system = 'email';

/** Fields nodemailer puts on its errors (its errors.d.ts). Their messages repeat what the server said and are not shown. */
interface MailError {
  readonly code?: unknown;
  readonly responseCode?: unknown;
  readonly permanent?: unknown;
}

/** By nodemailer's own word, where the server's reply does not decide. */
const codes: Readonly<Record<string, readonly [FailureCode, string]>> = {
  EAUTH: ['unauthorized', 'the server refused the user name or password of SMTP_URL'],
  ENOAUTH: ['unauthorized', 'the server wants a user name and password in SMTP_URL'],
  EDNS: ['unavailable', 'the host of SMTP_URL is not found'],
  ETLS: ['unavailable', 'no encrypted connection: is the certificate trusted (NODE_EXTRA_CA_CERTS), and does the server offer STARTTLS?'],
  ETIMEDOUT: ['timeout', 'no answer in time'],
  EABORT: ['timeout', 'no answer in time'],
  ECONNECTION: ['unavailable', 'the connection was closed'],
  ESOCKET: ['unavailable', 'no connection to the host of SMTP_URL'],
  EPROTOCOL: ['unavailable', 'the answer was not one of SMTP'],
  EENVELOPE: ['rejected', 'sender or recipient is not acceptable'],
  EMESSAGE: ['rejected', 'the server did not take the letter'],
  EMAXLIMIT: ['unavailable', 'the connection was used up'],
};

/** Replies that ask for patience: too many letters or connections (RFC 5321 4.2.3; 4.7.x of RFC 3463 is greylisting). */
const busyReplies: ReadonlySet<number> = new Set([421, 450, 451, 452]);

/** The server itself said no: the letter lies nowhere. As the cause of a Failure, which shows nothing of it. */
const refusal = Symbol('refused by the mail server');

export function wasRefused(error: unknown): boolean {
  return error instanceof Failure && error.cause === refusal;
}

/** Anything that is not the mail server's or the network's doing is a bug and passes unchanged. */
export function failureFrom(error: unknown, attempt: string, signal: AbortSignal): unknown {
  if (error instanceof Failure) return error;
  if (signal.aborted) return new Failure('timeout', system, attempt, { hint: 'no answer in time' });
  const { code, responseCode, permanent }: MailError = typeof error === 'object' && error !== null ? error : {};
  if (typeof code !== 'string') return error;
  const known = codes[code];
  const reply = typeof responseCode === 'number' && responseCode >= 400 ? responseCode : null;
  if (reply !== null) {
    const what = code === 'EENVELOPE' ? 'sender or recipient refused' : (known?.[1] ?? 'refused');
    const hint = `${what} (the server said ${reply})`;
    if (code === 'EAUTH') return new Failure(permanent === false ? 'unavailable' : 'unauthorized', system, attempt, { hint });
    if (permanent === true || reply >= 500) return new Failure('rejected', system, attempt, { hint, cause: refusal });
    return new Failure('unavailable', system, attempt, {
      hint,
      cause: refusal,
      ...(busyReplies.has(reply) ? { retryAfterMs: busyWaitMs } : {}),
    });
  }
  if (known !== undefined) return new Failure(known[0], system, attempt, { hint: known[1] });
  return /^E[A-Z]+$/.test(code) && !code.startsWith('ERR_')
    ? new Failure('unavailable', system, attempt, { hint: 'no connection' })
    : error;
}

/** Greylisting lets a second try through after a minute or more; sooner it only counts against us. */
const busyWaitMs = 60_000;

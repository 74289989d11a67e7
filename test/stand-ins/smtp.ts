/** A real SMTP server that keeps what it is sent and can be told how to misbehave. */
import type { AddressInfo, Socket } from 'node:net';
import PostalMime, { type Email } from 'postal-mime';
import { SMTPServer, type SMTPServerError } from 'smtp-server';
import { certificate } from './certificate.ts';

export type MailTrouble =
  | { readonly at: 'auth' | 'mail' | 'rcpt' | 'data'; readonly reply: number; readonly only?: string }
  /** Cut before the letter was taken, or after it was and before that was said. */
  | { readonly at: 'data'; readonly cut: 'before' | 'after' };

export interface Arrived {
  readonly mail: Email;
  readonly raw: string;
  readonly to: readonly string[];
  readonly isEncrypted: boolean;
  readonly user: string | null;
}

export interface SmtpServer {
  readonly port: number;
  /** Every letter that was taken. */
  readonly arrived: Arrived[];
  /** As a mail program shows them: letters of one Message-ID are one. */
  distinct(): Arrived[];
  /** Meets the next that comes that far, or all when it names a reply for somebody. */
  misbehave(trouble: MailTrouble): void;
  mend(): void;
  hang(): void;
  connections(): number;
  stop(): Promise<void>;
}

export interface SmtpOptions {
  readonly password?: string;
  readonly startTls: boolean;
}

export async function startSmtp({ password, startTls }: SmtpOptions): Promise<SmtpServer> {
  const arrived: Arrived[] = [];
  const sockets = new Set<Socket>();
  let troubles: MailTrouble[] = [];
  let isHanging = false;
  let connections = 0;
  const refused = (at: MailTrouble['at'], address: string | null): SMTPServerError | null => {
    const trouble = troubles.find((one) => 'reply' in one && one.at === at && (one.only === undefined || one.only === address));
    if (trouble === undefined || !('reply' in trouble)) return null;
    if (trouble.only === undefined) troubles = troubles.filter((one) => one !== trouble);
    return Object.assign(new Error('you said hunter2 and I repeat it'), { responseCode: trouble.reply });
  };
  const server = new SMTPServer({
    authOptional: password === undefined,
    allowInsecureAuth: !startTls,
    disabledCommands: startTls ? [] : ['STARTTLS'],
    ...(startTls ? certificate() : {}),
    disableReverseLookup: true,
    closeTimeout: 100,
    onConnect(_session, done) {
      connections++;
      if (!isHanging) done();
    },
    onAuth(auth, _session, done) {
      const error =
        refused('auth', null) ?? (auth.password === password ? null : Object.assign(new Error('wrong password'), { responseCode: 535 }));
      if (error === null) done(null, { user: auth.username ?? '' });
      else done(error);
    },
    onMailFrom: (address, _session, done) => done(refused('mail', address.address)),
    onRcptTo: (address, _session, done) => done(refused('rcpt', address.address)),
    onData(stream, session, done) {
      const parts: Buffer[] = [];
      stream.on('data', (part: Buffer) => parts.push(part));
      stream.on('end', async () => {
        if (isHanging) return;
        const error = refused('data', null);
        if (error !== null) return done(error);
        const cut = troubles.find((one) => 'cut' in one);
        troubles = troubles.filter((one) => one !== cut);
        const raw = Buffer.concat(parts).toString();
        if (cut === undefined || !('cut' in cut) || cut.cut === 'after') {
          const to = session.envelope.rcptTo.map(({ address }) => address);
          arrived.push({
            mail: await PostalMime.parse(raw),
            raw,
            to,
            isEncrypted: Boolean(session.secure),
            user: typeof session.user === 'string' ? session.user : null,
          });
        }
        if (cut === undefined) return done();
        for (const socket of sockets) socket.destroy();
      });
    },
  });
  server.on('error', () => {});
  server.server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  return {
    port: (server.server.address() as AddressInfo).port,
    arrived,
    distinct: () => [...new Map(arrived.map((one) => [`${one.mail.messageId} ${one.to.join()}`, one])).values()],
    misbehave: (trouble) => void troubles.push(trouble),
    mend() {
      troubles = [];
      isHanging = false;
    },
    hang() {
      isHanging = true;
    },
    connections: () => connections,
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((closed) => server.close(closed));
    },
  };
}

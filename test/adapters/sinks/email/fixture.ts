import { email } from '../../../../src/adapters/sinks/email/email.ts';
import { type MailTrouble, startSmtp } from '../../../stand-ins/smtp.ts';
import type { SinkFixture, Trouble } from '../fixture.ts';

const secret = 'correct-horse-battery';

const troubles: Readonly<Record<Exclude<Trouble, 'silent'>, MailTrouble>> = {
  'too busy': { at: 'rcpt', reply: 451 },
  broken: { at: 'mail', reply: 432 },
  'refuses our key': { at: 'auth', reply: 535 },
  'refuses the message': { at: 'data', reply: 554 },
  'answer lost': { at: 'data', cut: 'after' },
  'request lost': { at: 'data', cut: 'before' },
};

export const fixture: SinkFixture = {
  secret,
  messages: 'letters',
  // Letters are never put off for ever, so a mail server that asks for patience counts as one that does not work.
  tooBusy: { code: 'unavailable', retryAfterMs: 60_000 },
  async start(tools) {
    const server = await startSmtp({ password: secret, startTls: true });
    const settings = {
      SMTP_URL: `smtp://tracepulse:${secret}@127.0.0.1:${server.port}`,
      EMAIL_FROM: 'TracePulse <tracepulse@example.com>',
      EMAIL_TO: 'ops@example.com',
    };
    const sink = email.create(email.settings.parse(settings), tools);
    return {
      sink,
      channel: 'ops@example.com',
      shown: () =>
        server
          .distinct()
          .map(({ mail }) => (mail.html === undefined ? (mail.text ?? '').trim() : `${mail.subject}\n${mail.text}\n${mail.html}`)),
      misbehave: (trouble) => (trouble === 'silent' ? server.hang() : server.misbehave(troubles[trouble])),
      recover: server.mend,
      removeLast: () => {},
      refusals: () => [],
      async stop() {
        await sink.close?.();
        await server.stop();
      },
    };
  },
};

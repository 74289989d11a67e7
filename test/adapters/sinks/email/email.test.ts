/** Letters through a real mail server: threads, encryption, passwords, refusals, and text that would be a header. */
import { afterEach, describe, expect, it } from 'vitest';
import { email } from '../../../../src/adapters/sinks/email/email.ts';
import { connect } from '../../../../src/adapters/sinks/email/transport.ts';
import { enabled } from '../../../../src/config.ts';
import { Failure } from '../../../../src/domain/failure.ts';
import type { Card, Receipt } from '../../../../src/domain/report.ts';
import { type SmtpOptions, type SmtpServer, startSmtp } from '../../../stand-ins/smtp.ts';
import { alertBody, delivery, testProduct } from '../../../support/app.ts';
import { card, diagnosis, hypothesis, states } from '../slack/cards.ts';

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
const tools = { fetch: globalThis.fetch, now: Date.now, log: silent };
const patient = new AbortController().signal;
const to = 'ops@example.com';

const stops: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

async function start(options: Partial<SmtpOptions> = {}, settings: Record<string, string> = {}, user = '') {
  const server = await startSmtp({ startTls: false, ...options });
  stops.push(server.stop);
  const sink = email.create(
    email.settings.parse({ SMTP_URL: `smtp://${user}127.0.0.1:${server.port}`, EMAIL_FROM: 'bot@example.com', EMAIL_TO: to, ...settings }),
    tools,
  );
  stops.push(() => sink.close?.());
  let receipt: Receipt | null = null;
  const send = async (shown: Card, signal = patient) => {
    const sent = await sink.deliver({ kind: 'card', channel: to, card: shown, receipt }, { mayExist: false, signal });
    receipt = { incidentId: shown.incident.id, sink: 'email', channel: to, at: 0, ...sent };
    return receipt;
  };
  return { server, sink, send };
}

const failure = (work: Promise<unknown>) =>
  work.then(
    () => null,
    (error: unknown) => error,
  );
const header = (server: SmtpServer, at: number, name: string) =>
  server.arrived[at]?.mail.headers.find(({ key }) => key === name)?.value ?? null;

describe('the letters of one incident', () => {
  it('are one conversation: each answers the one before and names the first, under one subject', async () => {
    const { server, send } = await start();
    await send(states['investigating']!);
    await send(states['one-cause']!);
    await send(states['one-cause']!);
    await send(card({ context: { hypotheses: [hypothesis({ service: 'catalog' })] } }));
    const last = await send(card({ incident: { state: 'resolved', resolvedAt: 1 } }));
    const ids = server.arrived.map(({ mail }) => mail.messageId);
    expect(new Set(ids).size).toBe(4);
    expect(last.messageId).toBe(ids[0]);
    expect(server.arrived.map(({ mail }) => mail.inReplyTo ?? null)).toEqual([null, ids[0], ids[1], ids[2]]);
    expect(server.arrived.map(({ mail }) => mail.references ?? null)).toEqual([null, ids[0], `${ids[0]} ${ids[1]}`, `${ids[0]} ${ids[2]}`]);
    expect(new Set(server.arrived.map(({ mail }) => mail.subject))).toEqual(
      new Set(['[TracePulse] INC-12 Error rate above 5 % (checkout)']),
    );
    expect(server.arrived.map(({ mail }) => mail.text?.split('\n')[0])).toEqual([
      'Critical incident INC-12. It is being investigated.',
      'INC-12: The most likely cause is payment (errors), likely at 72 %.',
      'The most likely cause of INC-12 has changed. The most likely cause is catalog (errors), likely at 72 %.',
      'INC-12 is resolved.',
    ]);
  });

  it('are told apart from those of another incident of that name', async () => {
    const { server, send, sink } = await start();
    await send(states['one-cause']!);
    const other = card({ incident: { openedAt: 1 } });
    await sink.deliver({ kind: 'card', channel: to, card: other, receipt: null }, { mayExist: false, signal: patient });
    expect(server.distinct()).toHaveLength(2);
  });

  it('are automatic and can be left', async () => {
    const { server, send } = await start();
    await send(states['one-cause']!);
    expect(header(server, 0, 'auto-submitted')).toBe('auto-generated');
    expect(header(server, 0, 'precedence')).toBe('bulk');
    expect(header(server, 0, 'list-unsubscribe')).toContain('<mailto:bot@example.com?subject=unsubscribe>');
    expect(header(server, 0, 'list-unsubscribe-post')).toBeNull();
    const linked = await start({}, { EMAIL_UNSUBSCRIBE_URL: 'https://lists.example.com/leave?list=ops' });
    await linked.send(states['one-cause']!);
    expect(header(linked.server, 0, 'list-unsubscribe')).toBe('<https://lists.example.com/leave?list=ops>');
    expect(header(linked.server, 0, 'list-unsubscribe-post')).toBe('List-Unsubscribe=One-Click');
  });

  it('come over one connection', async () => {
    const { server, send } = await start();
    for (const state of ['investigating', 'one-cause', 'resolved']) await send(states[state]!);
    expect(server.arrived).toHaveLength(3);
    expect(server.connections()).toBe(1);
  });
});

describe('text from outside', () => {
  it('adds no header and no recipient, and is no markup', async () => {
    const { server, send } = await start();
    const evil = 'x\r\nBcc: thief@evil.example\r\n\r\n<script>alert(1)</script>\u2028Subject: y';
    await send(card({ incident: { title: evil, service: evil }, context: { hypotheses: [hypothesis({ service: evil, summary: evil })] } }));
    const [{ mail, raw, to: recipients }] = server.arrived as [(typeof server.arrived)[0]];
    expect(recipients).toEqual([to]);
    expect(mail.bcc).toBeUndefined();
    expect(mail.headers.filter(({ key }) => key === 'subject')).toHaveLength(1);
    expect(raw.slice(0, raw.indexOf('\r\n\r\n'))).not.toMatch(/^bcc/im);
    expect(mail.html).not.toContain('<script');
    expect(mail.html).toContain('&lt;script&gt;');
    await send(
      card({ incident: { id: 'INC-99', state: 'resolved', resolvedAt: 1, title: 'x\u001b[2J\u202ey', service: 'z\u0007' }, context: null }),
    );
    expect(server.arrived[1]?.mail.text).not.toMatch(/[\p{Cc}\u202e](?<!\n)/u);
    await send(states['hostile-text']!);
    expect(server.arrived[2]?.mail.html).not.toMatch(/javascript:|<script|\u202e/);
  });

  it('is in the pictures that the letter carries with it, and in words beside them', async () => {
    const { server, send } = await start();
    const services = ['payment', 'checkout'].map((name) => ({ name, kind: 'service' as const }));
    const edge = { caller: 'checkout', callee: 'payment', calls: 240, errors: 212, p95Ms: 80, sources: ['span' as const] };
    await send(card({ context: { map: { total: { services: 2, edges: 1 }, services, edges: [edge] } } }));
    await send(card({ incident: { state: 'resolved' } }));
    const [{ mail }, last] = server.arrived as [(typeof server.arrived)[0], (typeof server.arrived)[0]];
    const [picture] = mail.attachments;
    expect(picture).toMatchObject({ filename: 'map.png', mimeType: 'image/png', disposition: 'inline', related: true });
    expect(
      Buffer.from(picture?.content as ArrayBuffer)
        .subarray(1, 4)
        .toString(),
    ).toBe('PNG');
    expect(mail.html).toContain(`src="cid:${picture?.contentId?.replace(/[<>]/g, '')}" alt="`);
    expect(mail.html).toMatch(/alt="[^"]*checkout/);
    expect(last.mail.attachments).toEqual([]);
  });

  it('has the words of a model with what they cite, as text', async () => {
    const { server, send } = await start();
    const claims = [{ text: 'payment fails <b>itself</b>', evidence: ['e1', 'e2'] }];
    const doubt = { hypothesis: 'h1aaaaa', text: 'The gateway may be down', evidence: ['e2'], confidence: 0.4 };
    await send(card({ context: { diagnosis: diagnosis({ claims, doubt }) } }));
    const { html = '', text = '' } = server.arrived[0]?.mail ?? {};
    expect(html).toContain('<b>In words</b><div>payment fails &lt;b&gt;itself&lt;/b&gt; <span');
    expect(html).toMatch(/>e1 e2<\/span>/);
    expect(html).toContain('<b>Against payment:</b> The gateway may be down');
    expect(html).toContain('Worded by small-1');
    expect(text).toContain('In words\n  payment fails <b>itself</b> (e1, e2)');
    await send(card({ incident: { id: 'INC-12' }, context: { diagnosis: diagnosis({ state: 'failed', claims: [] }) } }));
    expect(server.arrived).toHaveLength(1);
  });

  it('makes the letter fetch nothing', async () => {
    const { server, send } = await start();
    await send(states['after-a-release']!);
    const html = server.arrived[0]?.mail.html ?? '';
    expect(html).toContain('href="https://github.com/acme/shop/releases/v2.4.1"');
    expect(html).not.toMatch(/<(img|link|script|iframe)|url\(|@import|src=/i);
  });
});

describe('the way to the server', () => {
  it.each([
    ['in the clear without a password', false, undefined, ''],
    ['encrypted without a password', true, undefined, ''],
    ['encrypted with a password', true, 'p@ss:word/1', 'bot:p%40ss%3Aword%2F1@'],
    ['on this machine with a password in the clear, where the server offers nothing better', false, 'secret-1', 'bot:secret-1@'],
  ])('is taken %s', async (_name, startTls, password, user) => {
    const { server, send, sink } = await start({ startTls, ...(password === undefined ? {} : { password }) }, {}, user);
    expect(await sink.probe?.(patient)).toContain('bot@example.com');
    await send(states['one-cause']!);
    expect(server.arrived).toMatchObject([{ isEncrypted: startTls, user: password === undefined ? null : 'bot' }]);
  });

  it.each([
    [{ at: 'rcpt', reply: 550 }, 'rejected', undefined],
    [{ at: 'rcpt', reply: 450 }, 'unavailable', 60_000],
    [{ at: 'mail', reply: 421 }, 'unavailable', 60_000],
    [{ at: 'data', reply: 552 }, 'rejected', undefined],
    [{ at: 'data', reply: 454 }, 'unavailable', undefined],
  ] as const)('that says %o is %s', async (trouble, code, retryAfterMs) => {
    const { server, send } = await start();
    server.misbehave(trouble);
    const error = await failure(send(states['one-cause']!));
    expect(error).toBeInstanceOf(Failure);
    expect(error).toMatchObject({ code, retryAfterMs });
    expect(String(error)).not.toMatch(/hunter2|ops@example/);
    await send(states['one-cause']!);
    expect(server.arrived).toHaveLength(1);
  });

  it.each([
    ['smtp://bot:pw@mail.example.com', { requireTLS: true, secure: false, port: 587 }],
    ['smtps://bot:pw@mail.example.com', { secure: true, port: 465 }],
    ['smtp://mail.example.com:25', { requireTLS: false, port: 25 }],
    ['smtp://bot:pw@[2001:db8::1]:2525', { requireTLS: true, host: '2001:db8::1', port: 2525 }],
  ])('of %s carries no password in the clear', (url, options) => {
    const transport = connect(url);
    stops.push(() => transport.close());
    expect(transport.options).toMatchObject(options);
    // Only what stays on the machine may show any certificate.
    expect(transport.options.tls?.rejectUnauthorized).not.toBe(false);
  });

  it('that is not there is said to be so, without its address', async () => {
    const { server, send } = await start({}, {}, 'bot:hunter2@');
    await server.stop();
    stops.splice(0, 1);
    const error = await failure(send(states['one-cause']!));
    expect(error).toMatchObject({ code: 'unavailable' });
    expect(String(error)).not.toMatch(/hunter2|127\.0/);
  });
});

describe('settings', () => {
  const said = (settings: Record<string, string>) => {
    const { problems } = enabled('sink', [email], { SMTP_URL: 'smtp://h', EMAIL_FROM: 'a@b.c', EMAIL_TO: 'd@e.f', ...settings }, tools);
    return problems.map(({ variable, problem }) => `${variable} ${problem}`);
  };

  it('that are wrong are named, and never repeated', () => {
    expect(said({})).toEqual([]);
    expect(said({ SMTP_URL: 'http://user:hunter2@host' })).toEqual(['SMTP_URL must be smtp://user:password@host:port or smtps://…']);
    expect(said({ SMTP_URL: 'smtp://user:%zz@host' })).toHaveLength(1);
    expect(said({ EMAIL_FROM: 'a@b.c, d@e.f' })).toEqual(['EMAIL_FROM must be one mail address']);
    expect(said({ EMAIL_FROM: 'a@b.c\r\nBcc: x@y.z' })).toHaveLength(1);
    expect(said({ EMAIL_TO: 'ops@example.com, nobody' })).toHaveLength(1);
    expect(said({ EMAIL_TO: ' , ' })).toHaveLength(1);
  });
});

describe('through the product', () => {
  async function product(EMAIL_TO: string) {
    const { server, sink } = await start({}, { EMAIL_TO });
    const made = testProduct({ sinks: new Map([['email', sink]]) });
    stops.push(() => made.close());
    const fire = (status: 'firing' | 'resolved' = 'firing') =>
      made.app.receive('alertmanager', delivery('/webhook/alertmanager', alertBody({ service: 'cart', status })));
    return { server, ...made, fire };
  }

  it('everybody hears of an incident and of its end, and the receipt names the letter', async () => {
    const { server, fire, pass, ledger } = await product('ops@example.com, dev@example.com');
    await fire();
    await pass(4_000);
    await fire('resolved');
    await pass(4_000);
    const mine = server.arrived.filter(({ to: recipients }) => recipients.includes('dev@example.com'));
    expect(mine.length).toBeGreaterThanOrEqual(2);
    expect(mine.at(-1)?.mail.text).toContain('INC-1 is resolved.');
    expect(server.arrived).toHaveLength(mine.length * 2);
    expect((await ledger.receipts('INC-1')).map(({ messageId }) => messageId)).toEqual([mine[0]?.mail.messageId, mine[0]?.mail.messageId]);
  });

  it('an address that is refused is said, is not tried for ever, and keeps nothing from the others', async () => {
    const { server, fire, pass, app } = await product('gone@example.com, dev@example.com');
    server.misbehave({ at: 'rcpt', reply: 550, only: 'gone@example.com' });
    await fire();
    await pass(2_000);
    expect(server.arrived.every(({ to: recipients }) => recipients.join() === 'dev@example.com')).toBe(true);
    expect(server.arrived.length).toBeGreaterThan(0);
    const { problems } = await app.readiness();
    expect(problems.join()).toMatch(/email:.*550/);
    const tries = server.arrived.length;
    await pass(120_000);
    expect(server.arrived).toHaveLength(tries);
    server.mend();
    await pass(120_000);
    expect(server.arrived).toHaveLength(tries);
  });

  it('a letter that was taken while we died is sent again as the same, and what is news since is the next', async () => {
    const { server, fire, pass, ledger } = await product('dev@example.com');
    server.misbehave({ at: 'data', cut: 'after' });
    await fire();
    await pass(60_000);
    const said = server.distinct().map(({ mail }) => [mail.messageId, mail.inReplyTo ?? null]);
    // Taken, and by us not heard of.
    expect(server.arrived.length).toBe(server.distinct().length + 1);
    expect(said.filter(([, answers]) => answers === null).length).toBe(1);
    expect(said.slice(1).every(([, answers]) => answers !== null)).toBe(true);
    expect((await ledger.receipts('INC-1')).map(({ sink }) => sink)).toEqual(['email']);
  });

  it('an address that asks for patience gets its letter later', async () => {
    const { server, fire, pass } = await product('slow@example.com');
    server.misbehave({ at: 'rcpt', reply: 450 });
    await fire();
    await pass(5_000);
    expect(server.arrived).toHaveLength(0);
    await pass(90_000);
    expect(server.arrived).toHaveLength(1);
  });
});

import { describe, expect, it } from 'vitest';
import { event } from '../../../src/adapters/alert-formats/event.ts';
import { type Alert, receiptKey } from '../../../src/domain/alert.ts';

const never = () => {
  throw new Error('a format does no I/O');
};
const format = event.create(event.settings.parse({}), {
  fetch: never,
  now: never,
  log: { debug: never, info: never, warn: never, error: never },
});
const at = Date.UTC(2026, 10, 25, 10);

function read(body: object, receivedAt = at): Alert {
  const [alert] = format.parse({ route: '/webhook/event', headers: {}, body: new TextEncoder().encode(JSON.stringify(body)), receivedAt });
  if (alert === undefined) throw new Error('no alert');
  return alert;
}

const drop = { eventType: 'SESSION_DROP', correlationId: 'txn-1', details: { service: 'sessions', errorCode: 'TIMEOUT' } };

describe('event', () => {
  it('is one alarm for all its transactions, each an occurrence of its own', () => {
    const one = read({ ...drop, at });
    const other = read({ ...drop, at, correlationId: 'txn-2' });
    expect(other.fingerprint).toBe(one.fingerprint);
    expect(receiptKey(other)).not.toBe(receiptKey(one));
  });

  it('is the same delivery when it is sent again', () => {
    expect(receiptKey(read({ ...drop, at: at - 1 }, at + 3_600_000))).toBe(receiptKey(read({ ...drop, at: at - 1 })));
    expect(receiptKey(read(drop, at + 1_000))).toBe(receiptKey(read(drop)));
  });

  it('is another alarm for another error code', () => {
    expect(read({ ...drop, details: { ...drop.details, errorCode: 'RESET' } }).fingerprint).not.toBe(read(drop).fingerprint);
  });

  it.each([
    ['urgent', 'critical'],
    ['high', 'critical'],
    ['normal', 'warning'],
    ['low', 'info'],
    [undefined, 'warning'],
    ['whatever', 'warning'],
  ])('reads priority %s as %s', (priority, severity) => expect(read({ ...drop, priority }).severity).toBe(severity));

  it('says what is missing and where', () => {
    expect(() => read({ ...drop, details: { errorCode: 'TIMEOUT' } })).toThrow(
      expect.objectContaining({ path: 'details.service', hint: 'missing, expected string' }),
    );
  });

  it('begins when it says so, else when it arrived', () => {
    expect(read({ ...drop, at: '2026-11-25T09:59:00+00:00' }).startsAt).toBe(at - 60_000);
    expect(read({ ...drop, at: at - 5 }).startsAt).toBe(at - 5);
    expect(read(drop).startsAt).toBe(at);
  });

  it('keeps what nests too deep as its JSON', () => {
    expect(read({ ...drop, details: { ...drop.details, a: { b: { c: { d: 1 } } } } }).annotations).toEqual({ 'a.b.c': '{"d":1}' });
  });
});

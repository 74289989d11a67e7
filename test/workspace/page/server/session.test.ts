import { describe, expect, it } from 'vitest';
import { createAttempts } from '../../../../src/workspace/page/server/attempts.ts';
import { cookieValue, createSessions, isSame, sessionKey } from '../../../../src/workspace/page/server/session.ts';

const hour = 3_600_000;

function begun(key: Buffer = Buffer.alloc(32, 1), isSecure = false) {
  const time = { now: 1_000_000 };
  const sessions = createSessions({ key, now: () => time.now, isSecure });
  const { cookie, session } = sessions.begin('U0ANA');
  return { time, sessions, cookie, session, pair: cookie.split(';')[0] ?? '' };
}

describe('createSessions', () => {
  it('reads back the person of a cookie it set', () => {
    const { sessions, pair } = begun();
    expect(sessions.read(`other=1; ${pair}`)?.person).toBe('U0ANA');
  });

  it('sets a cookie that scripts cannot read and other sites cannot send', () => {
    expect(begun().cookie).toMatch(/; Path=\/; Max-Age=43200; HttpOnly; SameSite=Strict$/);
    expect(begun(undefined, true).cookie).toMatch(/; Secure$/);
  });

  it('forgets a session after twelve hours', () => {
    const { sessions, pair, time } = begun();
    time.now += 12 * hour - 1;
    expect(sessions.read(pair)).toBeDefined();
    time.now += 1;
    expect(sessions.read(pair)).toBeUndefined();
  });

  it('refuses a session that was ended', () => {
    const { sessions, pair, session } = begun();
    expect(sessions.end(session)).toContain('Max-Age=0');
    expect(sessions.read(pair)).toBeUndefined();
  });

  it.each([
    {
      name: 'with another person in it',
      change: (pair: string) =>
        pair.replace(/=[^.]+/, `=${Buffer.from(JSON.stringify({ id: 'x', person: 'U0BEN', expiresAt: 9e15 })).toString('base64url')}`),
    },
    { name: 'with another signature', change: (pair: string) => `${pair.slice(0, -2)}xx` },
    { name: 'without a signature', change: (pair: string) => pair.split('.')[0] ?? '' },
    { name: 'that is empty', change: () => 'tracepulse_chat=' },
    {
      name: 'signed for another purpose',
      change: (pair: string) => pair.replace(/\..*/, `.${begun().sessions.csrfToken(begun().session)}`),
    },
  ])('refuses a cookie $name', ({ change }) => {
    const { sessions, pair } = begun();
    expect(sessions.read(change(pair))).toBeUndefined();
  });

  it('refuses a cookie signed under another password', () => {
    const { pair } = begun(sessionKey('one'));
    expect(createSessions({ key: sessionKey('two'), now: () => 1_000_000, isSecure: false }).read(pair)).toBeUndefined();
    expect(createSessions({ key: sessionKey('one'), now: () => 1_000_000, isSecure: false }).read(pair)?.person).toBe('U0ANA');
  });

  it('ties the token of a write to its session', () => {
    const { sessions, session } = begun();
    const other = sessions.begin('U0ANA').session;
    expect(sessions.isCsrfToken(session, sessions.csrfToken(session))).toBe(true);
    expect(sessions.isCsrfToken(session, sessions.csrfToken(other))).toBe(false);
    expect(sessions.isCsrfToken(session, null)).toBe(false);
  });
});

describe('cookieValue', () => {
  it.each([
    [null, undefined],
    ['a=1; b=2', '2'],
    ['xb=1', undefined],
    ['b=', ''],
  ])('finds b in %s', (header, value) => expect(cookieValue(header, 'b')).toBe(value));
});

describe('isSame', () => {
  it.each([
    ['secret', 'secret', true],
    ['secre', 'secret', false],
    ['', 'secret', false],
  ])('compares %s and %s', (given, wanted, same) => expect(isSame(given, wanted)).toBe(same));
});

describe('createAttempts', () => {
  it('lets five wrong tries a minute through from one address, and others still in', () => {
    const time = { now: 0 };
    const attempts = createAttempts(() => time.now);
    for (let tries = 0; tries < 5; tries += 1) {
      expect(attempts.waitSeconds('a')).toBe(0);
      attempts.failed('a');
      time.now += 1_000;
    }
    expect(attempts.waitSeconds('a')).toBe(55);
    expect(attempts.waitSeconds('b')).toBe(0);
    time.now = 60_001;
    expect(attempts.waitSeconds('a')).toBe(0);
  });

  it('stops guessing that changes its address with every try', () => {
    const attempts = createAttempts(() => 0);
    for (let tries = 0; tries < 60; tries += 1) attempts.failed(`address ${tries}`);
    expect(attempts.waitSeconds('a new one')).toBe(60);
  });
});

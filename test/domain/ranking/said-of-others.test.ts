/** What services say of each other where nothing is known but their lines and the list of services. */
import { describe, expect, it } from 'vitest';
import { causeOf, type Line, rankLines, working } from './lines-only.ts';

const ports = { cart: 7000, shop: 7001, stock: 7002, tax: 7003 };
const directory = Object.entries(ports).map(([name, port], i) => ({ name, addresses: [`10.7.0.${i + 2}`], ports: [port] }));
const names = Object.keys(ports);
const times = (text: string, severity: number | undefined = 17, from = 6): Line[] =>
  Array.from({ length: 16 }, (_, i): Line => [from + i * 12, text, severity]);

/** Each says it works, and what it says besides; one of `idle` says that it listens and no more. */
function ranked(besides: Readonly<Record<string, readonly Line[]>>, idle: readonly string[] = []) {
  const printed = names.map((name) => [name, [...working(name).slice(0, idle.includes(name) ? 2 : undefined), ...(besides[name] ?? [])]]);
  return rankLines(Object.fromEntries(printed), { directory });
}

describe('a place that a caller does not reach on a port that the list does not have', () => {
  const inVain = times('I/O error on GET request for "http://stock:7100/level": connect timed out');

  it('is at fault where it says that it listens there', () =>
    expect(causeOf(ranked({ cart: inVain, stock: [[2, 'Tomcat started on port(s): 7100 (http) with context path', 9]] }))).toBe('stock'));

  it('is not where it listens elsewhere', () =>
    expect(causeOf(ranked({ cart: inVain, stock: [[2, 'Tomcat started on port(s): 7002 (http) with context path', 9]] }))).toBe('cart'));
});

describe('a service that others wait for by its name alone', () => {
  it.each([
    'msg="stock not reachable, retrying" error="no servers available for connection"',
    'stock connect attempt 12 failed: no servers available for connection',
    '{"err":"CONNECTION_REFUSED","msg":"stock connect failed, will retry"}',
    '{"msg":"cannot connect, giving up","dependency":"stock"}',
  ])('is at fault: %s', (line) => expect(causeOf(ranked({ cart: times(line), shop: times(line) }, ['stock']))).toBe('stock'));

  it('is none where no service has the name', () =>
    expect(causeOf(ranked({ cart: times('bureau not reachable, retrying: connection refused') }))).toBeNull());
});

describe('a server that takes nothing but TLS', () => {
  const from = (address: string): Line[] =>
    times(
      `[core] Server.Serve failed to complete security handshake from "${address}:51624": tls: first record does not look like a TLS handshake`,
      13,
    );

  it('is at fault where callers come without from several addresses', () =>
    expect(causeOf(ranked({ stock: [...from('10.9.2.25'), ...from('10.9.3.116')] }))).toBe('stock'));

  it('is not where one alone does', () => expect(causeOf(ranked({ stock: from('10.9.2.25') }))).toBeNull());
});

describe('a server that is asked in TLS and speaks none', () => {
  const askedAt = (host: string): Line[] =>
    times(`Error forwarding to https://${host}:8079, err: tls: first record does not look like a TLS handshake`, 13);
  const onTls = directory.map((one) => (one.name === 'stock' ? { ...one, ports: [443] } : one));
  const blamed = (says: string, list = onTls, host = '10.9.2.40') => {
    const stock: Line[] = [[2, says, 9], ...working('stock')];
    return causeOf(rankLines({ cart: [...working('cart'), ...askedAt(host)], stock, shop: working('shop') }, { directory: list }));
  };

  it('is at fault where it is listed on the port of TLS and says that it listens on the one that is asked', () =>
    expect(blamed('App now running in production mode on port 8079')).toBe('stock'));

  it('is not where it is listed on another, or listens on another', () => {
    expect(blamed('App now running in production mode on port 8079', directory)).toBe('cart');
    expect(blamed('App now running in production mode on port 8080')).toBe('cart');
  });

  it('is not where another was asked, be it on the port that it listens on', () => {
    expect(blamed('App now running in production mode on port 8079', onTls, 'stock')).toBe('stock');
    expect(blamed('App now running in production mode on port 8079', onTls, 'shop')).toBe('cart');
  });
});

describe('a service whose checks of others wait in vain', () => {
  const check = (name: string) =>
    times(`Health check ${name} with status Degraded completed after 10011.7ms with message 'A task was canceled.'`, 0);
  const all = ['shop', 'stock', 'tax'].flatMap(check);

  it('is at fault where these work and nobody else misses them, though nobody else asks one of them', () => {
    const ranking = ranked({ cart: all }, ['tax']);
    expect(causeOf(ranking)).toBe('cart');
    expect(ranking.evidence.map(({ text }) => text).join()).toContain('cart reaches none of shop, stock, tax');
  });

  it('is not where most of them are as quiet, or others miss one of them too', () => {
    expect(causeOf(ranked({ cart: all }, ['tax', 'stock']))).not.toBe('cart');
    expect(causeOf(ranked({ cart: all, shop: times('dial tcp tax:7003: i/o timeout') }, ['tax']))).not.toBe('cart');
  });
});

describe('a store that says that it cannot do its work', () => {
  const quoting = times('put failed: XMinioStorageFull: Storage backend has reached its minimum free drive threshold');

  it('is at fault where it says so in words of its own, and others quote its answers', () =>
    expect(causeOf(ranked({ cart: quoting, shop: quoting, stock: times('Error: drive path full (cmd.StorageErr)') }))).toBe('stock'));

  it('is not where it is one of those that quote', () => expect(causeOf(ranked({ cart: quoting }))).toBeNull());

  it('is worth no word where it said so once as it started', () => {
    const starting: Line = [3, 'FATAL:  the database system is starting up', 17];
    expect(ranked({ stock: [starting] }).hypotheses).toEqual([]);
    expect(ranked({ stock: [[190, starting[1], 17]] }).hypotheses).not.toEqual([]);
  });
});

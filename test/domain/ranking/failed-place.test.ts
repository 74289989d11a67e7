/** Whom failed calls speak against in a system that was never well: lines of each process, and the list of its services. */
import { describe, expect, it } from 'vitest';
import { rank, type Ranking } from '../../../src/domain/ranking/rank.ts';
import { alertAt, inputOf } from './made-metrics.ts';
import { flatten, type OtlpLog, Tables, windowOf } from './window-from-otlp.ts';

const ports: Readonly<Record<string, number>> = { shop: 7000, cart: 7001, stock: 7002, 'orders-db': 5432 };
const listed = (prefix = '') =>
  Object.entries(ports).map(([name, port], index) => ({ name: `${prefix}${name}`, addresses: [`10.7.0.${index + 2}`], ports: [port] }));

/**
 * Every service but the silent ones says that it works; `cart` (or another) writes one more line every two seconds. `given`: what each
 * says as it starts that it was given; `begins`: what `stock` says first of all; `later`: what it is after 20 s; `quoting`: of `shop`.
 */
function rankWith(
  line: string,
  {
    later = null as string | null,
    quoting = null as string | null,
    by = 'cart',
    silent = [] as string[],
    directory = listed(),
    severity = 17,
    given = {} as Record<string, string>,
    begins = '',
  } = {},
): Ranking {
  const logs = Object.keys(ports)
    .filter((name) => !silent.includes(name))
    .map((name) => {
      const startedAt = `${alertAt - 100_500}000000`;
      const logRecords: OtlpLog[] = given[name] === undefined ? [] : [{ timeUnixNano: startedAt, body: { stringValue: given[name] } }];
      if (name === 'stock' && begins !== '')
        logRecords.unshift({ timeUnixNano: `${alertAt - 101_000}000000`, severityNumber: 9, body: { stringValue: begins } });
      for (let second = 0; second < 99; second++) {
        const timeUnixNano = `${alertAt - (100 - second) * 1000}000000`;
        logRecords.push({ timeUnixNano, severityNumber: 9, body: { stringValue: `${name} handled ${second}` } });
        const said = later !== null && second > 20 ? later : line;
        if (name === by && second % 2 === 0)
          logRecords.push({ timeUnixNano, ...(severity > 0 ? { severityNumber: severity } : {}), body: { stringValue: said } });
        if (name === 'shop' && quoting !== null && second % 2 === 1)
          logRecords.push({ timeUnixNano, severityNumber: 17, body: { stringValue: quoting } });
      }
      return {
        resourceLogs: [{ resource: { attributes: [{ key: 'service.name', value: { stringValue: name } }] }, scopeLogs: [{ logRecords }] }],
      };
    });
  const window = windowOf(flatten({ traces: [], logs, metrics: [] }), new Tables(), alertAt - 20 * 60_000, alertAt + 1);
  return rank({ ...inputOf([]), window, directory });
}

/** Without the silent store, where it is only worth a look because it says nothing. */
const accused = ({ hypotheses }: Ranking): string[] =>
  hypotheses.filter(({ service, confidence }) => service !== 'orders-db' || confidence >= 0.3).map(({ service }) => service);

describe('a failed call speaks against', () => {
  it.each([
    {
      name: 'the one whose certificate is not trusted',
      line: 'Get "https://stock:7002/level": x509: certificate has expired',
      blamed: 'stock',
    },
    {
      name: 'the one that is not let in with its account',
      line: 'FATAL: password authentication failed for user "cart_app"',
      blamed: 'cart',
    },
    {
      name: 'the user of an address among those of services that no service has',
      line: 'dial tcp 10.7.0.99:7002: i/o timeout',
      blamed: 'cart',
    },
    { name: 'the only one on a port, by an address from elsewhere', line: 'dial tcp 172.16.4.9:7002: i/o timeout', blamed: 'stock' },
    {
      name: 'the user of a name in a namespace that cannot be resolved',
      line: 'dial tcp: lookup stok.market on 10.96.0.10:53: no such host',
      blamed: 'cart',
    },
    {
      name: 'the one whose name a logger gives for whom it asked',
      line: 'request failed upstream=stock error=ConnectionRefused',
      blamed: 'stock',
    },
    {
      name: 'the one that asks its database for a table that is not there',
      line: 'psycopg2.errors.UndefinedTable: relation "basket_item" does not exist',
      blamed: 'cart',
    },
    {
      name: 'the one that lacks a setting of its own',
      line: 'KeyError: key not found: "STOCK_URL"',
      blamed: 'cart',
    },
    {
      name: 'the one that dials itself on the port of another, since it was not told whom to dial',
      line: 'connect ECONNREFUSED 127.0.0.1:7002',
      blamed: 'cart',
    },
    {
      name: 'the one that comes in TLS to one that has none',
      line: 'I/O error on POST request for "https://stock:7002/level": Unsupported or unrecognized SSL message',
      blamed: 'cart',
    },
    {
      name: 'the one that calls a server which has no such service',
      line: 'rpc error: code = Unimplemented desc = unknown service market.v1.Stock',
      blamed: 'cart',
    },
  ])('$name', ({ line, blamed }) => {
    const { verdict, hypotheses } = rankWith(line);
    expect(verdict).toBe('cause');
    expect(hypotheses[0]?.service).toBe(blamed);
  });

  it.each([
    ['a server writes who asked it', 'query timed out peer=stock'],
    ['a logger names nobody known', 'request failed target=recommendations error=ConnectionRefused'],
    ['telemetry could not be sent', 'Failed to export spans: otel-collector:4318: connection refused'],
  ])('nobody where %s', (_, line) => expect(rankWith(line)).toMatchObject({ verdict: 'inconclusive', hypotheses: [] }));

  it.each([
    ['the user of a name in a domain where it is not', 'dial tcp: lookup stock.elsewhere.io on 10.96.0.10:53: no such host', 'cart'],
    ['whoever alone does not find a listed one by its name', 'dial tcp: lookup stock.shop.svc on 10.96.0.10:53: no such host', 'cart'],
    ['the user of a name within the cluster that nobody has', 'dial tcp stok.shop.svc:7002: connect: connection refused', 'cart'],
    ['the user of a port that is not that of whom it asks', 'dial tcp stock:7009: connect: connection refused', 'cart'],
  ])('%s', (_, line, blamed) => expect(rankWith(line).hypotheses[0]?.service).toBe(blamed));

  it('the one asked for by its name within the cluster, where it shows no life', () => {
    const line = 'dial tcp: lookup stock.shop.svc on 10.96.0.10:53: no such host';
    expect(rankWith(line, { silent: ['stock'] }).hypotheses[0]?.service).toBe('stock');
  });

  it('the one that is asked on a port that it says itself it listens on, and not on another one', () => {
    const line = 'dial tcp stock:7009: connect: connection refused';
    expect(rankWith(line, { begins: 'listening on 0.0.0.0:7009' }).hypotheses[0]?.service).toBe('stock');
    expect(rankWith(line, { begins: 'listening on 0.0.0.0:7002' }).hypotheses[0]?.service).toBe('cart');
    expect(rankWith(line, { begins: 'the queue of port 7009 is empty' }).hypotheses[0]?.service).toBe('cart');
  });

  it.each([
    ['it does not reach itself', 'dial tcp cart:7001: connect: connection refused'],
    ['an address from elsewhere has its own port', 'dial tcp 172.16.4.9:7001: i/o timeout'],
    ['a name elsewhere does not answer', 'dial tcp cards.example.com:443: i/o timeout'],
    ['something of its own is not there', 'write udp 127.0.0.1:8125: connection refused'],
    ['a server has no health service', 'rpc error: code = Unimplemented desc = unknown service grpc.health.v1.Health'],
    ['it looks at itself', 'probe failed: connect ECONNREFUSED 127.0.0.1:7001'],
    ['it names a field and its number', 'upstream connection refused {reason: "none", http_status:503}'],
    ['a place for telemetry has no address', 'getaddrinfo ENOTFOUND otel-collector.observability'],
    ['reports of errors could not be sent', 'event not sent: cURL error 6: Could not resolve host: sentry.tools.internal'],
  ])('nobody where %s', (_, line) => expect(rankWith(line).hypotheses).toEqual([]));

  it.each([
    ['an account that is refused', 'FATAL: password authentication failed for user "cart_app"', []],
    ['a name in a domain where it is not', 'dial tcp: lookup stock.elsewhere.io on 10.96.0.10:53: no such host', ['stock']],
    ['a port on which nobody listens', 'dial tcp stock:7009: connect: connection refused', ['stock']],
    ['an address that no service has', 'dial tcp 10.7.0.99:7002: i/o timeout', []],
    ['a name that nobody has', 'dial tcp: lookup stok on 10.96.0.10:53: no such host', []],
    ['no place', 'SQLSTATE[HY000] [2002] Connection refused', []],
    ['itself', 'dial tcp 127.0.0.1:7002: connect: connection refused', []],
    ['a server without the service', 'stock: rpc error: code = Unimplemented desc = unknown service market.v1.Stock', []],
    ['TLS on one side', 'Get "https://stock:7002/level": http: server gave HTTP response to HTTPS client', []],
  ])('who has it configured, not who passes on what it was told: %s', (_, line, blamed) => {
    const quoted = rankWith(`rpc error: code = Internal desc = ${line}`, { silent: ['orders-db'] });
    expect(accused(quoted)).toEqual(blamed);
  });

  describe('of a name that is not listed', () => {
    const dialled = 'dial tcp labels:5672: connect: connection refused';
    const byUrl = `Get "http://labels:5672/all": ${dialled}`;
    const names = Object.keys(ports).map((name) => ({ name, addresses: [], ports: [] }));

    it.each([
      ['whoever asks for it where a list gives addresses or ports', listed(), byUrl, 'cart'],
      ['the service that it is, asked for by URL, where there is no list', [], byUrl, 'labels'],
      ['the service that it is where the list gives names alone', names, byUrl, 'labels'],
      ['the service that it is, asked for with an account', names, `amqp://cart@labels:5672: ${dialled}`, 'labels'],
      ['whoever asks for it where it may be its store', [], dialled, 'cart'],
    ])('%s', (_, directory, line, blamed) => expect(rankWith(line, { directory }).hypotheses[0]?.service).toBe(blamed));
  });

  it('nobody where the line names no place and tells of a name', () => {
    expect(accused(rankWith('php_network_getaddresses: getaddrinfo failed: Name or service not known', { silent: ['orders-db'] }))).toEqual(
      [],
    );
  });

  it('nobody where a store itself tells of an account that it refused', () =>
    expect(rankWith('FATAL:  password authentication failed for user "cart_app"', { by: 'orders-db' }).verdict).not.toBe('cause'));

  it('nobody where the store itself tells that it was asked for a table it has not', () =>
    expect(rankWith("ERROR 1146: Table 'cart.basket' doesn't exist", { by: 'orders-db' }).verdict).not.toBe('cause'));

  it('nobody where a name elsewhere cannot be resolved', () =>
    expect(rankWith('dial tcp: lookup cards.example.com on 10.96.0.10:53: no such host').verdict).not.toBe('cause'));

  it('the one listed service that never said a word, where the line names no place', () => {
    const { verdict, hypotheses } = rankWith('SQLSTATE[HY000] [2002] Connection refused', { silent: ['orders-db'] });
    expect(verdict).toBe('cause');
    expect(hypotheses[0]?.service).toBe('orders-db');
  });

  it('nobody where several are silent and the line names no place', () =>
    expect(rankWith('SQLSTATE[HY000] [2002] Connection refused', { silent: ['orders-db', 'stock'] }).verdict).not.toBe('cause'));

  it('a service by the name it speaks under, where the list has a longer one', () => {
    const { hypotheses } = rankWith('dial tcp eu-prod-stock:7002: connect: connection refused', { directory: listed('eu-prod-') });
    expect(hypotheses.map(({ service }) => service)).toEqual(['stock']);
  });

  describe('the places that services say they were given', () => {
    const refused = 'dial tcp 10.7.0.4:7100: connect: connection refused';

    it('clear the one that asks, where another was given the same port', () => {
      expect(rankWith(refused, { given: { shop: 'backends cart=cart:7001 stock=stock:7100' } }).hypotheses[0]?.service).toBe('stock');
    });

    it.each([
      ['nobody else was', {}],
      ['another was given the port of the list', { shop: 'backends stock=stock:7002' }],
      ['another was given that port of somebody else', { shop: 'backends cart=cart:7100' }],
      ['it alone says so', { cart: 'backends stock=stock:7100' }],
    ])('do not where %s', (_, given) => expect(rankWith(refused, { given }).hypotheses[0]?.service).toBe('cart'));

    const quoted = 'order failed: rpc error: code = Internal desc = pay: dial tcp: lookup stok-svc on 10.96.0.10:53: no such host';

    it('tell whose mistake a name is that nobody has, where only its caller tells of it', () => {
      const { verdict, hypotheses } = rankWith(quoted, { by: 'shop', given: { cart: 'upstreams: stock=stok-svc:7002' } });
      expect(verdict).toBe('cause');
      expect(hypotheses[0]).toMatchObject({ service: 'cart', summary: expect.stringContaining('cart tries to reach stok-svc') });
    });

    it.each([
      ['nobody was given it', {}],
      ['several were given it', { cart: 'upstreams: stock=stok-svc:7002', 'orders-db': 'replica of stok-svc:7002' }],
      ['the one that tells of it was', { shop: 'upstreams: stock=stok-svc:7002' }],
      ['another told of failing to reach it', { cart: 'stock answered 503: connect ECONNREFUSED stok-svc:7002' }],
    ])('tell nothing where %s', (_, given) => expect(rankWith(quoted, { by: 'shop', given }).verdict).not.toBe('cause'));
  });

  describe('an account that is refused by a store that was away before', () => {
    const at = 'failed to connect to `user=cart database=orders`: 10.7.0.5:5432 (orders-db)';
    const lines = [
      `${at}: dial tcp 10.7.0.5:5432: connect: connection refused`,
      `${at}: FATAL: password authentication failed for user "cart"`,
    ];

    it('speaks against whoever comes with it, and not against the store', () => {
      const [first, ...more] = lines;
      const { verdict, hypotheses } = rankWith(first!, { later: more[0]! });
      expect(verdict).toBe('cause');
      expect(hypotheses[0]).toMatchObject({ service: 'cart', summary: expect.stringContaining('is not let in') });
    });
  });

  it('the one that expects TLS of all who come, where they come from several addresses', () => {
    const from = (address: string) =>
      `http: TLS handshake error from ${address}:48646: tls: first record does not look like a TLS handshake`;
    const { verdict, hypotheses } = rankWith(from('10.42.3.141'), { later: from('10.42.3.98') });
    expect(verdict).toBe('cause');
    expect(hypotheses[0]?.service).toBe('cart');
    expect(rankWith(from('10.42.3.141')).verdict).not.toBe('cause');
  });

  it('one that takes telemetry, where it is listed', () => {
    const directory = [...listed(), { name: 'logstash', addresses: ['10.7.0.9'], ports: [5044] }];
    expect(rankWith('dial tcp logstash:5044: connect: connection refused', { directory }).hypotheses[0]?.service).toBe('logstash');
  });

  it.each([
    ['it has the whole machine to itself, as all have', '127.0.0.1'],
    ['no address is listed', null],
  ])('the one that is asked on loopback where %s', (_, address) => {
    const directory = listed().map((one) => ({ ...one, addresses: address === null ? [] : [address] }));
    const [first] = rankWith('connect ECONNREFUSED 127.0.0.1:7002', { directory, silent: ['stock'] }).hypotheses;
    expect(first?.service).not.toBe('cart');
  });

  it('the one alone that asks on a port, of what others quote as well', () => {
    const line = 'dial tcp stock:7009: connect: connection refused';
    const { verdict, hypotheses } = rankWith(line, { quoting: `rpc error: code = Unknown desc = level: ${line}` });
    expect(verdict).toBe('cause');
    expect(hypotheses.map(({ service }) => service)).toEqual(['cart']);
  });

  it('the one a proxy could not reach, though its line has no word of an error', () => {
    const line =
      '"GET /level HTTP/1.1" 503 UF upstream_reset_before_response_started{connection_failure,delayed_connect_error:_111} "10.7.0.4:7002"';
    expect(rankWith(line, { by: 'shop', severity: 0 }).hypotheses[0]?.service).toBe('stock');
  });
});

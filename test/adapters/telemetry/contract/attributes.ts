/** What attributes say of peers, statuses, services, problems, severities and lines. */
import { expect, it } from 'vitest';
import { bytesOf, logs, logsJson, start, traces } from '../bodies.ts';
import { everything, type Open } from './open.ts';

export function attributesContract(open: Open): void {
  const peerCases = [
    [3, { 'db.system.name': 'postgresql', 'db.namespace': 'orders' }, 'db:orders', 2],
    [3, { 'db.system': 'mysql', 'db.name': 'orders' }, 'db:orders', 2],
    [3, { 'db.system': 'redis', 'net.peer.name': 'cache-1' }, 'db:cache-1', 2],
    [3, { 'db.system.name': 'redis' }, 'db:redis', 2],
    [3, { 'db.system.name': 'redis', 'db.namespace': '0', 'server.address': 'cache-1' }, 'db:cache-1', 2],
    [3, { 'db.system.name': 'redis', 'db.namespace': '0' }, 'db:redis', 2],
    [3, { 'db.namespace': 'new', 'db.name': 'old', 'db.system': 'x' }, 'db:new', 2],
    [4, { 'messaging.system': 'kafka', 'messaging.destination.name': 'pay' }, 'queue:kafka/pay', 3],
    [5, { 'messaging.system': 'rabbitmq', 'messaging.destination': 'pay' }, 'queue:rabbitmq/pay', 3],
    [3, { 'service.peer.name': 'new', 'peer.service': 'old' }, 'new', 1],
    [3, { 'peer.service': 'old' }, 'old', 1],
    [3, { 'server.address': 'api.example.com', 'net.peer.name': 'x' }, 'ext:api.example.com', 4],
    [3, { 'net.sock.peer.addr': '10.0.0.7' }, 'ext:10.0.0.7', 4],
    [3, { 'url.full': 'https://user:pw@api.example.com:8443/a?b' }, 'ext:api.example.com', 4],
    [3, { 'http.url': 'http://old.example.com/' }, 'ext:old.example.com', 4],
    [2, { 'server.address': 'me' }, '', 0],
    [3, { 'http.route': '/x' }, '', 0],
  ] as const;
  it.each(peerCases)('reads the peer of a span of kind %i with %j as "%s"', async (kind, attributes, peer, peerKind) => {
    const telemetry = await open();
    await telemetry.ingest('traces', traces({ shop: [{ kind, attributes }] }), 'json');
    const { spans, strings } = await telemetry.window(everything);
    expect([strings.text(spans.peer[0]!), spans.peerKind[0]]).toEqual([peer, peerKind]);
  });

  it.each([
    [2, { 'http.response.status_code': 200 }, 200, 0],
    [2, { 'http.status_code': 404 }, 404, 0],
    [3, { 'http.response.status_code': 404 }, 404, 2],
    [2, { 'http.status_code': '500' }, 500, 2],
    [3, { 'rpc.grpc.status_code': 14 }, 1014, 0],
    [3, { 'error.type': 'timeout' }, 0, 2],
    [3, { error: true }, 0, 2],
  ] as const)('reads status of a span of kind %i with %j as %i, %i', async (kind, attributes, code, status) => {
    const telemetry = await open();
    await telemetry.ingest('traces', traces({ shop: [{ kind, attributes }] }), 'json');
    const { spans } = await telemetry.window(everything);
    expect([spans.statusCode[0], spans.status[0]]).toEqual([code, status]);
  });

  it('names a service by namespace, name and environment, with its version and instance', async () => {
    const telemetry = await open();
    const of = { 'service.namespace': 'shop', 'deployment.environment': 'staging', 'service.version': '2', 'k8s.pod.name': 'cart-1' };
    await telemetry.ingest('traces', traces({ cart: [{}] }, of), 'json');
    await telemetry.ingest('logs', logs({ cart: [{ at: 1 }] }, of), 'json');
    const { spans, logs: lines, strings } = await telemetry.window(everything);
    for (const view of [spans, lines])
      expect([view.service[0], view.version[0], view.instance[0]].map((id) => strings.text(id!))).toEqual([
        'shop/cart@staging',
        '2',
        'cart-1',
      ]);
    expect((await telemetry.knowledge()).map.services).toMatchObject([
      { name: 'shop/cart@staging', versions: ['2'], instances: ['cart-1'] },
    ]);
  });

  it('reads the problem of a failed span from its exception, its status or its class, in that order', async () => {
    const telemetry = await open();
    const exception = (values: object) => ({
      events: [{ name: 'exception', attributes: Object.entries(values).map(([key, v]) => ({ key, value: { stringValue: v } })) }],
    });
    const failed = { status: { code: 2, message: 'said' } };
    await telemetry.ingest(
      'traces',
      traces({
        shop: [
          { span: 1, more: { ...failed, ...exception({ 'exception.type': 'E', 'exception.message': 'm' }) } },
          { span: 2, more: failed, attributes: { 'error.type': 'T' } },
          { span: 3, more: { status: { code: 2 } }, attributes: { 'error.type': 'T' } },
          { span: 4, more: exception({ 'exception.type': 'E' }) },
          { span: 5, more: { status: { code: 2, message: 'x'.repeat(1_000) } } },
        ],
      }),
      'json',
    );
    const { spans, strings } = await telemetry.window(everything);
    expect([0, 1, 2, 3, 4].map((row) => strings.text(spans.problem[row]!))).toEqual(['E: m', 'said', 'T', '', 'x'.repeat(300)]);
  });

  it.each([
    [{ severityNumber: undefined, severityText: 'WARNING' }, 13],
    [{ severityNumber: undefined, severityText: 'crit' }, 21],
    [{ severityNumber: '17' }, 17],
    [{ severityNumber: 0, severityText: 'verbose' }, 0],
  ])('reads severity of %j as %i', async (more, severity) => {
    const telemetry = await open();
    await telemetry.ingest('logs', logs({ shop: [{ more }] }), 'json');
    expect((await telemetry.window(everything)).logs.severity[0]).toBe(severity);
  });

  it('reads a line from text, structure, event name and exception, at its own or its observed time', async () => {
    const telemetry = await open();
    const structured = { body: { kvlistValue: { values: [{ key: 'a', value: { arrayValue: { values: [{ intValue: '1' }] } } }] } } };
    const body = logsJson({
      shop: [
        { at: 1, more: structured },
        { at: 2, more: { body: undefined, eventName: 'paid' } },
        { at: 3, text: 'no', attributes: { 'exception.type': 'E', 'exception.message': 'm' } },
        { more: { timeUnixNano: '0', observedTimeUnixNano: `${start + 4}000000` }, text: 'observed' },
      ],
    });
    await telemetry.ingest('logs', bytesOf(body), 'json');
    const { logs: lines } = await telemetry.window(everything);
    expect([0, 1, 2, 3].map((row) => lines.text(row))).toEqual(['{"a":[1]}', 'paid', 'no\nE: m', 'observed']);
  });
}

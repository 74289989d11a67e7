/** Fields beside a message that say that nothing is there are known of a line by whichever door it comes. */
import { expect, it } from 'vitest';
import { start } from '../../support/app.ts';
import { post } from './fake-app.ts';
import { closeAfterEach, json, product } from './log-product.ts';

closeAfterEach();

const line = { message: 'rate locked', amount: 0, plan: null, currency: 'EUR' };
const at = new Date(start).toISOString();

it.each([
  { door: '/loki/api/v1/push', body: json({ streams: [{ stream: { app: 'rates' }, values: [[`${start}000000`, json(line)]] }] }) },
  { door: '/_bulk', body: `${json({ create: { _index: 'logs' } })}\n${json({ '@timestamp': at, service: { name: 'rates' }, ...line })}\n` },
  { door: '/services/collector/event', body: json({ time: start / 1_000, event: { service: 'rates', ...line } }) },
  { door: '/ingest/logs', body: json([{ timestamp: at, service: 'rates', ...line }]) },
])('$door', async ({ door, body }) => {
  const { http, telemetry } = product();
  const answer = await http.fetch(post(door, body));
  expect(answer.status).toBeLessThan(300);
  const { logs, strings, templateText } = await telemetry.window({ fromMs: start - 60_000, toMs: start + 60_000 });
  expect(Array.from(logs.template, (template, row) => [templateText(template), strings.text(logs.hollowFields[row]!)])).toEqual([
    ['rate locked', 'amount=0 plan=none'],
  ]);
});

it('and what a sender says there itself is bounded', async () => {
  const { http, telemetry } = product();
  const record = (text: string, hollow: string) => ({
    timeUnixNano: `${start}000000`,
    body: { stringValue: text },
    attributes: [{ key: 'tracepulse.hollow_fields', value: { stringValue: hollow } }],
  });
  const logRecords = [record('short', 'amount=0'), record('long', 'a=0 '.repeat(200))];
  await http.fetch(post('/v1/logs', json({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] })));
  const { logs, strings } = await telemetry.window({ fromMs: start - 60_000, toMs: start + 60_000 });
  expect(Array.from(logs.hollowFields, (fields) => strings.text(fields))).toEqual(['amount=0', '']);
});

/** Being Loki for those who push to it (PROTOCOLS B4): 204, or the trouble as text. Agents send again on 429 and 5xx alone. */
import type { Hono } from 'hono';
import type { App } from '../../app.ts';
import { refusalOf, refuse } from './answers.ts';
import { takeLogs } from './log-intake.ts';
import type { HttpParts } from './parts.ts';
import { type Encodings, isJson, shipperEncodings } from './request-body.ts';

/** Protobuf always comes in a raw snappy block, said or not. */
const snappyAlways: Encodings = { '': 'unsnappy', snappy: 'unsnappy' };

export function lokiRoutes(routes: Hono, app: App, parts: HttpParts): void {
  routes.post('/loki/api/v1/push', async (c) => {
    try {
      const request = c.req.raw;
      const isProtobuf = /^application\/x-protobuf\b/i.test(request.headers.get('content-type') ?? '');
      if (!isProtobuf && !isJson(request)) throw refuse(415, 'Content-Type must be application/json or application/x-protobuf');
      const { problem } = await takeLogs(request, 'loki', app, parts, isProtobuf ? snappyAlways : shipperEncodings);
      // As Loki does: what could be stored is, and the sender hears of the rest, which it must not send again.
      if (problem !== null) throw refuse(400, problem);
      return new Response(null, { status: 204 });
    } catch (error) {
      const { status, message, path, headers } = refusalOf(error, parts.log);
      const text = path === undefined ? message : `${path}: ${message}`;
      return new Response(`${text}\n`, { status, headers: { ...headers, 'Content-Type': 'text/plain; charset=utf-8' } });
    }
  });
}

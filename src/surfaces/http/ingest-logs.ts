/** Where Fluent Bit, Vector, Logstash and anything that can post lines send them (PROTOCOLS B5). 200 is success to all of them. */
import type { Hono } from 'hono';
import type { App } from '../../app.ts';
import { errorAnswer, refusalOf, refuse } from './answers.ts';
import { takeLogs } from './log-intake.ts';
import type { HttpParts } from './parts.ts';

/** JSON in all its rows, and text; not MessagePack, GELF or forms, which nobody is forced to send. */
const contentType =
  /^(?:application\/(?:json|x-ndjson|ndjson|jsonl|jsonlines|x-jsonlines|json-lines|stream\+json|json-seq)|text\/(?:plain|x-log|json))\s*(?:;|$)/i;

/** More are counted, not listed. */
const maxListed = 20;

export function ingestRoutes(routes: Hono, app: App, parts: HttpParts): void {
  routes.on(['POST', 'PUT'], '/ingest/logs', async (c) => {
    try {
      const type = c.req.header('content-type');
      if (type !== undefined && !contentType.test(type)) throw refuse(415, 'Content-Type must be JSON, NDJSON or text/plain');
      const { accepted, rejected, problem } = await takeLogs(c.req.raw, 'ingest', app, parts);
      const listed = rejected.slice(0, maxListed).map(({ index, reason }) => ({ index, error: reason }));
      return c.json({
        accepted,
        ...(rejected.length > 0 ? { rejectedCount: rejected.length, rejected: listed } : {}),
        ...(problem === null ? {} : { problem }),
      });
    } catch (error) {
      return errorAnswer(refusalOf(error, parts.log));
    }
  });
}

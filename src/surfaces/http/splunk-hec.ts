/**
 * Being Splunk's HTTP Event Collector (PROTOCOLS B8). Each answer is a sentence and a number that senders know. Senders try
 * again on 503. Acknowledgements are not offered: what is answered with Success is stored, so there is nothing to ask for later.
 */
import type { Hono } from 'hono';
import type { App, TakenLogs } from '../../app.ts';
import { inTime, refusalOf } from './answers.ts';
import { takeLogs } from './log-intake.ts';
import type { HttpParts } from './parts.ts';

/** The format's words for a bad event → Splunk's numbers. */
const badEvents: Readonly<Record<string, number>> = { empty: 5, invalid: 6, missing: 12, blank: 13 };

const collectors = [
  '/services/collector',
  '/services/collector/event',
  '/services/collector/event/1.0',
  '/services/collector/raw',
  '/services/collector/raw/1.0',
];
const healths = ['/services/collector/health', '/services/collector/health/1.0'];

export function splunkRoutes(routes: Hono, app: App, parts: HttpParts): void {
  for (const path of collectors)
    routes.post(path, async (c) => {
      try {
        return stored(await takeLogs(c.req.raw, 'splunk', app, parts));
      } catch (error) {
        return refused(error, c.req.raw, parts);
      }
    });
  routes.post('/services/collector/ack', () => say(400, 'ACK is disabled', 14));
  for (const path of healths)
    routes.get(path, async () => {
      const { ready } = await inTime('ask for readiness', app.readiness());
      return ready ? say(200, 'HEC is healthy', 17) : say(503, 'HEC is unhealthy, queues are full', 18);
    });
}

function stored({ rejected, accepted, problem }: TakenLogs): Response {
  const [bad] = rejected;
  if (bad !== undefined) {
    const number = badEvents[bad.code] ?? 6;
    return say(400, bad.reason, number, number === 5 ? {} : { 'invalid-event-number': bad.index });
  }
  return accepted === 0 && problem !== null ? say(400, problem, 6) : say(200, 'Success', 0);
}

function refused(error: unknown, request: Request, { log }: HttpParts): Response {
  const { status, message, headers } = refusalOf(error, log);
  if (status === 401) {
    const authorization = request.headers.get('authorization');
    if (authorization === null && !new URL(request.url).searchParams.has('token')) return say(401, 'Token is required', 2);
    const isKnown = authorization === null || /^(?:splunk|bearer|basic)\s+\S/i.test(authorization);
    return isKnown ? say(403, 'Invalid token', 4) : say(401, 'Invalid authorization', 3);
  }
  if (status === 503 || status === 408) return say(503, 'Server is busy', 9, {}, { 'Retry-After': '1', ...headers });
  return status === 500 ? say(500, 'Internal server error', 8) : say(status, status === 400 ? 'Invalid data format' : message, 6);
}

function say(status: number, text: string, code: number, more: object = {}, headers: Readonly<Record<string, string>> = {}): Response {
  return Response.json({ text, code, ...more }, { status, headers });
}

/** Alerts come in: one route per format, answered only once everything in the body is durable. */
import type { Hono, HonoRequest } from 'hono';
import type { Accepted, App } from '../../app.ts';
import type { Delivery } from '../../domain/alert.ts';
import { Failure } from '../../domain/failure.ts';
import { errorAnswer, inTime, refuse, refusalOf } from './answers.ts';
import { admitSender, presentsToken } from './credentials.ts';
import type { HttpParts } from './parts.ts';
import { isJson, withBody } from './request-body.ts';

/** The contract's limit for a list of events. */
const maxEvents = 1_000;

/** Never handed on: what proves who the sender is concerns this surface alone. */
const secretHeaders = new Set(['authorization', 'proxy-authorization', 'cookie', 'x-api-key']);

export function webhookRoutes(routes: Hono, app: App, parts: HttpParts): void {
  // Grafana and Kibana may be set to PUT.
  routes.on(['POST', 'PUT'], '/webhook/:format', async (c) => {
    const format = c.req.param('format');
    if (!app.hasFormat(format)) throw refuse(404, 'there is no alert format of this name');
    return take(c.req, format, app, parts, (accepted) => acceptedAnswer(accepted, parts));
  });
  routes.options('/webhook/cloudevents', (c) => handshake(c.req.raw, parts));
  routes.post('/api/v2/alerts', (c) => asAlertmanager(() => take(c.req, 'prometheus', app, parts, () => new Response(null)), parts));
}

async function take(
  { raw: request, path }: HonoRequest,
  format: string,
  app: App,
  parts: HttpParts,
  answer: (accepted: Accepted) => Response,
): Promise<Response> {
  const receivedAt = parts.now();
  const deliveryOf = (body: Uint8Array) => arrivedAs(request, path, receivedAt, body);
  const verify = app.verifier(format);
  const admit =
    verify === null
      ? admitSender(request, parts.settings.TRACEPULSE_WEBHOOK_TOKEN, receivedAt)
      : (body: Uint8Array) => mayEnter(() => verify(deliveryOf(body)));
  // A CloudEvent in headers may carry data of any type; a browser cannot send these headers across sites without asking.
  const isBinaryEvent = format === 'cloudevents' && request.headers.has('ce-specversion');
  if (!isJson(request) && !isBinaryEvent) throw refuse(415, 'Content-Type must be application/json in UTF-8');
  return withBody(request, { limits: parts.limits.alerts, budget: parts.budgets.alerts, admit }, async (body) => {
    const delivery = deliveryOf(body);
    const received = format === 'event' ? receiveEvents(app, delivery) : app.receive(format, delivery);
    return answer(await inTime('store the alert', received));
  });
}

/** Only the sender's signature is answered with 401; a Failure of the same code from elsewhere is not the sender's. */
function mayEnter(verify: () => void): void {
  try {
    verify();
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== 'unauthorized') throw error;
    throw refuse(401, error.hint ?? 'the signature does not fit');
  }
}

/** Alertmanager answers with nothing, or with the trouble as a JSON string (PROTOCOLS A1b). */
async function asAlertmanager(run: () => Promise<Response>, { log }: HttpParts): Promise<Response> {
  try {
    return await run();
  } catch (error) {
    const { status, message, path, headers } = refusalOf(error, log);
    return Response.json(path === undefined ? message : `${path}: ${message}`, { status, headers });
  }
}

/** CloudEvents' web hooks ask before they send (PROTOCOLS A9); whoever has the token may, at any rate. */
function handshake(request: Request, { settings }: HttpParts): Response {
  const origin = request.headers.get('webhook-request-origin') ?? '';
  if (!/^[\w.*:/-]{1,253}$/.test(origin)) throw refuse(400, 'WebHook-Request-Origin is missing');
  if (settings.TRACEPULSE_WEBHOOK_TOKEN !== undefined && !presentsToken(request, settings.TRACEPULSE_WEBHOOK_TOKEN))
    throw refuse(401, 'a token is needed');
  const rate: Record<string, string> = request.headers.has('webhook-request-rate') ? { 'WebHook-Allowed-Rate': '*' } : {};
  return new Response(null, { headers: { Allow: 'POST, PUT, OPTIONS', 'WebHook-Allowed-Origin': origin, ...rate } });
}

/** Headers are made plain where they are asked for: most formats look at none. */
function arrivedAs(request: Request, route: string, receivedAt: number, body: Uint8Array): Delivery {
  let headers: Record<string, string> | null = null;
  return {
    route,
    receivedAt,
    body,
    get headers() {
      headers ??= plainHeaders(request);
      return headers;
    },
  };
}

function plainHeaders(request: Request): Record<string, string> {
  const plain: Record<string, string> = {};
  request.headers.forEach((value, name) => {
    if (!secretHeaders.has(name)) plain[name] = value;
  });
  return plain;
}

/** A list of which nothing could be taken is bad input, as a single bad one is. */
function acceptedAnswer({ accepted, ids, rejected }: Accepted, parts: HttpParts): Response {
  if (rejected === undefined || rejected.length === 0) return Response.json({ accepted, ids }, { status: 202 });
  if (accepted > 0) return Response.json({ accepted, ids, rejected }, { status: 202 });
  const refusal = refusalOf(refuse(400, `none of the events could be read: ${rejected[0]?.error}`), parts.log);
  return errorAnswer({ ...refusal, path: `[${rejected[0]?.index}]` });
}

/** One event, or a list taken event by event, so that a bad one does not cost the others. */
async function receiveEvents(app: App, delivery: Delivery): Promise<Accepted> {
  const list = listIn(delivery.body);
  if (list === null) return app.receive('event', delivery);
  if (list.length > maxEvents) throw refuse(400, `a list holds at most ${maxEvents} events`);
  const results = await Promise.allSettled(list.map((body) => app.receive('event', { ...delivery, body })));
  const ids: string[] = [];
  const rejected: { index: number; error: string }[] = [];
  for (const [index, result] of results.entries()) {
    if (result.status === 'fulfilled') ids.push(...result.value.ids);
    else if (isBadInput(result.reason)) rejected.push({ index, error: sentence(result.reason) });
    // The others may be stored by now; sent again, they change nothing.
    else throw result.reason;
  }
  return { accepted: ids.length, ids, rejected };
}

function isBadInput(error: unknown): error is Failure {
  return error instanceof Failure && error.code === 'rejected';
}

function sentence({ path, hint, message }: Failure): string {
  return path === undefined ? (hint ?? message) : `${path}: ${hint ?? message}`;
}

/** The bytes of each entry; null when the body is not a list (or not JSON at all, which the format then says). */
function listIn(body: Uint8Array): Uint8Array[] | null {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
    return Array.isArray(value) ? value.map((entry) => new TextEncoder().encode(JSON.stringify(entry))) : null;
  } catch {
    return null; // a body that is nested too deep to be written again ends here too
  }
}

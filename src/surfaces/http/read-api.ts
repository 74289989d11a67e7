/** Incidents, their context and the map for machines, and the one thing they may tell us: a verdict on a hypothesis. */
import type { Context, Hono } from 'hono';
import { z } from 'zod';
import type { App, IncidentDetail } from '../../app.ts';
import { fitContext } from '../../domain/fit-context.ts';
import { IncidentContext } from '../../domain/incident-context.ts';
import { inTime, refuse } from './answers.ts';
import { jwtSubject, presentsToken } from './credentials.ts';
import type { HttpParts } from './parts.ts';
import { incidentInFull, incidentSummary, mapInFull } from './projections.ts';
import { readInput, readJsonBody } from './read-input.ts';

const IncidentQuery = z.object({
  state: z.enum(['open', 'resolved', 'muted']).optional(),
  service: z.string().min(1).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  after: z.string().min(1).optional(),
});

/** Below this not even the incident and its first hypothesis fit. */
const ContextQuery = z.object({ maxTokens: z.coerce.number().int().min(200).max(1_000_000).optional() });

const Feedback = z.object({
  hypothesis: z.string().min(1),
  verdict: z.enum(['confirm', 'reject', 'withdraw']),
  actualService: z.string().trim().min(1).max(200).nullish(),
  note: z.string().max(2_000).nullish(),
});

export function readRoutes(routes: Hono, app: App, parts: HttpParts): void {
  const redact = <T>(value: T): T => parts.redact(value).value;
  routes.get('/api/incidents', async (c) => {
    reader(c.req.raw, parts);
    const { state, service, limit, after } = readInput(IncidentQuery, c.req.query());
    const query = { limit, ...(state && { state }), ...(service && { service }), ...(after && { after }) };
    const { incidents, next } = await inTime('read incidents', app.incidents(query));
    return c.json(redact({ incidents: incidents.map(incidentSummary), ...(next === null ? {} : { next }) }));
  });
  routes.get('/api/incidents/:id', async (c) => {
    reader(c.req.raw, parts);
    return c.json(redact(incidentInFull(await found(c, app))));
  });
  routes.get('/api/incidents/:id/context', async (c) => {
    reader(c.req.raw, parts);
    const { maxTokens } = readInput(ContextQuery, c.req.query());
    const context = await inTime('read the context', app.context(c.req.param('id')));
    if (context === null) throw refuse(404, 'no such incident, or it is not ranked yet');
    return c.json(maxTokens === undefined ? context : fitContext(context, maxTokens));
  });
  routes.post('/api/incidents/:id/feedback', async (c) => {
    const person = reader(c.req.raw, parts);
    const { hypothesis, verdict, actualService, note } = await readJsonBody(c.req.raw, parts, Feedback);
    const incidentId = (await found(c, app)).card.incident.id;
    const request = { incidentId, hypothesisId: hypothesis, verdict, person, actualService: actualService ?? null, note: note ?? null };
    return c.json(redact(incidentInFull(await inTime('store the verdict', app.vote(request)))));
  });
  routes.get('/api/map', async (c) => {
    reader(c.req.raw, parts);
    return c.json(redact(mapInFull(await inTime('read the map', app.map()))));
  });
  const schema = z.toJSONSchema(IncidentContext);
  routes.get('/api/schema/incident-context.json', (c) => c.json(schema));
}

async function found(c: Context, app: App): Promise<IncidentDetail> {
  const detail = await inTime('read the incident', app.incident(c.req.param('id') ?? ''));
  if (detail === null) throw refuse(404, 'no such incident');
  return detail;
}

/**
 * Who is reading, as votes name them. Without any secret set only this machine can reach us, but a web page in somebody's
 * browser here can too, under a name of its own that resolves to this machine: so the name asked for must be local.
 */
function reader(request: Request, { settings, now }: HttpParts): string {
  const { TRACEPULSE_API_TOKEN: token, TRACEPULSE_JWT_SECRET: jwtSecret } = settings;
  if (token === undefined && jwtSecret === undefined) {
    if (!isLocalName(new URL(request.url).hostname))
      throw refuse(403, 'set TRACEPULSE_API_TOKEN to read under a name other than localhost');
    return 'api:local';
  }
  if (token !== undefined && presentsToken(request, token)) return 'api:token';
  const subject = jwtSecret === undefined ? null : jwtSubject(request, jwtSecret, now());
  if (subject === null) throw refuse(401, 'a valid API token is needed');
  return `api:${subject}`;
}

function isLocalName(hostname: string): boolean {
  return hostname === 'localhost' || hostname.endsWith('.localhost') || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}

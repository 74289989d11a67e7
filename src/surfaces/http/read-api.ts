/** Incidents, their context and the map for machines, and the one thing they may tell us: a verdict on a hypothesis. */
import type { Context, Hono } from 'hono';
import { z } from 'zod';
import type { App, IncidentDetail } from '../../app.ts';
import { fitContext } from '../../domain/fit-context.ts';
import { IncidentContext } from '../../domain/incident-context.ts';
import { inTime, refuse } from './answers.ts';
import { ContextQuery, Feedback, IncidentsQuery, MapQuery } from './api-shapes.ts';
import { caller } from './caller.ts';
import { openRoutes } from './open.ts';
import { openApi } from './openapi.ts';
import { mapPage } from './map-page.ts';
import type { HttpParts } from './parts.ts';
import { incidentInFull, incidentSummary, mapInFull } from './projections.ts';
import { readInput, readJsonBody } from './read-input.ts';

export function readRoutes(routes: Hono, app: App, parts: HttpParts): void {
  const redact = <T>(value: T): T => parts.redact(value).value;
  routes.get('/api/incidents', async (c) => {
    caller(c.req.raw, 'read', parts);
    const { state, service, limit, after } = readInput(IncidentsQuery, c.req.query());
    const query = { limit, ...(state && { state }), ...(service && { service }), ...(after && { after }) };
    const { incidents, next } = await inTime('read incidents', app.incidents(query));
    return c.json(redact({ incidents: incidents.map(incidentSummary), ...(next === null ? {} : { next }) }));
  });
  routes.get('/api/incidents/:id', async (c) => {
    caller(c.req.raw, 'read', parts);
    return c.json(redact(incidentInFull(await found(c, app))));
  });
  routes.get('/api/incidents/:id/context', async (c) => {
    caller(c.req.raw, 'read', parts);
    const { maxTokens } = readInput(ContextQuery, c.req.query());
    const context = await inTime('read the context', app.context(c.req.param('id')));
    if (context === null) throw refuse(404, 'no such incident, or it is not ranked yet');
    return c.json(maxTokens === undefined ? context : fitContext(context, maxTokens));
  });
  routes.post('/api/incidents/:id/feedback', async (c) => {
    const { person } = caller(c.req.raw, 'feedback', parts);
    const { hypothesis, verdict, actualService, note } = await readJsonBody(c.req.raw, parts, Feedback);
    const incidentId = (await found(c, app)).card.incident.id;
    const request = { incidentId, hypothesisId: hypothesis, verdict, person, actualService: actualService ?? null, note: note ?? null };
    return c.json(redact(incidentInFull(await inTime('store the verdict', app.vote(request)))));
  });
  routes.get('/api/map', async (c) => {
    caller(c.req.raw, 'read', parts);
    const { limit, after } = readInput(MapQuery, c.req.query());
    const { map, next } = mapPage(await inTime('read the map', app.map()), limit ?? Number.POSITIVE_INFINITY, after);
    return c.json({ ...redact(mapInFull(map)), ...(next === null ? {} : { next }) });
  });
  const schema = z.toJSONSchema(IncidentContext);
  routes.get('/api/schema/incident-context.json', (c) => c.json(schema));
  const description = openApi();
  routes.get('/openapi.json', (c) => c.json(description));
  openRoutes(routes, app, parts);
}

async function found(c: Context, app: App): Promise<IncidentDetail> {
  const detail = await inTime('read the incident', app.incident(c.req.param('id') ?? ''));
  if (detail === null) throw refuse(404, 'no such incident');
  return detail;
}

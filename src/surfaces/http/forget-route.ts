/** `DELETE /api/incidents/{id}`: an incident is taken out of everything that can forget it. */
import type { Hono } from 'hono';
import type { App } from '../../app.ts';
import { inTime, refuse } from './answers.ts';
import { caller } from './caller.ts';
import type { HttpParts } from './parts.ts';

export function forgetRoutes(routes: Hono, app: App, parts: HttpParts): void {
  routes.delete('/api/incidents/:id', async (c) => {
    const { person } = caller(c.req.raw, 'forget', parts);
    const incidentId = c.req.param('id');
    if ((await inTime('look the incident up', app.incident(incidentId))) === null) throw refuse(404, 'no such incident');
    const forgotten = await inTime('forget the incident', app.forget({ incidentId, person }));
    parts.log.info('an incident was forgotten', { incident: incidentId, person });
    return c.json(parts.redact(forgotten).value);
  });
}

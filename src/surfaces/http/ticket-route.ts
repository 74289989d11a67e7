/**
 * `POST /api/incidents/{id}/ticket`: asks for the incident's one issue, as the button under a card does, filled in as the form
 * would be. For drills and scripts; asked twice it is still one.
 */
import type { Hono } from 'hono';
import type { App } from '../../app.ts';
import { inTime, refuse } from './answers.ts';
import { caller } from './caller.ts';
import type { HttpParts } from './parts.ts';

export function ticketRoutes(routes: Hono, app: App, parts: HttpParts): void {
  routes.post('/api/incidents/:id/ticket', async (c) => {
    const { person } = caller(c.req.raw, 'ticket', parts);
    const incidentId = c.req.param('id');
    const form = await inTime('look the incident up', app.ticketForm(incidentId));
    if (form === null) throw refuse(404, 'no such incident, or no tracker is connected');
    const before = await inTime('ask for an issue', app.openTicket({ incidentId, wish: form.wish, person }));
    return c.json(parts.redact({ ticket: before.state === 'made' ? before : { state: 'asked' } }).value, 202);
  });
}

/** What failed too often and was laid aside: to be looked at, and to be tried again once its cause is mended. */
import type { Hono } from 'hono';
import type { App } from '../../app.ts';
import { inTime } from './answers.ts';
import { Replay } from './api-shapes.ts';
import { caller } from './caller.ts';
import type { HttpParts } from './parts.ts';
import { readJsonBody } from './read-input.ts';

/** More than anybody reads; those beyond show once these are tried again. */
const shown = 200;

export function deadLetterRoutes(routes: Hono, app: App, parts: HttpParts): void {
  routes.get('/api/dead-letters', async (c) => {
    caller(c.req.raw, 'read', parts);
    const letters = await inTime('read dead letters', app.deadLetters(shown));
    return c.json({ deadLetters: letters.map((letter) => ({ ...letter, at: new Date(letter.at).toISOString() })) });
  });
  routes.post('/api/dead-letters/replay', async (c) => {
    caller(c.req.raw, 'feedback', parts);
    const { ids } = await readJsonBody(c.req.raw, parts, Replay);
    return c.json({ replayed: await inTime('try dead letters again', app.replay(ids ?? null)) });
  });
}

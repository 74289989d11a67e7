/**
 * GitHub tells of pushes, deployments and releases (PROTOCOLS E7). The signature is checked over the bytes as they came;
 * what a delivery says is stored before it is answered, once per `X-GitHub-Delivery`, and read when an incident asks.
 */
import type { Hono } from 'hono';
import type { App } from '../../app.ts';
import { noticeKind } from '../../domain/change-notice.ts';
import { inTime, refuse } from './answers.ts';
import { admitSender } from './credentials.ts';
import { noticesIn } from './github-notices.ts';
import type { HttpParts } from './parts.ts';
import { isJson, withBody } from './request-body.ts';

/** GitHub sends no larger ones. */
const limits = { maxBytes: 25 * 2 ** 20, maxUnpackedBytes: 25 * 2 ** 20, deadlineMs: 10_000 };

export function githubRoutes(routes: Hono, app: App, parts: HttpParts): void {
  const secret = parts.settings.GITHUB_WEBHOOK_SECRET;
  // Being stored is all that is to be done with them.
  if (secret !== undefined) app.onInbox(noticeKind, async () => {});
  routes.post('/webhook/github', async (c) => {
    const request = c.req.raw;
    if (secret === undefined) throw refuse(401, 'GITHUB_WEBHOOK_SECRET is not set, so no delivery can be trusted');
    const admit = admitSender(request, secret, parts.now());
    const isForm = (request.headers.get('content-type') ?? '').toLowerCase().startsWith('application/x-www-form-urlencoded');
    if (!isForm && !isJson(request)) throw refuse(415, 'Content-Type must be application/json or a form');
    const event = request.headers.get('x-github-event') ?? '';
    const delivery = request.headers.get('x-github-delivery') ?? '';
    if (!/^[\w-]{1,100}$/.test(delivery) || event === '') throw refuse(400, 'X-GitHub-Event and X-GitHub-Delivery are needed');
    return withBody(request, { limits, budget: parts.budgets.alerts, admit }, async (body) => {
      const text = new TextDecoder().decode(body);
      const notices = noticesIn(event, isForm ? (new URLSearchParams(text).get('payload') ?? '') : text, parts.now());
      const entry = { id: `github:${delivery}`, kind: noticeKind, body: notices, at: parts.now() };
      const isNew = notices.length > 0 && (await inTime('store a delivery', app.accept(entry)));
      if (isNew) await inTime('finish a delivery', app.finish(entry.id));
      return c.json({ accepted: isNew ? notices.length : 0, ids: [] }, 202);
    });
  });
}

/**
 * The HTTP surface: routes on one port, as the contract lists them. A request in, a response out; listening on a socket is
 * in `serve.ts`, so tests call `fetch` directly.
 */
import { Hono } from 'hono';
import { PatternRouter } from 'hono/router/pattern-router';
import type { Log } from '../../adapter.ts';
import type { App } from '../../app.ts';
import { errorAnswer, inTime, refuse, refusalOf } from './answers.ts';
import { mayLook } from './caller.ts';
import { deadLetterRoutes } from './dead-letters.ts';
import { githubRoutes } from './github-webhook.ts';
import { mcpRoutes } from './mcp-route.ts';
import { defaultLimits, type HttpParts, type HttpSettings, type HttpTools } from './parts.ts';
import { gauges, ofProcess, telemetryCounters } from './projections.ts';
import { prometheusText, prometheusType, type Sample } from './prometheus-text.ts';
import { elasticsearchRoutes } from './elasticsearch-bulk.ts';
import { ingestRoutes } from './ingest-logs.ts';
import { lokiRoutes } from './loki-push.ts';
import { createRates, isAlerts } from './rates.ts';
import { readRoutes } from './read-api.ts';
import { createBudget } from './request-body.ts';
import { splunkRoutes } from './splunk-hec.ts';
import { forgetRoutes } from './forget-route.ts';
import { ticketRoutes } from './ticket-route.ts';
import { telemetryRoutes } from './telemetry-intake.ts';
import { webhookRoutes } from './webhooks.ts';

export interface Http {
  /** `address`: who asks, as the socket says. */
  fetch(request: Request, address?: string): Promise<Response>;
}

export function createHttp(app: App, settings: HttpSettings, tools: HttpTools): Http {
  const limits = tools.limits ?? defaultLimits;
  const budgets = {
    alerts: createBudget(limits.alertBudgetBytes),
    telemetry: createBudget(limits.telemetryBudgetBytes, app.isTelemetryShutOut),
  };
  const parts: HttpParts = { ...tools, settings, limits, budgets };
  const answered = new Map<number, number>();
  // Of their own, so that an alert is not looked for among routes of any first part (`/:index/_bulk`): those need a router that searches.
  const alertRoutes = new Hono({ router: new PatternRouter() });
  githubRoutes(alertRoutes, app, parts); // before the formats, whose route would take it
  webhookRoutes(alertRoutes, app, parts);
  const routes = new Hono();
  telemetryRoutes(routes, app, parts);
  lokiRoutes(routes, app, parts);
  elasticsearchRoutes(routes, app, parts);
  splunkRoutes(routes, app, parts);
  ingestRoutes(routes, app, parts);
  readRoutes(routes, app, parts);
  deadLetterRoutes(routes, app, parts);
  ticketRoutes(routes, app, parts);
  forgetRoutes(routes, app, parts);
  if (tools.mcp !== undefined) mcpRoutes(routes, tools.mcp, parts);
  healthRoutes(routes, app, answered, parts);
  const methods = allowedMethods([alertRoutes, routes]);
  for (const group of [alertRoutes, routes]) {
    group.notFound((c) => notFound(methods(c.req.path), tools.log));
    group.onError((error) => errorAnswer(refusalOf(error, tools.log)));
  }
  const rates = createRates(tools.now, tools.rates);
  return {
    async fetch(request, address) {
      const refused = rates.refusal(request, address);
      if (refused !== null) return refused;
      const answer = await (isAlerts(request) ? alertRoutes : routes).fetch(request);
      answer.headers.set('X-Content-Type-Options', 'nosniff');
      answered.set(answer.status, (answered.get(answer.status) ?? 0) + 1);
      rates.answered(request, address, answer.status);
      return answer;
    },
  };
}

function healthRoutes(routes: Hono, app: App, answered: ReadonlyMap<number, number>, parts: HttpParts): void {
  routes.get('/healthz', (c) => c.json({ status: 'ok' }));
  routes.get('/readyz', async (c) => {
    const { ready, problems } = await inTime('ask for readiness', app.readiness());
    // Whoever probes needs no more than the status; what is in trouble names channels and systems.
    const shown = mayLook(c.req.raw, parts) ? { ready, problems } : { ready, degraded: problems.length };
    return c.json(shown, ready ? 200 : 503);
  });
  routes.get('/metrics', async (c) => {
    if (!mayLook(c.req.raw, parts)) throw refuse(401, 'a token is needed to read metrics on this address');
    const [status, { ready, problems }] = await inTime('read the state', Promise.all([app.status(), app.readiness()]));
    const condition: Sample[] = [
      ['ready', ready ? 1 : 0],
      ['degraded', problems.length],
    ];
    const answers = [...answered].map(([code, count]): Sample => [`http_answers_total{status="${code}"}`, count]);
    const samples: Sample[] = [
      ...condition,
      ...app.counters(),
      ...answers,
      ...telemetryCounters(status),
      ...gauges(status),
      ...ofProcess(parts.version),
    ];
    return c.body(prometheusText(samples), 200, { 'Content-Type': prometheusType });
  });
}

function notFound(allowed: readonly string[], log: Log): Response {
  if (allowed.length === 0) return errorAnswer(refusalOf(refuse(404, 'there is nothing here'), log));
  const answer = errorAnswer(refusalOf(refuse(405, `this route takes ${allowed.join(', ')}`), log));
  answer.headers.set('Allow', allowed.join(', '));
  return answer;
}

/** Which methods a path would take: asked when nothing matched, so that a wrong method is 405 and not 404. */
function allowedMethods(groups: readonly Hono[]): (path: string) => string[] {
  const known = groups
    .flatMap(({ routes }) => routes)
    .filter(({ method }) => method !== 'ALL')
    .map(({ method, path }) => ({ method, pattern: new RegExp(`^${path.replace(/[.]/g, '\\.').replace(/:[a-z]+/g, '[^/]+')}$`) }));
  return (path) => [...new Set(known.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method))];
}

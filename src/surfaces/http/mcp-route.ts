/**
 * `POST /mcp`: who may ask is decided here, what is answered in `surfaces/mcp`. Browsers are turned away unless the page is
 * from this machine: their requests carry an `Origin`.
 */
import type { Hono } from 'hono';
import { inTime, refuse } from './answers.ts';
import { caller } from './caller.ts';
import type { HttpParts, McpAnswerer } from './parts.ts';
import { withBody } from './request-body.ts';

export function mcpRoutes(routes: Hono, mcp: McpAnswerer, parts: HttpParts): void {
  routes.post('/mcp', async (c) => {
    const request = c.req.raw;
    refuseForeignPages(request);
    const { person, may } = caller(request, 'read', parts);
    const mayGiveFeedback = parts.settings.TRACEPULSE_MCP_FEEDBACK === 'on' && may('feedback');
    return withBody(request, { limits: parts.limits.api, budget: parts.budgets.telemetry, admit: () => {} }, async (body) => {
      const again = new Request(request.url, { method: 'POST', headers: withoutEncoding(request.headers), body, signal: request.signal });
      return inTime('answer the agent', mcp(again, { person, mayGiveFeedback }));
    });
  });
}

/** What is handed on is unpacked already. */
function withoutEncoding(headers: Headers): Headers {
  const plain = new Headers(headers);
  plain.delete('content-encoding');
  plain.delete('content-length');
  return plain;
}

/** MCP asks for it: a page elsewhere must not use what only this machine can reach. */
function refuseForeignPages(request: Request): void {
  const origin = request.headers.get('origin');
  if (origin === null) return;
  const host = URL.canParse(origin) ? new URL(origin).hostname : '';
  if (!['localhost', '127.0.0.1', '[::1]', new URL(request.url).hostname].includes(host))
    throw refuse(403, 'pages of other origins may not ask');
}

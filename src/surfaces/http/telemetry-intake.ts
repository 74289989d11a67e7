/**
 * OTLP over HTTP (PROTOCOLS B1): `POST /v1/traces|logs|metrics`, protobuf or JSON. Answers are in `otlp-answers.ts`. Senders try
 * again on 503 alone of what we answer; a body that did not arrive in time is no fault of theirs and gets it too.
 */
import type { Hono } from 'hono';
import type { App } from '../../app.ts';
import { inTime, type Refusal, refusalOf, refuse } from './answers.ts';
import { admitSender } from './credentials.ts';
import { exportAnswer, isProtobuf, statusAnswer } from './otlp-answers.ts';
import type { HttpParts } from './parts.ts';
import { isJson, shipperEncodings, withBody } from './request-body.ts';

type Signal = Parameters<App['ingest']>[0];

const signals = ['traces', 'logs', 'metrics'] as const satisfies readonly Signal[];

export function telemetryRoutes(routes: Hono, app: App, parts: HttpParts): void {
  for (const signal of signals) {
    routes.post(`/v1/${signal}`, async (c) => {
      try {
        return await take(signal, c.req.raw, app, parts);
      } catch (error) {
        return statusAnswer(retryable(refusalOf(error, parts.log)), isProtobuf(c.req.raw) ? 'protobuf' : 'json');
      }
    });
  }
}

async function take(signal: Signal, request: Request, app: App, parts: HttpParts): Promise<Response> {
  const admit = admitSender(request, parts.settings.TRACEPULSE_WEBHOOK_TOKEN, parts.now());
  const encoding = isProtobuf(request) ? 'protobuf' : 'json';
  if (encoding === 'json' && !isJson(request)) throw refuse(415, 'Content-Type must be application/x-protobuf or application/json');
  const rules = { limits: parts.limits.telemetry, budget: parts.budgets.telemetry, admit, encodings: shipperEncodings };
  return withBody(request, rules, async (body) =>
    exportAnswer(signal, await inTime('store telemetry', app.ingest(signal, body, encoding)), encoding),
  );
}

function retryable(refusal: Refusal): Refusal {
  return refusal.status === 408 ? { ...refusal, status: 503, headers: { ...refusal.headers, 'Retry-After': '1' } } : refusal;
}

/** What all doors for log lines share: who may send, how a body is taken off the wire, and what the reader of it is told. */
import type { App, TakenLogs } from '../../app.ts';
import { inTime, refuse } from './answers.ts';
import { admitSender } from './credentials.ts';
import type { HttpParts } from './parts.ts';
import { type Encodings, shipperEncodings, withBody } from './request-body.ts';

/** What formats ask for; anything else about a request concerns this surface alone. */
const passedHeaders = ['content-type', 'fluent-tag', 'x-tag'];

/** A body is read in one go, and a line takes some microseconds however short it is: more would hold up alerts and health checks. */
const maxLines = 100_000;

export async function takeLogs(
  request: Request,
  format: string,
  app: App,
  parts: HttpParts,
  encodings: Encodings = shipperEncodings,
): Promise<TakenLogs> {
  const { limits, budgets, settings } = parts;
  const admit = admitSender(request, settings.TRACEPULSE_WEBHOOK_TOKEN, parts.now());
  refuseOtherSites(request, settings.TRACEPULSE_WEBHOOK_TOKEN);
  return withBody(request, { limits: limits.telemetry, budget: budgets.telemetry, admit, encodings }, async (body) => {
    if (hasMoreLines(body, maxLines)) throw refuse(413, `the body has more than ${maxLines} lines; send smaller ones`);
    const headers = Object.fromEntries(
      passedHeaders.flatMap((name) => [[name, request.headers.get(name) ?? '']]).filter(([, value]) => value),
    );
    return inTime('store log lines', app.takeLogs(format, { route: routeOf(request), headers, body, receivedAt: parts.now() }));
  });
}

function hasMoreLines(body: Uint8Array, most: number): boolean {
  let lines = 0;
  for (let at = body.indexOf(0x0a); at !== -1 && lines <= most; at = body.indexOf(0x0a, at + 1)) lines++;
  return lines > most;
}

/**
 * Without a token anybody on this machine may send, and a page of another site in a browser here could too, as text or as a
 * form, which browsers send unasked. Shippers have no origin.
 */
function refuseOtherSites(request: Request, token: string | undefined): void {
  if (token === undefined && request.headers.has('origin')) throw refuse(403, 'browsers may send here with a token only');
}

/** Path and query, without the secret that may stand there. */
function routeOf(request: Request): string {
  const { pathname, searchParams } = new URL(request.url);
  searchParams.delete('token');
  const query = searchParams.toString();
  return query === '' ? pathname : `${pathname}?${query}`;
}

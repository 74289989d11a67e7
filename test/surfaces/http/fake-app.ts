/** An app whose verbs the test gives; any other verb that is called fails the test. Plus the surface around it. */
import type { App } from '../../../src/app.ts';
import type { Delivery } from '../../../src/domain/alert.ts';
import { redactDeep } from '../../../src/domain/redact.ts';
import { createHttp, type Http } from '../../../src/surfaces/http/http.ts';
import type { HttpLimits, HttpSettings } from '../../../src/surfaces/http/parts.ts';

export const now = Date.UTC(2026, 10, 25, 10);

function unexpected(verb: string) {
  return () => {
    throw new Error(`unexpected call of ${verb}`);
  };
}

export function fakeApp(verbs: Partial<App>): App {
  const names = [
    'receive',
    'ingest',
    'takeLogs',
    'incidents',
    'incident',
    'context',
    'map',
    'status',
    'vote',
    'investigate',
    'ask',
    'incidentAt',
  ] as const;
  const rest = ['forget', 'deadLetters', 'replay', 'say', 'accept', 'finish', 'onInbox', 'readiness'] as const;
  const none = Object.fromEntries([...names, ...rest].map((name) => [name, unexpected(name)])) as unknown as App;
  const formats = ['event', 'alertmanager', 'generic', 'prometheus', 'grafana', 'cloudevents'];
  return { ...none, hasFormat: (format) => formats.includes(format), verifier: () => null, counters: () => new Map(), ...verbs };
}

/** A `receive` that takes everything and remembers it. */
export function recorder() {
  const deliveries: { format: string; delivery: Delivery }[] = [];
  const receive: App['receive'] = async (format, delivery) => {
    deliveries.push({ format, delivery });
    return { accepted: 1, ids: [`INC-${deliveries.length}`] };
  };
  return { deliveries, receive };
}

export interface Logged {
  readonly level: string;
  readonly text: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export function surface(verbs: Partial<App>, settings: HttpSettings = {}, limits?: HttpLimits): Http & { logged: Logged[] } {
  const logged: Logged[] = [];
  const at =
    (level: string) =>
    (text: string, fields: Readonly<Record<string, unknown>> = {}) =>
      void logged.push({ level, text, fields });
  const log = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
  const http = createHttp(fakeApp(verbs), settings, { log, now: () => now, redact: redactDeep, ...(limits && { limits }) });
  return { fetch: http.fetch, logged };
}

export function post(path: string, body: unknown, headers: Record<string, string> = {}): Request {
  const isRaw = typeof body === 'string' || body instanceof Uint8Array || body instanceof ReadableStream;
  return new Request(`http://localhost${path}`, {
    method: 'POST',
    body: isRaw ? (body as RequestInit['body'] & {}) : JSON.stringify(body),
    headers: { 'content-type': 'application/json', ...headers },
    ...(body instanceof ReadableStream ? { duplex: 'half' } : {}),
  } as RequestInit);
}

export function get(path: string, headers: Record<string, string> = {}): Request {
  return new Request(`http://localhost${path}`, { headers });
}

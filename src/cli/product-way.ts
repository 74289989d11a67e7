/** The way from a command to the running product over its own HTTP, with the tokens that the settings hold. */
import { createHmac } from 'node:crypto';
import { z } from 'zod';
import type { Tools } from '../adapter.ts';
import type { Scope } from '../domain/access.ts';

export interface ProductWay {
  /** Of the running product. */
  readonly url: string;
  readonly webhookToken: string | undefined;
  /** What readers present; where only a key for signing is set, a token that lasts a few minutes is made. */
  readonly apiToken: string | undefined;
  readonly jwtSecret: string | undefined;
  readonly tools: Pick<Tools, 'fetch' | 'now' | 'log'>;
}

export interface Answer<Value> {
  /** 0: nothing answered. */
  readonly status: number;
  readonly value: Value | null;
  /** Why there is no value, for a person. */
  readonly problem: string;
}

export interface Way {
  /** As a reader presents it. */
  readonly reader: string | undefined;
  ask<Value>(
    method: string,
    path: string,
    body: object | null,
    token: string | undefined | null,
    shape: z.ZodType<Value>,
  ): Promise<Answer<Value>>;
  text(path: string): Promise<string>;
}

const requestDeadlineMs = 10_000;
const tokenSeconds = 300;
const Refusal = z.object({ error: z.object({ message: z.string() }) });

/** `person`: as votes and the audit name who asked, where a token is made; `scopes`: what that token is for. */
export function wayTo({ url, apiToken, jwtSecret, tools }: ProductWay, person: string, scopes: readonly Scope[]): Way {
  const { fetch, now } = tools;
  const reader = apiToken ?? (jwtSecret === undefined ? undefined : shortToken(jwtSecret, person, scopes, now()));
  const request = (method: string, path: string, body: object | null, token: string | undefined | null) =>
    fetch(`${url}${path}`, {
      method,
      redirect: 'error',
      headers: { 'content-type': 'application/json', ...(token == null ? {} : { authorization: `Bearer ${token}` }) },
      ...(body === null ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(requestDeadlineMs),
    });
  return {
    reader,
    async ask(method, path, body, token, shape) {
      let response: Response;
      try {
        response = await request(method, path, body, token);
      } catch {
        return {
          status: 0,
          value: null,
          problem: `nothing answers at ${new URL(url).host}; is TracePulse running? \`tracepulse start\` runs it; TRACEPULSE_URL or PORT says where`,
        };
      }
      const { status } = response;
      const read: unknown = await response.json().catch(() => null);
      const { data } = shape.safeParse(read);
      const said = Refusal.safeParse(read).data?.error.message;
      const hint = status === 401 ? `; set ${path.startsWith('/api') ? 'TRACEPULSE_API_TOKEN' : 'TRACEPULSE_WEBHOOK_TOKEN'}` : '';
      return { status, value: data ?? null, problem: `${status} ${said ?? 'with an answer that is not ours'}${hint}` };
    },
    async text(path) {
      try {
        return await (await request('GET', path, null, reader)).text();
      } catch {
        return '';
      }
    },
  };
}

/** Signed as operators sign theirs (HS256, RFC 7519), for one command alone. */
function shortToken(secret: string, subject: string, scopes: readonly Scope[], now: number): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = { sub: subject, scope: scopes.join(' '), exp: Math.floor(now / 1_000) + tokenSeconds };
  const signed = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}

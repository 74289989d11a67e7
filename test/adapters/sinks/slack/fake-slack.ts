/** A Web API of a few lines that remembers what was asked of it; the answers are handed in per method. */
import type { Tools } from '../../../../src/adapter.ts';

export interface Call {
  readonly method: string;
  readonly fields: Readonly<Record<string, string>>;
}

export type Answer = Record<string, unknown> | Response | Error | (() => Promise<Response>);

export function fakeSlack(answers: Readonly<Record<string, readonly Answer[]>>) {
  const calls: Call[] = [];
  const waiting = new Map(Object.entries(answers).map(([method, list]) => [method, [...list]]));
  const fetch: typeof globalThis.fetch = Object.assign(
    async (input: Parameters<typeof globalThis.fetch>[0], init?: RequestInit) => {
      const method = String(input).split('/').at(-1) ?? '';
      calls.push({ method, fields: Object.fromEntries(new URLSearchParams(String(init?.body ?? ''))) });
      init?.signal?.throwIfAborted();
      const answer = waiting.get(method)?.shift();
      if (answer === undefined) throw new Error(`nobody expected ${method}`);
      if (answer instanceof Error) throw answer;
      if (typeof answer === 'function') return answer();
      return answer instanceof Response ? answer : Response.json(answer);
    },
    { preconnect: () => undefined },
  );
  const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
  const tools: Tools = { fetch, now: () => Date.parse('2026-11-25T10:05:00Z'), log: silent };
  return { tools, calls, unused: () => [...waiting].flatMap(([method, list]) => list.map(() => method)) };
}

export function refused(error: string, more: Record<string, unknown> = {}): Record<string, unknown> {
  return { ok: false, error, ...more };
}

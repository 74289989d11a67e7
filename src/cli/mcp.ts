/**
 * `tracepulse mcp`: MCP on stdio, for editors that start their tools themselves. What is known is in the running product, so
 * each message is handed on to its `/mcp` and the answer handed back; nothing is kept here. Where no product answers, the
 * editor is told so in the protocol's own form.
 */
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { z } from 'zod';
import type { Tools } from '../adapter.ts';

export interface McpBridge {
  /** Of the running product. */
  readonly url: string;
  readonly token: string | undefined;
  readonly input: Readable;
  readonly output: Writable;
}

const Message = z.looseObject({
  id: z.union([z.string(), z.number()]).nullish(),
  method: z.string().optional(),
  params: z
    .looseObject({ name: z.string().optional(), uri: z.string().optional(), _meta: z.record(z.string(), z.unknown()).optional() })
    .optional(),
});
type Message = z.infer<typeof Message>;

const deadlineMs = 30_000;
/** JSON-RPC's code for trouble inside. */
const internalError = -32_603;
const parseError = -32_700;
const versionKey = 'io.modelcontextprotocol/protocolVersion';
/** Methods whose subject a header must name as well (2026-07-28). */
const named = new Set(['tools/call', 'resources/read', 'prompts/get']);

/** Ends when the input does, after the last answer. */
export async function bridgeMcp({ url, token, input, output }: McpBridge, { fetch }: Tools): Promise<void> {
  const say = (value: unknown) => void output.write(`${JSON.stringify(value)}\n`);
  const under = new Set<Promise<void>>();
  let legacyVersion: string | null = null;
  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line.trim() === '') continue;
    const message = read(line);
    if (message === null) {
      say({ jsonrpc: '2.0', id: null, error: { code: parseError, message: 'this is no JSON-RPC message' } });
      continue;
    }
    const headers = headersFor(message, token, legacyVersion);
    const asked = handOn(line, message, { url, headers, fetch }).then((answer) => {
      if (answer === null) return;
      const agreed = (answer as { result?: { protocolVersion?: unknown } }).result?.protocolVersion;
      if (message.method === 'initialize' && typeof agreed === 'string') legacyVersion = agreed;
      say(answer);
    });
    under.add(asked);
    void asked.finally(() => under.delete(asked));
    // What comes after the handshake depends on what was agreed in it.
    if (message.method === 'initialize') await asked;
  }
  await Promise.allSettled(under);
}

function read(line: string): Message | null {
  try {
    return Message.parse(JSON.parse(line));
  } catch {
    return null;
  }
}

function headersFor({ method, params }: Message, token: string | undefined, legacyVersion: string | null): Record<string, string> {
  const version = params?._meta?.[versionKey];
  const subject = params?.name ?? params?.uri;
  const headers: Record<string, string> = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
  if (token !== undefined) headers['authorization'] = `Bearer ${token}`;
  if (typeof version === 'string') {
    headers['mcp-protocol-version'] = version;
    if (method !== undefined) headers['mcp-method'] = method;
    if (method !== undefined && named.has(method) && subject !== undefined) headers['mcp-name'] = inHeader(subject);
  } else if (legacyVersion !== null) headers['mcp-protocol-version'] = legacyVersion;
  return headers;
}

/** As the revision of 2026-07-28 writes what is not plain ASCII. */
function inHeader(text: string): string {
  return /^[\x21-\x7e]+$/.test(text) ? text : `=?base64?${Buffer.from(text).toString('base64')}?=`;
}

interface Way {
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly fetch: Tools['fetch'];
}

/** The answer to a request; null for a notification, which has none. */
async function handOn(line: string, { id, method }: Message, { url, headers, fetch }: Way): Promise<object | null> {
  const isRequest = id !== undefined && id !== null && method !== undefined;
  const trouble = (message: string) => (isRequest ? { jsonrpc: '2.0', id, error: { code: internalError, message } } : null);
  try {
    const response = await fetch(`${url}/mcp`, {
      method: 'POST',
      headers,
      body: line,
      redirect: 'error',
      signal: AbortSignal.timeout(deadlineMs),
    });
    const text = await response.text();
    if (!isRequest) return null;
    const answer = answerIn(text, response.headers.get('content-type') ?? '');
    if (answer !== null && 'jsonrpc' in answer) return answer;
    return trouble(
      response.status === 401 ? 'TracePulse asks for a token: set TRACEPULSE_API_TOKEN' : `TracePulse answered ${response.status}`,
    );
  } catch {
    const place = URL.canParse(url) ? new URL(url).host : 'TRACEPULSE_URL, which is no address';
    return trouble(`TracePulse does not answer at ${place}; is it running?`);
  }
}

/** JSON, or the last event of a stream that has ended. */
function answerIn(text: string, type: string): object | null {
  const json = type.includes('text/event-stream')
    ? (text
        .split('\n')
        .findLast((row) => row.startsWith('data:'))
        ?.slice(5) ?? '')
    : text;
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null ? value : null;
  } catch {
    return null;
  }
}

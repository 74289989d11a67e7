/** What every stand-in of an HTTP system has: requests that are remembered, faults a test lines up, hanging, and a list of what nobody expected. */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Fault {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Only for paths that hold this. */
  readonly path?: string;
}

export interface Asked {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface Said {
  readonly status?: number;
  /** Text as it stands; anything else as JSON. */
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface StandInServer {
  readonly url: string;
  readonly server: Server;
  /** Method, path and query as they were asked, in order. */
  readonly asked: Asked[];
  /** What the system has no answer for. */
  readonly unexpected: string[];
  /** Answers every request from now on with this. */
  fail(fault: Fault): void;
  mend(): void;
  /** From now on nothing is answered. */
  hang(): void;
  stop(): void;
}

/** `answer` gives null for what the system does not know. */
export async function startServer(answer: (asked: Asked) => Said | null): Promise<StandInServer> {
  const asked: Asked[] = [];
  const unexpected: string[] = [];
  let fault: Fault | null = null;
  let isHanging = false;
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const url = new URL(request.url ?? '/', 'http://stand-in');
      const { method = 'GET', headers } = request;
      const one = { method, url, headers, body: Buffer.concat(parts).toString() };
      asked.push(one);
      if (isHanging) return;
      const failing = fault !== null && (fault.path === undefined || url.pathname.includes(fault.path)) ? fault : null;
      // A careless system repeats what it was sent: nothing of it may reach an error.
      const said: Said | null = failing ? { ...failing, body: failing.body ?? `no: ${headers.authorization}` } : answer(one);
      if (said === null) unexpected.push(`${method} ${url.pathname}${url.search}`);
      const { status = 200, body, headers: more } = said ?? { status: 404, body: 'page not found' };
      const text = typeof body === 'string' ? body : JSON.stringify(body);
      response.writeHead(status, { 'content-type': typeof body === 'string' ? 'text/plain' : 'application/json', ...more });
      response.end(text);
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    server,
    asked,
    unexpected,
    fail(next) {
      fault = next;
    },
    mend() {
      fault = null;
      isHanging = false;
    },
    hang() {
      isHanging = true;
    },
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** A line as a test puts it into a store. */
export interface StoredLine {
  readonly at: number;
  readonly service: string;
  readonly text: string;
  /** Ids beside the line, under the system's usual names. */
  readonly traceId?: string;
  readonly requestId?: string;
}

/**
 * Listens on a socket and stops without dropping anything: new requests are turned away, those under way are finished,
 * bounded by a deadline. Bun has its own server; Node gets @hono/node-server, which is loaded only there, since on import
 * it can replace the globals that Bun's server needs (`overrideGlobalObjects`).
 */
import type { Log } from '../../adapter.ts';
import { Failure } from '../../domain/failure.ts';
import type { Http } from './http.ts';
import { holdsToItsLength } from './request-body.ts';

export interface ServeOptions {
  readonly host: string;
  /** 0 takes any free one. */
  readonly port: number;
  /** How long requests under way may take once we stop. */
  readonly drainMs?: number;
  /** Told of what a handler threw; the caller learns nothing but 500. */
  readonly log?: Log;
}

export interface HttpServer {
  start(): Promise<{ port: number }>;
  stop(): Promise<void>;
}

type Fetch = (request: Request, address: string | undefined) => Promise<Response>;

interface Listening {
  readonly port: number;
  /** Closes the listener and every connection. */
  close(): Promise<void>;
}

const defaultDrainMs = 5_000;
/** A connection with nothing going on is closed after this; longer than any answer takes. */
const idleSeconds = 60;
/** Above every body limit of the surface, whose own answer says which limit it was. */
const maxBodyBytes = 2 ** 30;

export function serve(http: Http, { host, port, drainMs = defaultDrainMs, log }: ServeOptions): HttpServer {
  let listening: Listening | null = null;
  let isStopping = false;
  let underWay = 0;
  let whenIdle: (() => void) | null = null;

  const fetch: Fetch = async (asked, address) => {
    const request = withAddress(asked);
    if (request === null) return Response.json({ error: { code: 'bad_request', message: 'Host names no host' } }, { status: 400 });
    if (isStopping) return new Response(null, { status: 503, headers: { 'Retry-After': '1', Connection: 'close' } });
    underWay++;
    holdsToItsLength(request);
    try {
      return await http.fetch(request, address);
    } catch (error) {
      log?.error('request failed', { error: String(error), stack: error instanceof Error ? error.stack : undefined });
      return Response.json({ error: { code: 'internal', message: 'something went wrong here; the log says what' } }, { status: 500 });
    } finally {
      underWay--;
      if (underWay === 0) whenIdle?.();
    }
  };

  return {
    async start() {
      try {
        const hostname = host.replace(/^\[(.+)\]$/, '$1'); // `[::1]` as in an address; Node wants it bare
        listening = await (bun === undefined ? listenOnNode(fetch, hostname, port) : listenOnBun(bun, fetch, hostname, port));
      } catch (error) {
        throw new Failure('bad_config', 'http', `listen on ${host} port ${port}`, { hint: whyNot(error), cause: error });
      }
      return { port: listening.port };
    },
    async stop() {
      isStopping = true;
      if (underWay > 0) {
        let timer: ReturnType<typeof setTimeout> | undefined;
        await new Promise<void>((resolve) => {
          whenIdle = resolve;
          timer = setTimeout(resolve, drainMs);
        });
        clearTimeout(timer);
        await new Promise((resolve) => setImmediate(resolve)); // lets the last answer be written
      }
      await listening?.close();
      listening = null;
    },
  };
}

/** Who is asked where `Host` does not say: under no name of this machine's own, which would be let in without a token. */
const unnamed = 'unnamed.invalid';

/**
 * HTTP/1.0 needs no `Host`, and load balancers that ask for health send none; Bun then gives a path in place of an address.
 * Null where `Host` is none.
 */
function withAddress(request: Request): Request | null {
  if (URL.canParse(request.url)) return request;
  const isUnnamed = (request.headers.get('host') ?? '') === '';
  return isUnnamed && request.url.startsWith('/') ? new Request(`http://${unnamed}${request.url}`, request) : null;
}

function whyNot(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE') return 'something else listens there; set PORT';
  if (code === 'EACCES') return 'this user may not listen there; set PORT';
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EINVAL') return 'this machine has no such address; set HOST';
  return 'the system refused';
}

/** The part of Bun's server that is used here. */
interface BunRuntime {
  serve(options: {
    hostname: string;
    port: number;
    idleTimeout: number;
    maxRequestBodySize: number;
    fetch: (request: Request, server: BunServer) => Promise<Response>;
  }): BunServer;
}

interface BunServer {
  readonly port: number;
  /** Null once the caller has gone. */
  requestIP(request: Request): { readonly address: string } | null;
  stop(closeActiveConnections: boolean): Promise<void>;
}

const bun = (globalThis as { Bun?: BunRuntime }).Bun;

/** Where only this machine can connect to, nobody need be asked who it is. */
const ownAddresses: ReadonlySet<string> = new Set(['127.0.0.1', '::1']);

async function listenOnBun(runtime: BunRuntime, fetch: Fetch, hostname: string, port: number): Promise<Listening> {
  const ours = ownAddresses.has(hostname) ? hostname : null;
  const server = runtime.serve({
    hostname,
    port,
    idleTimeout: idleSeconds,
    maxRequestBodySize: maxBodyBytes,
    fetch: (request, own) => fetch(request, ours ?? own.requestIP(request)?.address),
  });
  return { port: server.port, close: () => server.stop(true) };
}

async function listenOnNode(fetch: Fetch, hostname: string, port: number): Promise<Listening> {
  const { createAdaptorServer } = await import('@hono/node-server');
  const { createServer } = await import('node:http');
  const server = createAdaptorServer({
    fetch: (request, { incoming }) => fetch(request, incoming.socket.remoteAddress),
    overrideGlobalObjects: false,
    hostname: unnamed,
    createServer,
    serverOptions: { keepAliveTimeout: idleSeconds * 1_000, headersTimeout: 15_000, requestTimeout: 60_000 },
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, hostname, () => resolve());
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        if ('closeAllConnections' in server) server.closeAllConnections();
      }),
  };
}

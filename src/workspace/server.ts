/**
 * The workspace on a port: node:http for the Web API, RFC 6455 on its `upgrade` for Socket Mode. The same code on Node and
 * on Bun.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { acceptKey, encodeFrame, FrameFault, frameReader, messageJoiner, opcode } from './frames.ts';
import { ConnectionDropped } from './refused.ts';
import type { Socket, Wire } from './socket-hub.ts';
import { createWorkspace, type Workspace } from './workspace.ts';

export interface WorkspaceServer {
  readonly workspace: Workspace;
  /** `http://host:port` */
  readonly url: string;
  /** For `slackApiUrl`. */
  readonly apiUrl: string;
  stop(): Promise<void>;
}

export interface ServerOptions {
  readonly workspace?: Workspace;
  /** 0 (the default) takes any free port. */
  readonly port?: number;
  readonly host?: string;
  /** Answers what is not Slack's (the page, the controls); null lets Slack's own 404 stand. */
  readonly fallback?: (request: Request) => Promise<Response | null>;
}

const maxUnreadBytes = 10_000_000;

class TooLarge extends Error {}

// A file of 20 MB (web-api/files.ts) with its multipart frame.
const maxRequestBytes = 25_000_000;

export async function startWorkspaceServer(options: ServerOptions = {}): Promise<WorkspaceServer> {
  const workspace = options.workspace ?? createWorkspace();
  const host = options.host ?? '127.0.0.1';
  const sockets = new Set<Duplex>();
  const server = createServer((incoming, outgoing) => {
    answer(workspace, options, incoming, outgoing).catch((error: unknown) => {
      if (error instanceof ConnectionDropped) outgoing.socket?.destroy();
      else if (error instanceof TooLarge) outgoing.writeHead(413, { connection: 'close' }).end();
      else fail(outgoing, error);
    });
  });
  server.on('upgrade', (incoming: IncomingMessage, socket: Duplex, head: Buffer) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    upgrade(workspace, incoming, socket, head);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, host, resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  workspace.setOrigin(url);
  return {
    workspace,
    url,
    apiUrl: `${url}/api/`,
    async stop() {
      workspace.resume();
      for (const socket of sockets) socket.destroy();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function answer(workspace: Workspace, options: ServerOptions, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const request = await requestOf(workspace, incoming);
  const response = (await options.fallback?.(request)) ?? (await workspace.handle(request));
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  if (response.body === null) {
    outgoing.end();
    return;
  }
  const reader = response.body.getReader();
  // A stream of live updates ends when its reader goes away.
  outgoing.on('close', () => void reader.cancel().catch(() => undefined));
  for (let part = await reader.read(); !part.done; part = await reader.read()) outgoing.write(part.value);
  outgoing.end();
}

async function requestOf(workspace: Workspace, incoming: IncomingMessage): Promise<Request> {
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headers))
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value);
  const url = new URL(incoming.url ?? '/', workspace.origin());
  const method = incoming.method ?? 'GET';
  if (method === 'GET' || method === 'HEAD') return new Request(url, { method, headers });
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of incoming) {
    size += part.length;
    if (size > maxRequestBytes) throw new TooLarge();
    parts.push(part);
  }
  return new Request(url, { method, headers, body: Buffer.concat(parts) });
}

function fail(outgoing: ServerResponse, error: unknown): void {
  process.stderr.write(`workspace: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  if (!outgoing.headersSent) outgoing.writeHead(500);
  outgoing.end();
}

/** Socket Mode: a ticket, a handshake, then text frames both ways. */
function upgrade(workspace: Workspace, incoming: IncomingMessage, raw: Duplex, head: Buffer): void {
  const url = new URL(incoming.url ?? '/', workspace.origin());
  const key = incoming.headers['sec-websocket-key'];
  if (url.pathname !== '/socket' || typeof key !== 'string' || !workspace.admits(url.searchParams.get('ticket') ?? '')) {
    raw.end('HTTP/1.1 401 Unauthorized\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
    return;
  }
  raw.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${acceptKey(key)}\r\n\r\n`,
  );
  const wire: Wire = {
    send(text) {
      // Whoever does not read is cut off: what was sent would pile up here.
      if (raw.writableLength > maxUnreadBytes) raw.destroy();
      else raw.write(encodeFrame(opcode.text, Buffer.from(text)));
    },
    close: (code, reason) => sayGoodbye(raw, code, reason),
    cut: () => raw.destroy(),
  };
  const socket = workspace.connect(wire);
  raw.on('error', () => raw.destroy());
  raw.on('close', () => socket.closed());
  raw.on('end', () => raw.end());
  const take = frameTaker(workspace, raw, socket);
  if (head.length > 0) take(head);
  raw.on('data', take);
}

function frameTaker(workspace: Workspace, raw: Duplex, socket: Socket): (bytes: Buffer) => void {
  const read = frameReader();
  const join = messageJoiner();
  return (bytes) => {
    try {
      for (const frame of read(bytes)) {
        if (frame.opcode === opcode.close) sayGoodbye(raw, frame.data.length >= 2 ? frame.data.readUInt16BE(0) : 1000, '');
        else if (frame.opcode === opcode.ping) {
          if (!workspace.isPaused()) raw.write(encodeFrame(opcode.pong, frame.data));
        } else if (frame.opcode !== opcode.pong) {
          const text = join(frame);
          if (text !== null) socket.receive(text);
        }
      }
    } catch (error) {
      if (!(error instanceof FrameFault)) throw error;
      sayGoodbye(raw, error.closeCode, error.message);
    }
  };
}

function sayGoodbye(raw: Duplex, code: number, reason: string): void {
  if (raw.writableEnded || raw.destroyed) return;
  const words = Buffer.alloc(2 + Buffer.byteLength(reason));
  words.writeUInt16BE(code, 0);
  words.write(reason, 2);
  raw.end(encodeFrame(opcode.close, words));
}

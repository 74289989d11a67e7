/**
 * Sends requests that are ready as bytes over connections that stay, one at a time on each: little enough work of its own that
 * the server is what is measured. Refuses any answer but 2xx.
 */
import { connect, type Socket } from 'node:net';

export function requestBytes(path: string, body: Uint8Array, type = 'application/json'): Buffer {
  const head = `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: ${type}\r\nContent-Length: ${body.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), body]);
}

/** Sends all of them over so many connections; answers ms. */
export async function sendAll(port: number, connections: number, requests: readonly Buffer[]): Promise<number> {
  const sockets = await Promise.all(Array.from({ length: connections }, () => opened(port)));
  let next = 0;
  const from = performance.now();
  await Promise.all(
    sockets.map(async (socket) => {
      for (let request = requests[next++]; request !== undefined; request = requests[next++]) await exchange(socket, request);
    }),
  );
  const took = performance.now() - from;
  for (const socket of sockets) socket.destroy();
  return took;
}

function opened(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket));
    socket.setNoDelay(true).once('error', reject);
  });
}

function exchange(socket: Socket, request: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const take = (chunk: Buffer) => {
      answer += chunk.toString('latin1');
      const head = answer.indexOf('\r\n\r\n');
      if (head < 0) return;
      const length = Number(/content-length: *(\d+)/i.exec(answer.slice(0, head))?.[1] ?? 0);
      if (answer.length < head + 4 + length) return;
      socket.off('data', take);
      if (/^HTTP\/1.1 2\d\d/.test(answer)) resolve();
      else reject(new Error(answer));
    };
    socket.on('data', take);
    socket.write(request);
  });
}

/** A server that keeps what it is sent, and a queue that sends to one. */
import { createServer } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { createDebugQueue } from '../index.mjs';

export async function receiver() {
  const requests = [];
  const answers = [];
  const server = createServer((request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      const raw = Buffer.concat(chunks);
      const encoding = request.headers['content-encoding'];
      requests.push({
        path: request.url,
        encoding,
        authorization: request.headers.authorization,
        port: request.socket.remotePort,
        body: JSON.parse((encoding === 'gzip' ? gunzipSync(raw) : raw).toString('utf8')),
      });
      const { status, headers } = answers.shift() ?? { status: 202, headers: {} };
      response.writeHead(status, headers).end('{}');
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    requests,
    /** Records that came to a path, in order. */
    at: (path) => requests.filter((request) => request.path === path).flatMap(({ body }) => body),
    /** The next request gets this. */
    answer: (status, headers = {}) => void answers.push({ status, headers }),
    stop: () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  };
}

const quick = { eventDelayMs: 1, lineDelayMs: 1, quiet: true, service: 'shop' };

/** Hands both to `use`, and closes them after it. */
export async function withQueue(options, use) {
  const to = await receiver();
  const queue = createDebugQueue({ ...quick, url: to.url, ...options });
  try {
    await use(queue, to);
  } finally {
    await queue.close();
    await to.stop();
  }
}

/** A server that keeps what it is sent. */
import { createServer } from 'node:http';
import { gunzipSync } from 'node:zlib';

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

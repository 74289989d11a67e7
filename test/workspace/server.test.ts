/** The workspace on a port: handshake, tickets, lost answers, sizes, and what is not Slack's. */
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startWorkspaceServer, type WorkspaceServer } from '../../src/workspace/server.ts';
import { call } from './call.ts';

let server: WorkspaceServer;
beforeEach(async () => {
  server = await startWorkspaceServer({
    fallback: async (request) =>
      new URL(request.url).pathname === '/chat' ? new Response('the page', { headers: { 'x-page': 'yes' } }) : null,
  });
});
afterEach(() => server.stop());

/** The status line that an upgrade request is answered with. */
function upgrade(path: string, headers: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname);
    socket.on('error', reject);
    socket.once('data', (bytes) => {
      resolve(bytes.toString().split('\r\n')[0] ?? '');
      socket.destroy();
    });
    socket.write(
      [
        `GET ${path} HTTP/1.1`,
        `Host: ${hostname}`,
        'Connection: Upgrade',
        'Upgrade: websocket',
        'Sec-WebSocket-Version: 13',
        ...headers,
        '',
        '',
      ].join('\r\n'),
    );
  });
}

async function socketPath(): Promise<string> {
  const { url } = await call(server.workspace, 'apps.connections.open', {}, server.workspace.tokens.app);
  const { pathname, search } = new URL(String(url));
  return pathname + search;
}
const key = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==';

describe('the server', () => {
  it('opens a socket for a ticket, once', async () => {
    const path = await socketPath();
    expect(await upgrade(path, [key])).toBe('HTTP/1.1 101 Switching Protocols');
    expect(await upgrade(path, [key])).toBe('HTTP/1.1 401 Unauthorized');
    expect(await upgrade('/socket?ticket=made-up', [key])).toBe('HTTP/1.1 401 Unauthorized');
    expect(await upgrade((await socketPath()).replace('/socket', '/other'), [key])).toBe('HTTP/1.1 401 Unauthorized');
    expect(await upgrade(await socketPath(), [])).toBe('HTTP/1.1 401 Unauthorized');
  });

  it('hands out URLs on its own address', async () => {
    expect(server.apiUrl).toBe(`${server.url}/api/`);
    const { url } = await call(server.workspace, 'apps.connections.open', {}, server.workspace.tokens.app);
    expect(String(url)).toContain(server.url.replace('http', 'ws'));
  });

  it('breaks the connection where an answer is to be lost', async () => {
    server.workspace.faults.inject('auth.test', { kind: 'lost_answer' });
    const headers = { authorization: `Bearer ${server.workspace.tokens.bot}` };
    await expect(fetch(`${server.apiUrl}auth.test`, { method: 'POST', headers })).rejects.toThrow();
    expect(await (await fetch(`${server.apiUrl}auth.test`, { method: 'POST', headers })).json()).toMatchObject({ ok: true });
  });

  it('answers nothing while paused, and everything afterwards', async () => {
    server.workspace.pause();
    const settled: string[] = [];
    const answer = fetch(`${server.apiUrl}api.test`, { method: 'POST' }).then(() => settled.push('answered'));
    await fetch(`${server.url}/chat`);
    expect(settled).toEqual([]);
    server.workspace.resume();
    await answer;
    expect(settled).toEqual(['answered']);
  });

  it('leaves to its host what is not of Slack, and knows nothing else', async () => {
    const page = await fetch(`${server.url}/chat`);
    expect([page.headers.get('x-page'), await page.text()]).toEqual(['yes', 'the page']);
    expect((await fetch(`${server.url}/elsewhere`)).status).toBe(404);
  });

  it('takes no more than a file of its size', async () => {
    const body = new Uint8Array(26_000_000);
    const status = await fetch(`${server.apiUrl}auth.test`, { method: 'POST', body }).then(
      (response) => response.status,
      () => 'refused',
    );
    expect([413, 'refused']).toContain(status);
  });

  it('gives files to the app alone, as data', async () => {
    const { workspace } = server;
    const upload = await call(workspace, 'files.getUploadURLExternal', { filename: 'map.svg', length: 5 });
    expect(await (await fetch(String(upload['upload_url']), { method: 'POST', body: '<svg>' })).text()).toBe('OK - 5');
    expect((await fetch(String(upload['upload_url']), { method: 'POST', body: 'again' })).status).toBe(404);
    const astray = { files: [{ id: upload['file_id'] }], channel_id: 'C0DEBUG', thread_ts: '1.1' };
    expect(await call(workspace, 'files.completeUploadExternal', astray)).toMatchObject({ error: 'thread_not_found' });
    const done = await call(workspace, 'files.completeUploadExternal', {
      files: [{ id: upload['file_id'], title: 'Map' }],
      channel_id: 'C0DEBUG',
    });
    const [file] = done['files'] as { url_private: string }[];
    expect((await fetch(file?.url_private ?? '')).status).toBe(401);
    const mine = await fetch(file?.url_private ?? '', { headers: { authorization: `Bearer ${workspace.tokens.bot}` } });
    expect([await mine.text(), mine.headers.get('content-type'), mine.headers.get('content-security-policy')]).toEqual([
      '<svg>',
      'image/svg+xml',
      expect.stringContaining('sandbox'),
    ]);
    expect(
      await call(workspace, 'files.completeUploadExternal', { files: [{ id: upload['file_id'] }], channel_id: 'C0DEBUG' }),
    ).toMatchObject({ error: 'file_not_found' });
  });
});

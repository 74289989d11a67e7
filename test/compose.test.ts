import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { checkCommand } from '../src/cli/check.ts';
import { compose, type Product, plan, together } from '../src/compose.ts';
import { makeTools } from '../src/tools.ts';
import { createPage } from '../src/workspace/page/page.ts';
import { sqlitePersistence } from '../src/workspace/persistence.ts';
import { createWorkspace } from '../src/workspace/workspace.ts';

const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});
const tools = makeTools(null, () => {});

async function startWithWorkspace(more: Readonly<Record<string, string>> = {}): Promise<Product> {
  const folder = mkdtempSync(join(tmpdir(), 'tracepulse-test-'));
  stops.push(() => rmSync(folder, { recursive: true, force: true }));
  const environment = { TRACEPULSE_WORKSPACE: 'on', TRACEPULSE_DATA: folder, PORT: '0', LOG_LEVEL: 'error', ...more };
  const { settings, states } = plan(environment, tools);
  if (settings === null) throw new Error('the settings are good');
  const product = await compose(environment, settings, states, tools);
  stops.push(() => product.stop());
  return product;
}

function checked(environment: Readonly<Record<string, string>>) {
  const lines: string[] = [];
  const code = checkCommand(
    plan(environment, tools),
    (line) => void lines.push(line),
    (line) => void lines.push(line),
  );
  return { code, lines };
}

describe('the workspace in the place of Slack', () => {
  it('is what check shows', () => {
    const { code, lines } = checked({ TRACEPULSE_WORKSPACE: 'on' });
    expect(code).toBe(0);
    expect(lines).toContain('on   workspace built-in');
    expect(lines).toContain("on   sink slack: the built-in workspace takes Slack's place");
    expect(lines).toContain("on   surface slack: the built-in workspace takes Slack's place");
  });

  it('is not where it is off', () => {
    expect(checked({}).lines).toContain('off  sink slack: set SLACK_BOT_TOKEN to turn it on');
    expect(checked({ SLACK_BOT_TOKEN: 'xoxb-1', SLACK_APP_TOKEN: 'xapp-1' }).lines).toContain('on   sink slack');
  });

  it('needs none of Slack: half of its variables are no problem', () => {
    expect(checked({ SLACK_BOT_TOKEN: 'xoxb-1' }).lines).toContain('SLACK_APP_TOKEN is missing');
    expect(checked({ SLACK_BOT_TOKEN: 'xoxb-1', TRACEPULSE_WORKSPACE: 'on' }).code).toBe(0);
  });

  it('is what the status says, and its streams end with the product', async () => {
    const { app, url, stop } = await startWithWorkspace();
    const { connections } = await app.status();
    expect(connections.filter(({ id }) => id === 'slack')).toMatchObject([
      { port: 'sink', state: 'on', detail: "the built-in workspace takes Slack's place" },
      { port: 'surface', state: 'on', detail: "the built-in workspace takes Slack's place" },
    ]);
    const cookie = (await fetch(`${url}/chat`)).headers.get('set-cookie')?.split(';')[0] ?? '';
    const stream = await fetch(`${url}/chat/stream`, { headers: { cookie } });
    expect(stream.status).toBe(200);
    const text = stream.text();
    await stop();
    // Cut off it would throw.
    expect(await text).toContain('retry:');
  });
});

describe('messages of the workspace', () => {
  it('go when nobody has written to their thread for the days that were set', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tracepulse-test-'));
    stops.push(() => rmSync(folder, { recursive: true, force: true }));
    const dayMs = 86_400_000;
    const openAt = (at: number) =>
      createWorkspace({
        persistence: sqlitePersistence(join(folder, 'workspace.sqlite')),
        clock: { now: () => at, after: () => () => {} },
      });
    for (const [text, days] of [
      ['old', 8],
      ['recent', 6],
    ] as const) {
      const workspace = openAt(Date.now() - days * dayMs);
      workspace.say({ user: 'ana', channel: 'debug', text });
      workspace.close();
    }
    await (await startWithWorkspace({ TRACEPULSE_DATA: folder, TRACEPULSE_RETENTION_DAYS: '7' })).stop();
    const after = openAt(Date.now());
    stops.push(() => after.close());
    expect(after.messages('debug').map(({ text }) => text)).toEqual(['recent']);
  });
});

describe('the page and the product on one port', () => {
  it('counts wrong passwords by the address they come from', async () => {
    const workspace = createWorkspace();
    const page = createPage(workspace, { password: 'right enough', now: () => 0 });
    stops.push(() => {
      page.close();
      workspace.close();
    });
    const http = together(page, { fetch: async (_, address) => new Response(address) });
    const logIn = async (address: string, password: string) => {
      const body = new URLSearchParams({ name: 'Ana', password });
      return (await http.fetch(new Request('http://tracepulse.example/chat/login', { method: 'POST', body, redirect: 'manual' }), address))
        .status;
    };
    for (let i = 0; i < 5; i++) expect(await logIn('192.0.2.1', 'wrong')).toBe(401);
    expect(await logIn('192.0.2.1', 'right enough')).toBe(429);
    expect(await logIn('192.0.2.2', 'right enough')).toBe(303);
    expect(await (await http.fetch(new Request('http://tracepulse.example/elsewhere'), '192.0.2.3')).text()).toBe('192.0.2.3');
  });
});

/**
 * The drill through the real product: a workspace as strict as Slack, a mail server and a Jira, all on this machine. Each leg
 * fails once, and is the one that is named.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import manifest from '../../manifest.json' with { type: 'json' };
import { type DrillOptions, drillCommand } from '../../src/cli/drill.ts';
import { compose, type Product, plan } from '../../src/compose.ts';
import { makeTools } from '../../src/tools.ts';
import { startWorkspaceServer } from '../../src/workspace/server.ts';
import { createWorkspace } from '../../src/workspace/workspace.ts';
import { type JiraStandIn, startJira } from '../stand-ins/jira.ts';
import { type SmtpServer, startSmtp } from '../stand-ins/smtp.ts';

const workspace = createWorkspace({ manifest, channels: [{ name: 'debug', hasApp: true }] });
const folder = mkdtempSync(join(tmpdir(), 'tracepulse-drill-'));
const secrets = { TRACEPULSE_WEBHOOK_TOKEN: 'a-token-for-those-who-send', TRACEPULSE_JWT_SECRET: 'a-key-for-signing-tokens-of-readers' };
let chat: Awaited<ReturnType<typeof startWorkspaceServer>>;
let smtp: SmtpServer;
let jira: JiraStandIn;
let product: Product;

beforeAll(async () => {
  chat = await startWorkspaceServer({ workspace });
  smtp = await startSmtp({ startTls: false });
  jira = await startJira({ flavour: 'server', token: 'jira-token' });
  const environment = {
    ...secrets,
    TRACEPULSE_DATA: folder,
    PORT: '0',
    LOG_LEVEL: 'error',
    SLACK_BOT_TOKEN: workspace.tokens.bot,
    SLACK_APP_TOKEN: workspace.tokens.app,
    SLACK_API_URL: chat.apiUrl,
    SMTP_URL: `smtp://127.0.0.1:${smtp.port}`,
    EMAIL_FROM: 'ops@example.com',
    EMAIL_TO: 'ana@example.com',
    JIRA_URL: jira.url,
    JIRA_TOKEN: 'jira-token',
    JIRA_PROJECT: 'OPS',
  };
  const { settings, states, problems } = plan(
    environment,
    makeTools(null, () => {}),
  );
  if (settings === null || problems.length > 0) throw new Error(JSON.stringify(problems));
  product = await compose(
    environment,
    settings,
    states,
    makeTools(settings, () => {}),
  );
});
afterAll(async () => {
  await product.stop();
  await chat.stop();
  await smtp.stop();
  await jira.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function drill(args: readonly string[], over: Partial<DrillOptions> = {}) {
  const said: string[] = [];
  const begunAt = Date.now();
  let rankedMs: number | null = null;
  /** The drill's time begins with the report: how long that takes is the machine's affair. */
  const now = () => {
    if (said.some((text) => text.includes('report'))) rankedMs ??= Date.now() - begunAt;
    return rankedMs === null ? begunAt : Date.now() - rankedMs;
  };
  const options: DrillOptions = {
    url: product.url,
    webhookToken: secrets.TRACEPULSE_WEBHOOK_TOKEN,
    apiToken: undefined,
    jwtSecret: secrets.TRACEPULSE_JWT_SECRET,
    tools: { fetch: globalThis.fetch, now, log: makeTools(null, () => {}).log },
    pause: (ms) => pause(ms),
    ...over,
  };
  const code = await drillCommand(
    args,
    options,
    (text) => void said.push(text),
    (text) => void said.push(text),
  );
  return { code, said, last: said.at(-1), line: (leg: string) => said.find((text) => text.slice(6).startsWith(`${leg}:`)) ?? '' };
}

const short = ['--timeout', '3'];

describe('a drill', () => {
  it('reaches Slack, email, Jira, the API and MCP, and ends itself', async () => {
    const { code, said } = await drill([]);
    const told = said.map((text) => text.replace(/ after [\d.]+ s$/, ''));
    // Whichever is there first: a card says that it is being looked into before there is a report.
    expect([...told.slice(0, 2), ...told.slice(2, 6).sort(), ...told.slice(6)]).toEqual([
      expect.stringMatching(/^good {2}product: it answers at 127\.0\.0\.1:\d+$/),
      expect.stringMatching(/^good {2}alert: the webhook took it as INC-\d+$/),
      expect.stringMatching(/^good {2}email: /),
      expect.stringMatching(/^good {2}jira: /),
      expect.stringMatching(/^good {2}report: ranked \((healthy|inconclusive)\)$/),
      expect.stringMatching(/^good {2}slack: /),
      expect.stringMatching(/^good {2}api: it shows INC-\d+$/),
      expect.stringMatching(/^good {2}mcp: it gives the context of INC-\d+$/),
      expect.stringMatching(/^good {2}end: INC-\d+ is resolved again$/),
      'An alarm reaches everybody it should.',
      expect.stringMatching(/^Next: send http:\/\/127\.0\.0\.1:\d+ your alerts /),
    ]);
    expect(code).toBe(0);
    expect(workspace.messages('debug').some(({ text }) => text?.includes('DRILL'))).toBe(true);
    expect(smtp.arrived[0]?.mail.subject).toContain('DRILL');
    expect(jira.issues.map(({ fields }) => fields.summary)).toEqual([expect.stringContaining('DRILL')]);
  });

  it('leaves out what it is told to, and says so', async () => {
    const issues = jira.issues.length;
    const { code, said } = await drill(['--without', 'jira', '--json']);
    expect(code).toBe(0);
    const legs = said.map((text) => JSON.parse(text) as { leg: string; state: string });
    expect(legs).toContainEqual({ leg: 'jira', state: 'off', text: 'left out of this drill' });
    expect(new Set(legs.map(({ leg }) => leg))).toEqual(
      new Set(['product', 'alert', 'report', 'slack', 'email', 'jira', 'api', 'mcp', 'end']),
    );
    expect(jira.issues).toHaveLength(issues);
  });

  it.each([
    {
      leg: 'slack',
      breaks: () =>
        workspace.faults.setRule(({ method }) => (method === 'chat.postMessage' ? { kind: 'refuse', error: 'is_archived' } : null)),
      mends: () => workspace.faults.clear(),
      why: /is_archived|#debug/,
    },
    {
      leg: 'email',
      breaks: () => smtp.misbehave({ at: 'rcpt', reply: 550, only: 'ana@example.com' }),
      mends: () => smtp.mend(),
      why: /email/,
    },
    { leg: 'jira', breaks: () => jira.fail({ status: 401 }), mends: () => jira.mend(), why: /jira|401|JIRA/ },
  ])('names $leg when that is what fails', async ({ leg, breaks, mends, why }) => {
    breaks();
    const others = ['slack', 'email', 'jira'].filter((name) => name !== leg);
    const { code, last, line } = await drill([...short, '--without', others.join(',')]);
    mends();
    expect(line(leg)).toMatch(/^BAD {3}/);
    expect(line(leg)).toMatch(why);
    expect(last).toBe(`Not in order: ${leg}.`);
    expect(code).toBe(1);
  });

  it('names the alert when the webhook does not take it', async () => {
    const { code, last, line } = await drill(short, { webhookToken: 'another token' });
    expect(line('alert')).toMatch(/^BAD .*401.*TRACEPULSE_WEBHOOK_TOKEN/);
    expect(last).toBe('Not in order: alert.');
    expect(code).toBe(1);
  });

  it('names the API when readers are not let in', async () => {
    const { code, line } = await drill(short, { jwtSecret: 'a key that is not the key of the product' });
    expect(line('api')).toMatch(/^BAD .*401.*TRACEPULSE_API_TOKEN/);
    expect(line('mcp')).toMatch(/^BAD .*TRACEPULSE_API_TOKEN/);
    expect(code).toBe(1);
  });

  it('names MCP alone when that is what is broken', async () => {
    const fetch = (async (input: string, init?: RequestInit) =>
      String(input).endsWith('/mcp')
        ? new Response('bad gateway', { status: 502 })
        : globalThis.fetch(input, init)) as typeof globalThis.fetch;
    const { code, last, line } = await drill(['--without', 'slack,email,jira'], { tools: { ...makeTools(null, () => {}), fetch } });
    expect(line('mcp')).toMatch(/^BAD .*502/);
    expect(last).toBe('Not in order: mcp.');
    expect(code).toBe(1);
  });

  it('names the product when nothing answers', async () => {
    const { code, said } = await drill([], { url: 'http://127.0.0.1:9' });
    expect(said).toEqual([expect.stringMatching(/^BAD {3}product: nothing answers at 127\.0\.0\.1:9/), 'Not in order: product.']);
    expect(code).toBe(1);
  });

  it.each([['--timeout', '0'], ['--severity', 'grave'], ['--without', 'bogus'], ['--what']])(
    'says how it is called for %s',
    async (...args) => {
      const { code, said } = await drill(args);
      expect(code).toBe(64);
      expect(said[0]).toMatch(/^usage: tracepulse drill/);
    },
  );
});

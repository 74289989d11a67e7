/**
 * From an empty environment to a report, by nothing but what each command says next; once with the built-in workspace, once
 * with a workspace as strict as Slack in Slack's place. Every command is the one people type, in a folder of its own.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import manifest from '../../manifest.json' with { type: 'json' };
import { startWorkspaceServer } from '../../src/workspace/server.ts';
import { createWorkspace } from '../../src/workspace/workspace.ts';
import { freePort } from '../support/free-port.ts';

const root = join(import.meta.dirname, '..', '..');
const launcher = join(root, 'bin', 'tracepulse.mjs');
const folder = mkdtempSync(join(tmpdir(), 'tracepulse-first-steps-'));
const slack = createWorkspace({ manifest, channels: [{ name: 'debug', hasApp: true }] });
let chat: Awaited<ReturnType<typeof startWorkspaceServer>>;
const running = new Set<ChildProcess>();

/** What the page shows of a drill. */
const page = (/```text\n(good {2}product[\s\S]*?)```/.exec(readFileSync(join(root, 'docs', 'first-steps.md'), 'utf8')) ?? [])[1] ?? '';
const told = (text: string) =>
  text
    .trim()
    .split('\n')
    .map((line) => line.replace(/\d+(\.\d+)?/g, 'N'));

type Settings = Readonly<Record<string, string>>;

function start(command: readonly string[], settings: Settings) {
  const environment = { PATH: process.env['PATH'] ?? '', HOME: folder, LOG_LEVEL: 'error', ...settings };
  const child = spawn('node', [launcher, ...command], { cwd: folder, env: environment });
  running.add(child);
  let said = '';
  const hears = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      said += chunk.toString('utf8');
      for (const hear of hears) hear();
    });
  const ended = new Promise<number | null>((resolve) =>
    child.once('close', (code) => {
      running.delete(child);
      resolve(code);
    }),
  );
  const hearing = (words: string) =>
    new Promise<void>((resolve, reject) => {
      const hear = () => said.includes(words) && resolve();
      hears.add(hear);
      hear();
      void ended.then(() => reject(new Error(said)));
    });
  return { child, ended, hearing, said: () => said };
}

async function run(command: readonly string[], settings: Settings) {
  const { ended, said } = start(command, settings);
  return { code: await ended, said: said() };
}

beforeAll(async () => {
  chat = await startWorkspaceServer({ workspace: slack });
});
afterAll(async () => {
  for (const child of running) child.kill('SIGKILL');
  await chat.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe('the first steps', () => {
  it('begin with what to set, said by check and by start alike', async () => {
    const [check, started] = await Promise.all([run(['check'], {}), run(['start'], {})]);
    expect(check.code).toBe(0);
    expect(started.code).toBe(78);
    for (const { said } of [check, started]) expect(said).toContain('TRACEPULSE_WORKSPACE=on');
  });

  it('end as a mistake in the configuration where a file that it names is missing', async () => {
    const settings = {
      TRACEPULSE_WORKSPACE: 'on',
      PORT: String(await freePort()),
      REDIS_URL: 'rediss://127.0.0.1:1',
      TRACEPULSE_REDIS_CA: '/no/ca.pem',
    };
    const { code, said } = await run(['start'], settings);
    expect(said).toContain('/no/ca.pem');
    expect(code).toBe(78);
  });

  it('say of a drill before the start how to start', async () => {
    const { code, said } = await run(['drill'], { PORT: String(await freePort()) });
    expect(code).toBe(1);
    expect(said).toContain('`tracepulse start` runs it');
  });

  it.each(['the built-in workspace', 'Slack'])('lead to a report in %s', async (place) => {
    const isBuiltIn = place !== 'Slack';
    const settings = {
      PORT: String(await freePort()),
      TRACEPULSE_DATA: join(folder, isBuiltIn ? 'built-in' : 'slack'),
      ...(isBuiltIn
        ? { TRACEPULSE_WORKSPACE: 'on' }
        : { SLACK_BOT_TOKEN: slack.tokens.bot, SLACK_APP_TOKEN: slack.tokens.app, SLACK_API_URL: chat.apiUrl }),
    };
    expect((await run(['check'], settings)).said).toContain('Next: `tracepulse start`');
    const product = start(['start'], settings);
    await product.hearing('TracePulse listens on');
    if (isBuiltIn) await product.hearing(`/chat`);
    const drill = await run(['drill'], settings);
    expect(drill.said).toMatch(/^good {2}slack: .* has it/m);
    // Words, not numbers: those of the page are of another day and port. The card may stand before the report is ranked.
    if (isBuiltIn)
      expect(
        told(drill.said)
          .filter((line) => !line.startsWith('Next: '))
          .toSorted(),
      ).toEqual(told(page).toSorted());
    expect(drill.said).toContain(`Next: send http://127.0.0.1:${settings.PORT} your alerts`);
    expect(drill.code).toBe(0);
    expect((await run(['incidents'], settings)).said).toMatch(/^INC-1 .*DRILL/m);
    product.child.kill('SIGTERM');
    expect(await product.ended).toBe(0);
    // What is no sentence for people is a line of the log, which is JSON, whatever libraries have to say.
    const lines = product.said().trim().split('\n');
    for (const line of lines.filter((text) => !/^(TracePulse listens|The workspace is) /.test(text)))
      expect(() => JSON.parse(line), line).not.toThrow();
    if (!isBuiltIn) expect(slack.messages('debug').some(({ text }) => text?.includes('DRILL'))).toBe(true);
  });
});

/**
 * The smoke set: the commands a new operator tries first, run as processes, by whatever runs the program. What it needs from
 * files (page, font, WebAssembly, manifest) is asked for, since that is what a package can lack.
 */
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { patienceMs, testMs, until } from '../support/patience.ts';

const root = join(import.meta.dirname, '..', '..');
const png = Buffer.from([0x89, 0x50, 0x4e, 0x47]);

export interface Program {
  readonly command: readonly string[];
  /** What the process may know besides its settings; nothing of the person who runs the tests. */
  readonly environment: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** As who it runs; absent: as whoever runs the tests. */
  readonly uid?: number;
}

export interface Ran {
  readonly code: number | null;
  readonly out: Buffer;
  readonly errors: string;
}

export function runOnce(program: Program, args: readonly string[], settings: Readonly<Record<string, string>> = {}, input = ''): Ran {
  const [file = '', ...first] = program.command;
  const { status, stdout, stderr } = spawnSync(file, [...first, ...args], {
    cwd: program.cwd,
    env: { ...program.environment, ...settings },
    input,
    timeout: testMs,
    maxBuffer: 64 * 1024 * 1024,
    ...(program.uid === undefined ? {} : { uid: program.uid, gid: program.uid }),
  });
  return { code: status, out: stdout, errors: stderr.toString() };
}

export interface Running {
  readonly url: string;
  readonly pid: number;
  /** Ends it the polite way and says with which code it ended. */
  stop(): Promise<number | null>;
}

/** `start` on a free port with the built-in workspace; resolves once it says where it listens. */
export async function startIt(program: Program, settings: Readonly<Record<string, string>>): Promise<Running> {
  const [file = '', ...first] = program.command;
  const child = spawn(file, [...first, 'start'], {
    cwd: program.cwd,
    env: { ...program.environment, TRACEPULSE_WORKSPACE: 'on', PORT: '0', LOG_LEVEL: 'warn', ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(program.uid === undefined ? {} : { uid: program.uid, gid: program.uid }),
  });
  let said = '';
  child.stderr.on('data', (part) => {
    said += String(part);
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)));
  const url = await new Promise<string>((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`it did not start: ${said}`)), patienceMs);
    child.stdout.on('data', (part) => {
      said += String(part);
      const found = /listens on (http:\S+)/.exec(said)?.[1];
      if (found === undefined) return;
      clearTimeout(late);
      resolve(found);
    });
    void ended.then((code) => reject(new Error(`it ended with ${code}: ${said}`)));
    child.once('error', reject);
  });
  return {
    url,
    pid: child.pid ?? 0,
    async stop() {
      child.kill('SIGTERM');
      return ended;
    },
  };
}

/** An incident through the running program: alert in, report out, page and stop. */
async function oneIncident({ url }: Running): Promise<void> {
  const page = await (await fetch(`${url}/chat`)).text();
  for (const path of page.match(/\/chat\/assets\/[\w/.-]+/g) ?? []) {
    const asset = await fetch(`${url}${path}`);
    expect([path, asset.status]).toEqual([path, 200]);
    expect((await asset.arrayBuffer()).byteLength).toBeGreaterThan(0);
  }
  expect(page).toContain('/chat/assets/client/main.ts');
  const event = { eventType: 'SESSION_DROP', correlationId: 'txn-456', details: { service: 'SessionManager', errorCode: 'TIMEOUT' } };
  const answer = await fetch(`${url}/webhook/event`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(event),
  });
  expect(answer.status).toBe(202);
  const incident = await until('a report', async () => {
    const { incidents } = (await (await fetch(`${url}/api/incidents`)).json()) as { incidents: { id: string; verdict?: string | null }[] };
    return incidents.find(({ verdict }) => typeof verdict === 'string');
  });
  expect(incident.id).toBe('INC-1');
}

/** Defines the tests of the set; `program` is asked for once what it names has been made. */
export function smokeSet(program: () => Program): void {
  it('checks a configuration, good and bad', () => {
    expect(runOnce(program(), ['check']).code).toBe(0);
    const bad = runOnce(program(), ['check'], { PORT: 'many', SLACK_BOT_TOKEN: 'nonsense' });
    expect(bad.code).toBe(78);
    expect(bad.errors + bad.out.toString()).toContain('PORT');
  });

  it('groups log lines', () => {
    const { out } = runOnce(program(), ['templates', '--json'], {}, 'took 12 ms\ntook 15 ms\n');
    const rows = out.toString().trim().split('\n');
    expect(rows.map((row) => (JSON.parse(row) as { text: string }).text)).toEqual(['took <*>', 'took <*>']);
  });

  it('investigates a recorded incident', () => {
    const { code, out, errors } = runOnce(program(), ['replay', join(root, 'test/scenarios/harbour'), '--json']);
    expect([code, errors]).toEqual([0, '']);
    const { verdict, hypotheses } = JSON.parse(out.toString()) as { verdict: string; hypotheses: { service: string }[] };
    expect([verdict, hypotheses[0]?.service]).toEqual(['cause', 'payment']);
  });

  it("prints Slack's manifest", () => {
    const { out } = runOnce(program(), ['manifest']);
    expect(JSON.parse(out.toString())).toEqual(JSON.parse(readFileSync(join(root, 'manifest.json'), 'utf8')));
  });

  it('takes an alert, reports, shows its page, stops, and draws from what it stored', async () => {
    const stored = { TRACEPULSE_DATA: join(program().cwd, 'data') };
    const running = await startIt(program(), stored);
    const asked = { PORT: new URL(running.url).port };
    try {
      await oneIncident(running);
      expect(runOnce(program(), ['health'], asked)).toMatchObject({ code: 0, errors: '' });
    } finally {
      expect(await running.stop()).toBe(0);
    }
    expect(runOnce(program(), ['health'], asked).code).toBe(1);
    const { code, out } = runOnce(program(), ['map', '--format', 'png'], stored);
    expect([code, out.subarray(0, 4)]).toEqual([0, png]);
    expect(runOnce(program(), ['export', 'INC-1', '--format', 'markdown'], stored).out.toString()).toContain('INC-1');
  });
}

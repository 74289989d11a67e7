/** The demo as people run it, by the launcher, with a temporary folder of its own in which nothing may be left. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..', '..');
const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

interface Run {
  readonly child: ChildProcess;
  readonly lines: readonly string[];
  readonly folder: string;
  /** Resolves with the first line that has this in it. */
  said(part: string): Promise<string>;
  readonly code: Promise<number | null>;
}

function runDemo(...args: readonly string[]): Run {
  const folder = mkdtempSync(join(tmpdir(), 'demo-run-'));
  folders.push(folder);
  const { PATH, HOME } = process.env;
  const child = spawn('node', [join(root, 'bin', 'tracepulse.mjs'), 'demo', ...args], {
    env: { PATH, HOME, TMPDIR: folder },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  const listeners: ((line: string) => void)[] = [];
  const reader = createInterface({ input: child.stdout });
  reader.on('line', (line) => {
    lines.push(line);
    for (const listener of listeners) listener(line);
  });
  return {
    child,
    lines,
    folder,
    said: (part) =>
      new Promise((resolve, reject) => {
        const known = lines.find((line) => line.includes(part));
        if (known !== undefined) return resolve(known);
        listeners.push((line) => void (line.includes(part) && resolve(line)));
        reader.once('close', () => reject(new Error(`never said ${part}:\n${lines.join('\n')}`)));
      }),
    code: new Promise((resolve) => child.once('close', resolve)),
  };
}

/** Processes whose environment names the folder: those of that run alone. */
function left({ folder }: Run): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        if (!readFileSync(`/proc/${pid}/environ`, 'utf8').includes(folder)) return [];
        return [readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')];
      } catch {
        return [];
      }
    });
}

describe('npm run demo', () => {
  it('finds the release behind a dropped session that the service itself tells of, shows its lines, and leaves nothing behind', async () => {
    const run = runDemo('--exit');
    expect(await run.code, run.lines.join('\n')).toBe(0);
    expect(run.lines.at(-1)).toMatch(/What was broken: session \(session-drop\)\. The report names it\./);
    const said = run.lines.join('\n');
    expect(said).toContain('SESSION_DROP in session. No alarm is raised.');
    expect(said).toContain('change deployment 1.10.0 at');
    expect(said).toContain('services/session/src/verify.js');
    expect(said).toContain(
      "+  const known = await store('redis', 'GET session', query.get('user'), { replica: 'nearest', timeoutMs: 3 });",
    );
    expect(run.lines.join('\n')).toMatch(
      /First message in the channel, [\d.]+ s after the alarm\.[\s\S]*Report, [\d.]+ s after the alarm: the most likely cause is/,
    );
    expect(readdirSync(run.folder)).toEqual([]);
    if (process.platform === 'linux') expect(left(run)).toEqual([]);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('ends everything on %s', async (signal) => {
    const run = runDemo();
    const url = /http:\S+/.exec(await run.said('TracePulse is up'))?.[0] ?? '';
    await run.said('services is open');
    expect((await fetch(url)).ok).toBe(true);
    if (process.platform === 'linux') expect(left(run).length).toBeGreaterThanOrEqual(3);
    run.child.kill(signal);
    expect(await run.code).toBe(130);
    expect(readdirSync(run.folder)).toEqual([]);
    if (process.platform === 'linux') expect(left(run)).toEqual([]);
    await expect(fetch(url)).rejects.toThrow();
  });
});

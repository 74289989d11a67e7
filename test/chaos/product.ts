/** The product as people start it: a process of its own, by its launcher, that can be killed at any moment. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { patienceMs } from '../support/patience.ts';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
/** What SIGTERM may take: orchestrators kill after 30 s. */
export const stopWithinMs = 25_000;
/** Every request is answered within 10 s (src/surfaces/http/answers.ts). Three times that is no slow machine: it hangs. */
export const hangsAfterMs = 30_000;

export interface RunningProcess {
  /** Resolves once it says that it listens; false: it ended before. */
  readonly ready: Promise<boolean>;
  readonly pid: number;
  /** What it wrote so far, the last 200 lines. */
  readonly written: readonly string[];
  /** SIGKILL for it and what it started; resolves once it is gone. */
  kill(): Promise<void>;
  /** SIGTERM; answers its exit code and how long it took. */
  stop(): Promise<{ readonly code: number | null; readonly ms: number }>;
}

export function startProcess(environment: Readonly<Record<string, string>>): RunningProcess {
  const child = spawn('node', [join(root, 'bin', 'tracepulse.mjs'), 'start'], {
    cwd: environment['TRACEPULSE_DATA'],
    // The rest of the environment is not the product's: what is set on this machine must not turn anything on.
    env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '/', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own, so that launcher and product die at the same instant.
    detached: true,
  });
  const written: string[] = [];
  const ready = new Promise<boolean>((resolve) => {
    const timer = setTimeout(() => resolve(false), patienceMs);
    const read = (data: Buffer) => {
      const lines = data.toString().split('\n').filter(Boolean);
      written.push(...lines);
      written.splice(0, Math.max(0, written.length - 200));
      if (!lines.some((line) => line.startsWith('TracePulse listens on'))) return;
      clearTimeout(timer);
      resolve(true);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.on('exit', () => {
      clearTimeout(timer);
      resolve(false);
    });
  });
  const gone = once(child, 'close');
  return {
    ready,
    written,
    pid: child.pid ?? 0,
    async kill() {
      killGroup(child);
      await gone;
    },
    async stop() {
      const begun = performance.now();
      child.kill('SIGTERM');
      const timer = setTimeout(() => killGroup(child), stopWithinMs + 5_000);
      await gone;
      clearTimeout(timer);
      return { code: child.exitCode, ms: Math.round(performance.now() - begun) };
    },
  };
}

function killGroup({ pid, exitCode, signalCode }: ChildProcess): void {
  if (pid === undefined || exitCode !== null || signalCode !== null) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It ended between the look and the kill.
  }
}

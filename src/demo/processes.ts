/** Processes the demo starts and stops: nothing it began is left when it ends. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

export interface Started {
  readonly child: ChildProcess;
  /** The last lines of its stderr. */
  complaints(): string;
  /** Resolves with a sentence once the process has ended. */
  readonly ended: Promise<string>;
  stop(): Promise<void>;
}

const keptLines = 40;
const stopWithinMs = 5_000;

/** `name` is how the process is spoken of. It gets a pipe for stdin, which closes with the demo, and no environment but the given. */
export function startProcess(name: string, [file = '', ...args]: readonly string[], env: Readonly<Record<string, string>>): Started {
  const child = spawn(file, args, { env, stdio: ['pipe', 'pipe', 'pipe'] });
  let complaints: string[] = [];
  let rest = '';
  child.stderr.setEncoding('utf8').on('data', (part: string) => {
    const lines = (rest + part).split('\n');
    rest = lines.pop() ?? '';
    complaints = [...complaints, ...lines].slice(-keptLines);
  });
  // Broken when the process ends first, which `ended` tells.
  child.stdin.on('error', () => {});
  let isOver = false;
  const ended = new Promise<string>((resolve) => {
    const over = (sentence: string) => {
      isOver = true;
      resolve(sentence);
    };
    child.once('error', (error) => over(`${name} could not be started: ${error.message}`));
    child.once('close', (code, signal) => over(`${name} has ended ${signal === null ? `with code ${code}` : `by ${signal}`}`));
  });
  return {
    child,
    ended,
    complaints: () => [...complaints, ...(rest === '' ? [] : [rest])].join('\n'),
    async stop() {
      if (isOver) return;
      child.kill('SIGTERM');
      const patience = new AbortController();
      await Promise.race([ended, wait(stopWithinMs, undefined, { signal: patience.signal }).catch(() => {})]);
      patience.abort();
      if (isOver) return;
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** Keeps only what is set. */
export function given(values: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== undefined));
}

/** The port itself when it is free, a free one for 0; null when it is taken. */
export function freePort(port: number): Promise<number | null> {
  return new Promise((resolve) => {
    const probe = createServer().once('error', () => resolve(null));
    probe.listen(port, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : null));
    });
  });
}

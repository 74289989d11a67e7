/** What a stranger does: types a command, waits until it says a certain thing, looks at the clock. */
import { type ChildProcess, spawn } from 'node:child_process';

export interface Typed {
  readonly child: ChildProcess;
  /** Everything it has said, on both streams. */
  said(): string;
  /** Resolves once it says so; rejects with what it said where it ends or the time is up before. */
  hears(words: string | RegExp, withinMs: number): Promise<RegExpMatchArray>;
  readonly ended: Promise<number | null>;
  /** Sends the whole group a signal, as the keys of a terminal do. */
  signal(name: NodeJS.Signals): void;
}

/** A group of its own, so that what `npm` starts can be ended with it. Nothing of our own environment reaches it but PATH and HOME. */
export function type(line: string, folder: string, settings: Readonly<Record<string, string>> = {}): Typed {
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn('sh', ['-c', line], {
    cwd: folder,
    env: { PATH, HOME, ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let said = '';
  const listeners = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      for (const listener of listeners) listener();
    });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  return {
    child,
    said: () => said,
    ended,
    hears: (words, withinMs) =>
      new Promise((resolve, reject) => {
        const give = (end: () => void) => {
          listeners.delete(look);
          clearTimeout(timer);
          end();
        };
        const fail = (why: string) => give(() => reject(new Error(`\`${line}\` ${why} before it said ${words}:\n${said}`)));
        const look = () => {
          const found = said.match(words);
          if (found !== null) give(() => resolve(found));
        };
        const timer = setTimeout(() => fail('took too long'), withinMs);
        listeners.add(look);
        void ended.then(() => fail('ended'));
        look();
      }),
    signal(name) {
      if (child.exitCode === null && child.signalCode === null && child.pid !== undefined) process.kill(-child.pid, name);
    },
  };
}

/** Rejects where it is not over in time or ends with anything but 0; what it said otherwise. */
export async function done(typed: Typed, withinMs: number): Promise<string> {
  const timer = setTimeout(() => typed.signal('SIGKILL'), withinMs);
  const code = await typed.ended;
  clearTimeout(timer);
  if (code !== 0) throw new Error(`it ended with ${code}:\n${typed.said()}`);
  return typed.said();
}

export interface Step {
  readonly what: string;
  readonly ms: number;
}

export type Timed = <T>(what: string, act: () => Promise<T>) => Promise<T>;

export function stopwatch(steps: Step[]): Timed {
  return async (what, act) => {
    const begun = performance.now();
    const result = await act();
    steps.push({ what, ms: performance.now() - begun });
    return result;
  };
}

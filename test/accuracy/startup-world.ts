/**
 * Systems that never worked: container logs from the start of all pods, a list of services, no normal period. Something is
 * wired wrongly, or nothing is and only the noise of starting up is there, which heals.
 */
import type { Case, FolderLogs, IncidentFolder, KeyValue } from './folder.ts';
import { type Random, seeded } from './random.ts';

export const startupFaults = [
  'never scheduled',
  'wrong selector',
  'wrong target port',
  'readiness probe',
  'liveness probe',
  'wrong host variable',
  'wrong port variable',
  'missing variable',
  'missing store',
] as const;
type StartupFault = (typeof startupFaults)[number] | 'none';

type Language = 'go' | 'node' | 'java' | 'python';

interface Part {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly language: Language;
  readonly isStore: boolean;
  readonly calls: Part[];
  readonly readyMs: number;
  /** Whether it writes a line for a request. */
  readonly talks: boolean;
  readonly noun: string;
}

interface Written {
  readonly at: number;
  readonly part: Part;
  readonly text: string;
  readonly severity: number;
}

const syllables = 'ar bel cor dun esk fal gre hol ing jor kes lun mar nev or pel quin ras sel tar ul vex wil yar zen'.split(' ');
const nouns = 'orders prices carts quotes users media stock search reviews mails ads sessions'.split(' ');

function system(random: Random): Part[] {
  const suffix = random.pick(['', '-svc', 'service', '-api']);
  const names = new Set<string>();
  const count = random.whole(8, 13);
  while (names.size < count) names.add(`${random.pick(syllables)}${random.pick(syllables)}`);
  const stores = random.whole(1, 2);
  const parts = [...names].map((name, index): Part => {
    const isStore = index >= count - stores;
    return {
      name: isStore ? `${name}-${random.pick(['cache', 'db', 'store'])}` : `${name}${suffix}`,
      address: `10.${random.whole(1, 250)}.${random.whole(0, 250)}.${random.whole(2, 250)}`,
      port: isStore ? random.pick([6379, 3306, 5432, 27017]) : random.whole(3000, 9990),
      language: random.pick(['go', 'node', 'java', 'python']),
      isStore,
      calls: [],
      readyMs: random.between(2_000, 25_000),
      talks: random.chance(0.55),
      noun: random.pick(nouns),
    };
  });
  parts.forEach((part, index) => {
    if (part.isStore || index === 0) return;
    const callers = parts.slice(0, index).filter((caller) => !caller.isStore);
    random.pick(index < 4 ? parts.slice(0, 1) : callers).calls.push(part);
    const last = callers.at(-1)!;
    if (random.chance(0.4) && !last.calls.includes(part)) last.calls.push(part);
  });
  for (const store of parts.filter(({ isStore }) => isStore))
    random.pick(parts.filter(({ isStore }) => !isStore).slice(1)).calls.push(store);
  return parts;
}

type Problem = 'refused' | 'no host' | 'timeout';

/** How a client library says that it did not get through. */
function failureText(caller: Part, kind: Problem, host: string, port: number, address: string, random: Random): string {
  const place = `${host}:${port}`;
  if (caller.language === 'go') {
    const inner =
      kind === 'no host'
        ? `dial tcp: lookup ${host} on 10.96.0.10:53: no such host`
        : kind === 'timeout'
          ? `dial tcp ${place}: i/o timeout`
          : `dial tcp ${place}: connect: connection refused`;
    return random.chance(0.5)
      ? `rpc error: code = Unavailable desc = connection error: desc = "transport: Error while dialing: ${inner}"`
      : `Post "http://${place}/": ${inner}`;
  }
  if (caller.language === 'node')
    return kind === 'no host'
      ? `Error: getaddrinfo ENOTFOUND ${host}`
      : kind === 'timeout'
        ? `Error: connect ETIMEDOUT ${place}`
        : `Error: connect ECONNREFUSED ${place}`;
  if (caller.language === 'java') {
    const named = host === address ? `/${place}` : `${host}/${address}:${port}`;
    if (kind === 'no host') return `java.net.UnknownHostException: ${host}: Name or service not known`;
    return kind === 'timeout'
      ? `java.net.SocketTimeoutException: connect timed out: ${named}`
      : `java.net.ConnectException: Connection refused: ${named}`;
  }
  return kind === 'no host'
    ? `HTTPConnectionPool(host='${host}', port=${port}): Max retries exceeded: [Errno -2] Name or service not known`
    : `HTTPConnectionPool(host='${host}', port=${port}): Max retries exceeded: ${kind === 'timeout' ? 'Connection timed out' : '[Errno 111] Connection refused'}`;
}

function styled(part: Part, level: 'info' | 'error', message: string): string {
  if (part.language === 'go') return JSON.stringify({ message, severity: level, timestamp: '2026-05-01T00:00:00.0Z' });
  if (part.language === 'node') return JSON.stringify({ level: level === 'info' ? 30 : 50, msg: message });
  return part.language === 'java' ? `${level.toUpperCase()} [main] c.x.${part.noun} - ${message}` : message;
}

class Startup {
  readonly lines: Written[] = [];
  /** Requests that met the fault. */
  affected = 0;
  readonly #parts: readonly Part[];
  readonly #fault: StartupFault;
  readonly #target: Part;
  readonly #caller: Part;
  readonly #random: Random;
  readonly #byName: boolean;
  readonly #wrongHost: string;
  readonly #wrongPort: number;
  readonly #slow: boolean;

  constructor(parts: readonly Part[], fault: StartupFault, target: Part, caller: Part, random: Random) {
    this.#parts = parts;
    this.#fault = fault;
    this.#target = target;
    this.#caller = caller;
    this.#random = random;
    this.#byName = random.chance(0.5);
    this.#wrongHost = random.pick([`${target.name}-svc`, `${target.name}x`, target.name.slice(0, -1), `${target.name}.other`]);
    this.#wrongPort = target.port + random.whole(1, 9);
    this.#slow = random.chance(0.25);
  }

  #write(at: number, part: Part, level: 'info' | 'error', message: string): void {
    const says = part.language === 'python' && part.port % 2 === 0 ? 0 : level === 'info' ? 9 : 17;
    this.lines.push({ at, part, text: styled(part, level, message), severity: says });
  }

  /** Whether the process runs at a moment. */
  #runs(part: Part, at: number): boolean {
    if (part !== this.#target || this.#fault === 'none') return at >= part.readyMs;
    if (this.#fault === 'never scheduled' || this.#fault === 'missing store' || this.#fault === 'missing variable') return false;
    if (this.#fault === 'liveness probe') return at >= part.readyMs && (at - part.readyMs) % 30_000 < 18_000;
    return at >= part.readyMs;
  }

  /** Whether calls reach it. */
  #serves(part: Part, at: number): boolean {
    const cut =
      part === this.#target &&
      (this.#fault === 'wrong selector' || this.#fault === 'wrong target port' || this.#fault === 'readiness probe');
    return this.#runs(part, at) && !cut;
  }

  start(endMs: number): void {
    for (const part of this.#parts) {
      const silent = part === this.#target && (this.#fault === 'never scheduled' || this.#fault === 'missing store');
      if (silent) continue;
      if (part === this.#target && this.#fault === 'missing variable') this.#crashes(part, endMs);
      else {
        const restarts = part === this.#target && this.#fault === 'liveness probe' ? Math.ceil((endMs - part.readyMs) / 30_000) : 1;
        for (let turn = 0; turn < restarts; turn++) this.#banner(part, part.readyMs + turn * 30_000);
        this.#waitsForOthers(part);
      }
    }
  }

  #banner(part: Part, readyAt: number): void {
    const begins = Math.max(0, readyAt - this.#random.between(500, 2000));
    this.#write(begins, part, 'info', `starting with ${this.#random.whole(2, 9)} workers`);
    if (part.isStore)
      for (let line = 0; line < 12; line++)
        this.#write(begins + 10 * line, part, 'info', `module ${line} loaded in ${this.#random.whole(1, 20)} ms`);
    this.#write(readyAt - 50, part, 'info', `configuration read, ${part.calls.length} upstreams`);
    this.#write(readyAt, part, 'info', `listening on port ${part.port}`);
  }

  #crashes(part: Part, endMs: number): void {
    const missing = `${part.noun.toUpperCase()}_${this.#random.pick(['ADDR', 'HOST', 'PORT', 'MODE'])}`;
    let wait = 4_000;
    for (let at = part.readyMs; at < endMs; at += wait, wait *= 2) {
      this.#write(at, part, 'info', 'starting');
      this.#write(
        at + 300,
        part,
        'error',
        this.#random.pick([`panic: environment variable "${missing}" not set`, `required variable ${missing} is empty, exiting`]),
      );
    }
  }

  /** Noise that heals: those one needs are not up yet. */
  #waitsForOthers(part: Part): void {
    for (const callee of part.calls) {
      if (!this.#random.chance(0.6)) continue;
      for (let at = part.readyMs; at < callee.readyMs && at < 40_000; at += this.#random.between(1_000, 3_000)) {
        const kind = this.#random.chance(0.4) ? 'no host' : 'refused';
        this.#write(at, part, 'error', failureText(part, kind, this.#hostOf(callee), callee.port, callee.address, this.#random));
      }
    }
  }

  #hostOf(part: Part): string {
    return this.#byName ? part.name : part.address;
  }

  /** One user request from the entry down; false where it failed. */
  request(part: Part, at: number, id: string): boolean {
    if (part === this.#parts[0]) this.#write(at, part, 'info', `request ${id} started /${part.noun}/${this.#random.hex(6)}`);
    else if (part.talks) this.#write(at, part, 'info', `${part.noun} asked by ${id}`);
    for (const callee of part.calls) {
      if (!this.#random.chance(0.7)) continue;
      const problem = this.#problem(part, callee, at);
      const works = problem === null && (callee.isStore || this.request(callee, at + this.#random.between(2, 30), id));
      if (works) continue;
      if (problem !== null && callee === this.#target) this.affected++;
      if (problem !== null) this.#write(at + this.#random.between(5, 60), part, 'error', `failed to get ${callee.noun}: ${problem}`);
      if (part === this.#parts[0])
        this.#write(at + 80, part, 'error', `request ${id} failed${problem === null ? ': upstream returned 500' : ''}`);
      return false;
    }
    if (part === this.#parts[0]) this.#write(at + 90, part, 'info', `request ${id} complete in ${this.#random.whole(10, 90)} ms`);
    return true;
  }

  #problem(caller: Part, callee: Part, at: number): string | null {
    const wiring = caller === this.#caller && callee === this.#target;
    if (wiring && this.#fault === 'wrong host variable')
      return failureText(caller, 'no host', this.#wrongHost, callee.port, callee.address, this.#random);
    if (wiring && this.#fault === 'wrong port variable')
      return failureText(caller, this.#slow ? 'timeout' : 'refused', this.#hostOf(callee), this.#wrongPort, callee.address, this.#random);
    if (this.#serves(callee, at)) return null;
    return failureText(caller, this.#slow ? 'timeout' : 'refused', this.#hostOf(callee), callee.port, callee.address, this.#random);
  }
}

const text = (key: string, value: string): KeyValue => ({ key, value: { stringValue: value } });

function folderOf(name: string, parts: readonly Part[], lines: readonly Written[], startAt: number, alertAt: number): IncidentFolder {
  const logs = new Map<Part, FolderLogs>();
  for (const { at, part, text: body, severity } of [...lines].sort((a, b) => a.at - b.at)) {
    if (startAt + at >= alertAt) continue;
    const request = logs.get(part) ?? {
      resourceLogs: [{ resource: { attributes: [text('service.name', part.name)] }, scopeLogs: [{ scope: {}, logRecords: [] }] }],
    };
    logs.set(part, request);
    request.resourceLogs[0]!.scopeLogs[0]!.logRecords.push({
      timeUnixNano: `${Math.floor(startAt + at)}000000`,
      ...(severity > 0 ? { severityNumber: severity } : {}),
      body: { stringValue: body },
    });
  }
  const services = parts.map(({ name, address, port }) => ({ name, addresses: [address], ports: [port] }));
  return { name, path: null, alertAt, traces: [], logs: [...logs.values()], metrics: [], changes: [], services };
}

export function startupCase(fault: StartupFault, round: number): Case {
  const name = `startup ${fault} ${round}`;
  const random = seeded(name);
  const parts = system(random);
  const called = parts.filter(
    (part) => (fault === 'missing store') === part.isStore && parts.some((caller) => caller.calls.includes(part)),
  );
  const target = random.pick(called.length > 0 ? called : parts.filter(({ isStore }) => isStore));
  const caller = random.pick(parts.filter((part) => part.calls.includes(target)));
  const isCallers = fault === 'wrong host variable' || fault === 'wrong port variable';
  const alertMs = random.between(75_000, 130_000);
  const loadEnds = alertMs - (random.chance(0.5) ? random.between(15_000, 30_000) : 0);
  const run = new Startup(parts, fault, target, caller, random);
  run.start(alertMs);
  for (let at = random.between(15_000, 25_000); at < loadEnds; at += random.between(150, 1200)) run.request(parts[0]!, at, random.hex(8));
  const startAt = 1_781_000_000_000 + random.whole(0, 9_000_000) * 1000;
  return {
    set: 'startup',
    half: round % 2 === 0 ? 'open' : 'closed',
    truth: { services: fault === 'none' ? [] : [isCallers ? caller.name : target.name], fault, changeService: null },
    affected: fault === 'none' ? 0 : run.affected,
    read: () => folderOf(name, parts, run.lines, startAt, startAt + alertMs),
  };
}

/**
 * Who asks a server for what that has not. It says that it has nothing at a path, each time it is asked for it, and goes about its other
 * work; one service alone tells at these very moments that it was answered so. That one was given the address of another server:
 *
 *   travel ── GET /routes/7 ── price: "No mapping for GET /routes/7"        travel asks price for what route has
 *
 * Only where the system was never well: else the server may have lost the path with its last release. Even so it may be the server that
 * is not what it should be, so nobody is accused for sure. Files that nobody has are what strangers look for, at every edge.
 */
import { servedPath, tellsNotFound, unroutedPath } from '../baseline/unrouted-text.ts';
import { lately, onsetAt, type Scene } from './scene.ts';
import { finding, type Suspicions } from './suspicion.ts';

/** So often a server is asked for the same in vain before it counts. */
const fewest = 5;
/** Two lines of one call are hardly further apart. */
const togetherMs = 150;
/** Of the times that the server says so, these are told of by whoever asks. */
const nearlyAll = 0.8;
const errorSeverity = 17;
const mostText = 1_000;
/** More of them say no more. */
const most = 2.2;

/** A line that tells of a call that was answered 404. */
interface Told {
  readonly at: number;
  readonly isError: boolean;
}

/** What one server says of one kind of path. */
interface Unrouted {
  readonly server: number;
  readonly shape: string;
  readonly rows: number[];
  /** In so many words. */
  readonly isSaid: boolean;
}

interface Heard {
  readonly unrouted: readonly Unrouted[];
  /** By service, in order. */
  readonly told: ReadonlyMap<number, readonly Told[]>;
}

export function judgeUnrouted(scene: Scene, suspicions: Suspicions): void {
  if (scene.baseline.minutes > 0) return;
  const { logs, strings } = scene.recent.window;
  const { unrouted, told } = heardIn(scene);
  for (const one of unrouted) {
    const { server, shape, rows, isSaid } = one;
    const last = logs.timeMs[rows.at(-1)!]!;
    if (rows.length < fewest || last < onsetAt(scene, lately)) continue;
    if (!isSaid && !isAtWork(scene, server, logs.timeMs[rows[0]!]!)) continue;
    const asking = [...told].filter(([service, lines]) => service !== server && isAsking(scene, one, service, lines));
    const [only] = asking;
    if (only === undefined || asking.length > 1) continue;
    const [caller, callee] = [strings.text(only[0]), strings.text(server)];
    scene.known.addEdge(caller, callee);
    const value = Math.min(most, Math.log1p(rows.length));
    const text = `${caller} alone asks ${callee} for ${shape}, and ${callee} says each time that it has nothing there (${rows.length} calls): ${logs.text(rows[0]!).trim().slice(0, 160)}.`;
    const at = logs.timeMs[rows[0]!]!;
    suspicions.add(caller, 'misconfigured', value, [
      finding({ kind: 'configuration', source: 'log', subject: `unrouted ${callee} ${shape}`, text, at, strength: value, ambiguous: true }),
    ]);
  }
}

/** What servers have nothing at, without what they answer at other times, and who tells of having been answered so. */
function heardIn({ recent: { window }, firstAt, input: { alertAt } }: Scene): Heard {
  const { logs } = window;
  const found = new Map<string, Unrouted>();
  const served = new Set<string>();
  const told = new Map<number, Told[]>();
  for (let row = 0; row < logs.length; row++) {
    const at = logs.timeMs[row]!;
    if (at < firstAt || at > alertAt) continue;
    const text = logs.text(row).slice(0, mostText);
    const server = logs.service[row]!;
    const well = servedPath(text);
    if (well !== null) served.add(`${server} ${shapeOf(well)}`);
    const nothing = unroutedPath(text);
    if (nothing !== null && !nothing.path.includes('.')) {
      const shape = shapeOf(nothing.path);
      const key = `${server} ${shape}`;
      const known = found.get(key) ?? { server, shape, rows: [], isSaid: nothing.isSaid };
      found.set(key, known);
      known.rows.push(row);
    }
    if (tellsNotFound(text)) {
      const lines = told.get(server) ?? [];
      told.set(server, lines);
      lines.push({ at, isError: logs.severity[row]! >= errorSeverity });
    }
  }
  for (const lines of told.values()) lines.sort((a, b) => a.at - b.at);
  const unrouted = [...found].flatMap(([key, one]) => (served.has(key) ? [] : [one]));
  for (const { rows } of unrouted) rows.sort((a, b) => logs.timeMs[a]! - logs.timeMs[b]!);
  return { unrouted, told };
}

/** A path without what names one thing among many: `/v1/titles/tt4033809` → `/v1/titles/*`. */
const shapeOf = (path: string): string =>
  path
    .split('/')
    .slice(0, 5)
    .map((part) => (/^v\d+$/.test(part) || !/\d|.{25}/.test(part) ? part : '*'))
    .join('/');

/** Whether a service tells of nearly all of a server's answers as errors of its own; who hands them on as they are must name the server. */
function isAsking(scene: Scene, { server, shape, rows }: Unrouted, service: number, lines: readonly Told[]): boolean {
  const { logs } = scene.recent.window;
  let [near, errors, first] = [0, 0, 0];
  // Both are in order, so that a server whom strangers ask for much costs no look at every line for each.
  for (const row of rows) {
    const at = logs.timeMs[row]!;
    while (first < lines.length && lines[first]!.at < at - togetherMs) first++;
    let [isNear, isError] = [false, false];
    for (let i = first; !isError && i < lines.length && lines[i]!.at <= at + togetherMs; i++) [isNear, isError] = [true, lines[i]!.isError];
    if (isNear) near++;
    if (isError) errors++;
  }
  if (near < nearlyAll * rows.length) return false;
  return errors >= nearlyAll * rows.length || isSentThere(scene, service, server, shape);
}

/** Whether a service names a server as where it sends what another listed service is called by: `/orders -> http://shop:80`, beside `orders-api`. */
function isSentThere({ recent: { window }, input }: Scene, service: number, server: number, shape: string): boolean {
  const { logs, strings } = window;
  const name = strings.text(server);
  const [, word = ''] = shape.split('/');
  const others = input.directory.filter((entry) => entry.name !== name && entry.name.split('-').includes(word));
  if (word === '' || others.length === 0) return false;
  for (let row = 0; row < logs.length; row++)
    if (logs.service[row] === service && logs.text(row).includes(`//${name}`) && logs.text(row).includes(`/${word}`)) return true;
  return false;
}

/** Whether a server does anything else after that. */
function isAtWork({ recent: { window } }: Scene, server: number, since: number): boolean {
  const { logs } = window;
  for (let row = 0; row < logs.length; row++) {
    if (logs.service[row] !== server || logs.timeMs[row]! < since) continue;
    const text = logs.text(row).slice(0, mostText);
    if (unroutedPath(text) === null && !tellsNotFound(text)) return true;
  }
  return false;
}

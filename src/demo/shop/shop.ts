/**
 * The shop as a process of its own: runs well, breaks, and raises the alarm its own visitors give cause for. Says what it
 * does as JSON lines on stdout, for the demo alone. It ends when the demo that started it ends, however that happens.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { type Breakage, faults } from './faults.ts';
import { createVisitBook, startVisitors, type VisitBook } from './load.ts';
import { type Addresses, type RunningService, startService } from './service.ts';
import { newSwitches, shopServices, type Switches } from './services.ts';
import { alarmBody, createWatch, type Symptom } from './watch.ts';

export interface ShopOptions {
  /** Where OTLP and the alarm go. */
  readonly target: string;
  readonly breakage: Breakage;
  readonly visitorsPerSecond: number;
  /** How long the shop is well before it breaks. */
  readonly wellMs: number;
}

/** What the shop tells the demo. */
export type ShopNews =
  | { readonly said: 'ready'; readonly services: readonly string[] }
  | { readonly said: 'broke'; readonly visits: number; readonly at: number }
  | { readonly said: 'alarm'; readonly summary: string; readonly at: number }
  | { readonly said: 'told'; readonly summary: string; readonly at: number }
  | { readonly said: 'quiet' };

const lastWordsMs = 1_500;
const lookEveryMs = 1_000;
/** The first visits find cold caches and code that is not compiled yet. */
const warmUpMs = 3_000;
/** What is usual is known from this many visits; a slow machine gets a little longer to have them. */
const leastUsualVisits = 150;
const extraWellMs = 12_000;
/** A fault that visitors do not feel within this time is none. */
const alarmWithinMs = 30_000;

export async function runShop(options: ShopOptions, say: (news: ShopNews) => void): Promise<void> {
  const switches = newSwitches();
  const addresses: Addresses = new Map();
  const services: RunningService[] = [];
  const told = createFirst();
  for (const spec of shopServices(switches)) services.push(await startService(spec, addresses, options.target, told.happened));
  const book = createVisitBook();
  const visitors = startVisitors(addresses.get('storefront') ?? '', options.visitorsPerSecond, book);
  const close = () => {
    visitors.stop();
    // What is not delivered by then finds nobody there to take it.
    void Promise.race([Promise.allSettled(services.map((service) => service.stop())), wait(lastWordsMs)]).then(() => process.exit());
  };
  process.once('SIGTERM', close);
  // Ctrl-C reaches every process of a terminal; the demo says when it is time.
  process.on('SIGINT', () => {});
  process.stdin.once('end', close).resume();
  say({ said: 'ready', services: services.map(({ name }) => name) });

  try {
    const usual = await beWell(book, options.wellMs);
    await breakService(options.breakage, services, switches);
    const since = Date.now();
    say({ said: 'broke', visits: usual.visits, at: since });
    if (faults.find(({ name }) => name === options.breakage.fault)?.isTold === true) {
      const event = await told.within(alarmWithinMs);
      return say(event === null ? { said: 'quiet' } : { said: 'told', ...event });
    }
    const symptom = await watch(createWatch(book, usual, since), since + alarmWithinMs);
    if (symptom === null) return say({ said: 'quiet' });
    const at = Date.now();
    say({ said: 'alarm', summary: symptom.summary, at });
    await raiseAlarm(options.target, symptom, at);
  } catch (error) {
    setImmediate(close);
    throw error;
  }
}

interface Told {
  readonly summary: string;
  readonly at: number;
}

/** The first thing that a service says with high priority. */
function createFirst() {
  let resolve: (told: Told) => void = () => {};
  const first = new Promise<Told>((done) => {
    resolve = done;
  });
  return {
    happened: (eventType: string, service: string) => resolve({ summary: `${eventType} in ${service}`, at: Date.now() }),
    within: (ms: number): Promise<Told | null> => Promise.race([first, wait(ms, null, { ref: false })]),
  };
}

async function beWell(book: VisitBook, wellMs: number) {
  const openedAt = Date.now();
  await wait(wellMs);
  const usual = () => book.experience(openedAt + warmUpMs, Date.now());
  for (const lastAt = openedAt + wellMs + extraWellMs; usual().visits < leastUsualVisits && Date.now() < lastAt; ) await wait(500);
  return usual();
}

async function breakService(
  { fault: name, service: wanted }: Breakage,
  services: readonly RunningService[],
  switches: Switches,
): Promise<void> {
  const fault = faults.find((candidate) => candidate.name === name);
  const service = services.find((candidate) => candidate.name === wanted);
  if (fault === undefined || service === undefined) throw new Error(`the shop cannot have ${name} of ${wanted}`);
  await fault.apply(service, switches);
}

async function watch({ look }: ReturnType<typeof createWatch>, untilMs: number): Promise<Symptom | null> {
  while (Date.now() < untilMs) {
    await wait(lookEveryMs);
    const symptom = look(Date.now());
    if (symptom !== null) return symptom;
  }
  return null;
}

async function raiseAlarm(target: string, symptom: Symptom, at: number): Promise<void> {
  const response = await fetch(`${target}/webhook/alertmanager`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(alarmBody(symptom, at)),
    signal: AbortSignal.timeout(5_000),
  });
  if (response.status !== 202) throw new Error(`the alarm was not accepted: ${response.status} ${await response.text()}`);
}

/** Spans and metrics only: ten troubles, each at four services of three meshes, and windows in which nothing is wrong. */
import type { Case, IncidentFolder } from '../folder.ts';
import { type Random, seeded } from '../random.ts';
import { drawJourney, type Mesh, meshes, type Step, stepsOf } from './meshes.ts';
import { Book } from './otlp.ts';
import { type Trouble, Walk } from './walk.ts';

type Effect = Omit<Trouble, 'service' | 'from' | 'until' | 'pod'>;
type Gauge = 'cpu' | 'memory' | 'restarts' | 'pool';
interface Kind {
  readonly name: string;
  fits(step: Step, mesh: Mesh): boolean;
  effect(random: Random): Effect;
  /** What its own gauges show. */
  readonly gauge?: Gauge;
  readonly onePod?: true;
  /** Goes away and comes back, by seconds since the onset. */
  readonly bouts?: readonly (readonly [number, number])[];
  readonly innocent?: true;
}

const serves = ({ via }: Step) => via === 'http' || via === 'grpc';
const callers = (mesh: Mesh, service: string) =>
  mesh.journeys
    .flatMap(({ door }) => stepsOf(door))
    .filter(({ steps }) => steps.slice(0, -1).some((one) => one.service === service && serves(one)));

const kinds: readonly Kind[] = [
  { name: 'slow-code', fits: serves, effect: (random) => ({ slowMs: random.between(120, 700) }) },
  { name: 'cpu-starved', fits: serves, effect: (random) => ({ slowTimes: random.between(5, 12) }), gauge: 'cpu', onePod: true },
  { name: 'slow-way', fits: serves, effect: (random) => ({ wayMs: random.between(50, 180) }) },
  {
    name: 'down',
    fits: ({ via }) => via !== 'message',
    effect: (random) => ({ refuses: random.pick(['at once', 'never answers'] as const) }),
  },
  { name: 'swallows', fits: ({ steps, via }) => steps.length >= 2 && via !== 'message', effect: () => ({ swallows: 0.8 }) },
  {
    name: 'wrong-answers',
    fits: (step, mesh) =>
      serves(step) && step.steps.length > 0 && new Set(callers(mesh, step.service).map(({ service }) => service)).size >= 1,
    effect: () => ({ misleads: 0.85 }),
  },
  {
    name: 'crashes',
    fits: serves,
    effect: () => ({ refuses: 'at once' }),
    gauge: 'restarts',
    bouts: [
      [0, 25],
      [65, 95],
    ],
  },
  {
    name: 'pool-empty',
    fits: ({ steps, via }) => via !== 'message' && steps.some((one) => one.via === 'db'),
    effect: (random) => ({ waitsForConnection: random.between(300, 900) }),
    gauge: 'pool',
  },
  { name: 'times-out', fits: serves, effect: () => ({ slowMs: 2600 }) },
  { name: 'noisy-neighbour', fits: serves, effect: (random) => ({ slowMs: random.between(150, 600) }), innocent: true },
];

const minute = 60_000;

/** Every fifteen seconds of every pod; the trouble's own gauge moves, and so may an innocent's. */
function writeGauges(
  book: Book,
  mesh: Mesh,
  random: Random,
  from: number,
  to: number,
  moved: readonly { service: string; gauge: Gauge; at: number; pod: number | null }[],
): void {
  for (const service of mesh.services)
    for (const pod of [0, 1]) {
      const resource = { 'service.name': service, 'k8s.pod.name': `${service}-${pod}` };
      const [cpu, memory] = [random.between(0.05, 0.4), random.between(0.2, 0.7)];
      for (let at = from + random.whole(0, 9000); at < to; at += 15_000) {
        if (random.chance(0.05)) continue;
        const has = (gauge: Gauge) =>
          moved.some((one) => one.service === service && one.gauge === gauge && at > one.at && (one.pod ?? pod) === pod);
        const wobble = () => 1 + 0.12 * random.normal();
        book.point(
          resource,
          'container.cpu.utilization',
          'gauge',
          at,
          has('cpu') ? random.between(0.93, 1) : Math.max(0.01, cpu * wobble()),
        );
        book.point(
          resource,
          'container.memory.utilization',
          'gauge',
          at,
          has('memory') ? random.between(0.9, 0.97) : memory + 0.01 * random.normal(),
        );
        book.point(resource, 'k8s.container.restarts', 'gauge', at, has('restarts') ? (at > to - 1.5 * minute ? 2 : 1) : 0);
        if (service.length % 3 !== 0 || has('pool'))
          book.point(resource, 'db.client.connections.usage', 'gauge', at, has('pool') ? 10 : random.whole(0, 4), {
            state: 'used',
            'pool.name': 'main',
          });
        if (has('pool'))
          book.point(resource, 'db.client.connections.pending_requests', 'gauge', at, random.whole(6, 30), { 'pool.name': 'main' });
        else if (service.length % 3 !== 0)
          book.point(resource, 'db.client.connections.pending_requests', 'gauge', at, 0, { 'pool.name': 'main' });
      }
    }
}

interface Told {
  readonly folder: IncidentFolder;
  readonly touched: number;
}

function tell(mesh: Mesh, kind: Kind | null, service: string | null, seed: string): Told {
  const random = seeded(seed);
  const alertAt = Date.UTC(2032, random.whole(0, 11), random.whole(1, 28), random.whole(0, 23), random.whole(0, 59), random.whole(0, 59));
  const from = alertAt - 10 * minute;
  const onset = alertAt - random.between(2, 3) * minute;
  const pod = kind?.onePod ? random.whole(0, 1) : null;
  const effect = kind?.effect(random);
  const bouts = kind?.bouts ?? [[0, 3600]];
  const troubles =
    service === null
      ? []
      : bouts.map(([begin, end]): Trouble => ({ ...effect, service, pod, from: onset + begin * 1000, until: onset + end * 1000 }));
  const peers = mesh.services.filter((name) => name !== service);
  // One service fails now and then on any day; a noisy one is busy and fails a little more since just before the onset, and nobody waits for it.
  const shaky: Trouble = { service: random.pick(peers), pod: null, from, until: alertAt, fails: 0.015 };
  const noisy = random.pick(peers);
  const moved: { service: string; gauge: Gauge; at: number; pod: number | null }[] = [];
  if (kind?.gauge && service !== null) moved.push({ service, gauge: kind.gauge, at: onset, pod });
  if (kind?.innocent)
    moved.push(
      { service: noisy, gauge: 'cpu', at: onset - 40_000, pod: 0 },
      { service: noisy, gauge: 'memory', at: onset - 40_000, pod: 0 },
    );
  const book = new Book();
  writeGauges(book, mesh, random, from, alertAt, moved);
  let touched = 0;
  for (
    let at = from;
    at < alertAt - 4000;
    at += (-Math.log(1 - random.next()) * 1000) / (mesh.ratePerSecond * (kind === null && at > onset ? 1.2 : 1))
  ) {
    const walk = new Walk(mesh, book, random, [...troubles, shaky]);
    walk.serve(drawJourney(mesh, random), null, at);
    if (at >= onset && walk.touched) touched++;
  }
  return { folder: book.folder({ name: seed, alertAt }), touched };
}

function caseOf(mesh: Mesh, kind: Kind | null, service: string | null, round: number): Case {
  const seed = `${mesh.name}/${kind?.name ?? 'calm'}/${service ?? round}`;
  return {
    set: `two ${kind === null ? 'calm spans' : 'spans'}`,
    half: mesh.half,
    truth: { services: service === null ? [] : [service], fault: kind?.name ?? 'none', changeService: null },
    affected: null,
    read: () => tell(mesh, kind, service, seed).folder,
  };
}

/** How often a service is asked in a hundred requests: what nobody asks cannot be seen to be broken. */
function shareOf(mesh: Mesh, service: string): number {
  const whole = mesh.journeys.reduce((sum, { weight }) => sum + weight, 0);
  return mesh.journeys.reduce(
    (sum, { weight, door }) => sum + (stepsOf(door).some((step) => step.service === service) ? weight / whole : 0),
    0,
  );
}

export function spanCases(): Case[] {
  return kinds.flatMap((kind, index) =>
    Array.from({ length: 4 }, (_, round) => {
      const mesh = meshes[round === 3 ? index % 3 : round]!;
      const door = mesh.services[0]!;
      const steps = mesh.journeys
        .flatMap(({ door: top }) => stepsOf(top))
        .filter((step) => step.service !== door && kind.fits(step, mesh) && shareOf(mesh, step.service) > 0.25);
      return caseOf(mesh, kind, seeded(`pick/${kind.name}/${round}`).pick(steps).service, round);
    }),
  );
}

export const calmSpanCases = (): Case[] => meshes.flatMap((mesh) => [0, 1].map((round) => caseOf(mesh, null, null, round)));

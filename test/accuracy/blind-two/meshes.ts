/** Three systems that send spans and a few metrics. `>` calls by: h HTTP, g gRPC, m a message, d a database, c a cache; the last two have no spans of their own. */
import { type Random, seeded } from '../random.ts';

export type Via = 'http' | 'grpc' | 'message' | 'db' | 'cache';
export interface Step {
  readonly service: string;
  readonly operation: string;
  readonly via: Via;
  readonly ownMs: number;
  readonly steps: readonly Step[];
}
export interface Mesh {
  readonly name: string;
  readonly half: 'open' | 'closed';
  readonly ratePerSecond: number;
  /** Names of the client's spans: by the operation, or by the peer. */
  readonly namedBy: 'operation' | 'peer';
  readonly services: readonly string[];
  readonly journeys: readonly { readonly weight: number; readonly door: Step }[];
}

const vias: Readonly<Record<string, Via>> = { h: 'http', g: 'grpc', m: 'message', d: 'db', c: 'cache' };
const verbs = ['list', 'get', 'find', 'check', 'apply', 'reserve', 'price', 'submit', 'merge', 'resolve'];

function mesh(name: string, half: Mesh['half'], ratePerSecond: number, namedBy: Mesh['namedBy'], journeyCount: number, text: string): Mesh {
  const graph = new Map(
    text
      .trim()
      .split('\n')
      .map((line) => {
        const [head, tail] = line.trim().split(' > ');
        return [
          head!,
          (tail ?? '')
            .split(' ')
            .filter((word) => word !== '')
            .map((word) => word.split(':') as [string, string]),
        ] as const;
      }),
  );
  const random = seeded(`mesh/${name}`);
  const usual = new Map([...graph.keys()].map((service) => [service, random.between(2, 22)]));
  const step = (service: string, via: Via, journey: number, depth: number): Step => {
    const leaf = via === 'db' || via === 'cache';
    const kept = (graph.get(service) ?? []).filter(([, short]) => depth < 2 || short === 'd' || short === 'c' || random.chance(0.72));
    return {
      service,
      via,
      operation: leaf
        ? via === 'db'
          ? `SELECT ${service.replace(/\W/g, '_')}`
          : 'GET'
        : `${verbs[(journey * 3 + service.length) % verbs.length]}${service.split('-').at(-1)}`,
      ownMs: leaf ? (via === 'db' ? random.between(2, 9) : random.between(0.4, 1)) : usual.get(service)! * random.between(0.7, 1.4),
      steps: depth > 7 ? [] : kept.map(([to, short]) => step(to, vias[short]!, journey, depth + 1)),
    };
  };
  const [door] = graph.keys();
  const journeys = Array.from({ length: journeyCount }, (_, index) => ({
    weight: 1 / (1 + index * 0.5),
    door: step(door!, 'http', index, 0),
  }));
  const thinned = journeys.map(({ weight, door: whole }, index) => ({
    weight,
    // Each journey leaves out some of what the door can reach.
    door: {
      ...whole,
      operation: `${verbs[index]}Page`,
      steps: whole.steps.filter((_, at) => whole.steps.length < 3 || (at + index) % 3 !== 0),
    },
  }));
  return { name, half, ratePerSecond, namedBy, services: [...graph.keys()], journeys: thinned };
}

function clouds(): string {
  const wards = ['wind', 'rain', 'snow', 'fog', 'hail', 'dust', 'frost', 'storm'];
  const lines = [`sky-gate > ${wards.map((ward) => `${ward}-desk:g`).join(' ')} pass-check:g`];
  wards.forEach((ward, index) => {
    lines.push(`${ward}-desk > units:g ${ward}-model:g ${ward}-journal:m`);
    lines.push(`${ward}-model > ${ward}-grid:g ${wards[(index + 3) % 8]}-grid:g grid-cache:c`);
    lines.push(`${ward}-grid > ${index % 2 === 0 ? 'north' : 'south'}-db:d stations:g`);
    lines.push(`${ward}-journal > journal-db:d ${index % 4 === 0 ? 'mailer:h' : ''}`.trim());
  });
  lines.push(
    'pass-check > pass-cache:c pass-db:d',
    'units > units-cache:c',
    'stations > stations-db:d calibration:g',
    'calibration > stations-db:d',
    'mailer > mail-relay:h',
    'mail-relay',
    'almanac > north-db:d',
  );
  lines.push(
    'watch > stations:g almanac:g',
    'map-tiles > tiles-cache:c',
    'legend',
    'radar > map-tiles:h legend:h',
    'pager > mail-relay:h',
    'trend > almanac:g units:g',
  );
  lines[0] += ' watch:h radar:h trend:g';
  return lines.join('\n');
}

export const meshes: readonly Mesh[] = [
  mesh(
    'bakery',
    'open',
    3,
    'operation',
    4,
    `
    counter > orders:h menu:h loyalty:h
    orders > stock:g pricing:g till:g orders-db:d kitchen:m
    menu > menu-cache:c allergens:h menu-db:d
    loyalty > loyalty-db:d members:g
    stock > stock-db:d suppliers:h
    pricing > pricing-cache:c offers:g
    offers > offers-db:d members:g
    till > till-db:d
    kitchen > stock:g oven:h
    oven
    allergens
    suppliers > suppliers-db:d
    members > members-db:d`,
  ),
  mesh(
    'museum',
    'closed',
    2,
    'peer',
    5,
    `
    turnstile > visits:h guide:h shop:h members:h
    visits > slots:g capacity:g visits-pg:d visit-events:m
    visit-events > stats:h labels:g
    slots > slots-redis:c slots-pg:d
    capacity > rooms:g sensors:g
    rooms > rooms-pg:d
    sensors > sensors-ts:d
    guide > exhibits:g audio:h translate:g
    exhibits > exhibits-pg:d images:h labels:g
    labels > labels-redis:c translate:g
    translate > phrases-redis:c phrases:g
    phrases > phrases-pg:d
    images > thumbs:h
    thumbs
    audio > thumbs:h
    shop > basket:g prices:g payments:h postage:h
    basket > basket-redis:c
    prices > prices-pg:d vat:g
    vat
    payments > fraud:g payments-pg:d
    fraud > members:h
    postage > prices:g
    members > members-pg:d
    stats > sensors-ts:d`,
  ),
  mesh('weather', 'open', 1.2, 'operation', 6, clouds()),
];

/** Every step of a journey, in order. */
export function stepsOf(step: Step): Step[] {
  return [step, ...step.steps.flatMap(stepsOf)];
}

export function drawJourney({ journeys }: Mesh, random: Random): Step {
  let left = random.next() * journeys.reduce((sum, { weight }) => sum + weight, 0);
  for (const { weight, door } of journeys) {
    left -= weight;
    if (left < 0) return door;
  }
  return journeys[0]!.door;
}

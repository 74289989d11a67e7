/**
 * Systems broken since they were deployed, told by their containers' logs and the cluster's service list alone. The culprit is the workload whose manifest
 * is wrong; it often says nothing, while its callers cry. Callers also cry in the first seconds for peers that come up later, and heal.
 */
import type { Case, IncidentFolder } from '../folder.ts';
import { type Random, seeded } from '../random.ts';
import { Book } from './otlp.ts';
import { type Line, type Reason, tongues } from './tongues.ts';

type Tongue = keyof typeof tongues;
interface Part {
  readonly name: string;
  readonly tongue: Tongue;
  readonly port: number;
  readonly calls: readonly string[];
  readonly bootSeconds: number;
}
interface System {
  readonly name: string;
  readonly half: 'open' | 'closed';
  readonly parts: readonly Part[];
}

function system(name: string, half: System['half'], firstPort: number, text: string): System {
  const parts = text
    .trim()
    .split('\n')
    .map((row, index): Part => {
      const [head, tail] = row.trim().split(' > ');
      const [title, tongue] = head!.split(':') as [string, Tongue];
      return {
        name: title,
        tongue,
        port: firstPort + index * 10,
        calls: (tail ?? '').split(' ').filter((word) => word !== ''),
        bootSeconds: tongue === 'java' ? 14 : 3 + (index % 4) * 2,
      };
    });
  return { name, half, parts };
}

const systems: readonly System[] = [
  system(
    'theatre',
    'open',
    7000,
    `
    foyer:node > seats shows cast-list
    seats:go > prices holds
    shows:python > posters prices
    cast-list:go
    prices:go
    holds:dotnet
    posters:node`,
  ),
  system(
    'brewery',
    'closed',
    8100,
    `
    taproom:java > orders-svc beers-svc members-svc
    orders-svc:java > stock-svc tax-svc mail-svc
    beers-svc:java > stock-svc labels-svc
    members-svc:python > mail-svc
    stock-svc:java
    tax-svc:go
    mail-svc:python
    labels-svc:node`,
  ),
  system(
    'ski',
    'open',
    5000,
    `
    piste-web:dotnet > passgate liftboard weatherbox rental
    passgate:dotnet > wallet identity
    liftboard:go > sensorhub
    weatherbox:python > sensorhub
    rental:node > wallet inventory
    wallet:dotnet > ledgerd
    identity:go
    sensorhub:go
    inventory:python
    ledgerd:go`,
  ),
  system(
    'museumshop',
    'closed',
    3000,
    `
    front:node > search cart recs
    search:node > indexer
    cart:node > vault postage
    recs:python > indexer
    indexer:python
    vault:go
    postage:dotnet`,
  ),
  system(
    'orchard',
    'open',
    9000,
    `
    gateway:go > harvest weather-feed market audit
    harvest:java > storage workers
    market:python > quotes storage
    weather-feed:node
    storage:go
    workers:python
    quotes:node
    audit:java > archive
    archive:go`,
  ),
];

interface Faulty {
  readonly name: string;
  fits(part: Part, system: System): boolean;
  /** What callers meet when they ask it; null: they are served. */
  readonly callersMeet: Reason | null;
  /** What it says itself after `starting`, `null`: it never says anything at all. */
  says(part: Part, system: System, random: Random): { boots: boolean; lines: Line[]; again: boolean } | null;
  /** Its own calls: what it meets, and where it dials. */
  readonly dials?: (peer: Part, address: string, random: Random) => { reason: Reason; address: string };
  readonly allPeers?: true;
}

const isAsked = (part: Part, { parts }: System) => parts.some(({ calls }) => calls.includes(part.name));
const asks = ({ calls }: Part) => calls.length > 0;
const fine = () => ({ boots: true, lines: [], again: false });
const words = (part: Part) => tongues[part.tongue];
const dies = (lines: Line[]) => ({ boots: false, lines, again: true });

const faults: readonly Faulty[] = [
  { name: 'selector-matches-nothing', fits: isAsked, callersMeet: 'refused', says: fine },
  { name: 'target-port-wrong', fits: isAsked, callersMeet: 'timeout', says: fine },
  { name: 'never-scheduled', fits: isAsked, callersMeet: 'refused', says: () => null },
  { name: 'image-not-found', fits: isAsked, callersMeet: 'timeout', says: () => null },
  {
    name: 'secret-missing',
    fits: isAsked,
    callersMeet: 'refused',
    says: (part) => dies(words(part).noVariable(`${part.name.toUpperCase().replace(/\W/g, '_')}_TOKEN`)),
  },
  {
    name: 'volume-wrong',
    fits: isAsked,
    callersMeet: 'refused',
    says: (part) => dies(words(part).noFile(`/etc/${part.name}/settings.yaml`)),
  },
  {
    name: 'address-of-peer-wrong',
    fits: asks,
    callersMeet: null,
    says: fine,
    dials: (peer, _address, random) => ({
      reason: 'noHost',
      address: `${peer.name.slice(0, -1)}${random.pick(['', '-v2', 'x'])}:${peer.port}`,
    }),
  },
  {
    name: 'port-of-peer-wrong',
    fits: asks,
    callersMeet: null,
    says: fine,
    dials: (peer, address) => ({ reason: 'refused', address: `${address.split(':')[0]}:${peer.port + 1}` }),
  },
  {
    name: 'liveness-probe-wrong',
    fits: isAsked,
    callersMeet: 'refused',
    says: (part) => ({ boots: true, lines: words(part).stopping(), again: true }),
  },
  { name: 'memory-limit-low', fits: isAsked, callersMeet: 'refused', says: () => ({ boots: true, lines: [], again: true }) },
  {
    name: 'name-lookup-broken',
    fits: asks,
    callersMeet: null,
    says: fine,
    dials: (peer) => ({ reason: 'noHost', address: `${peer.name}:${peer.port}` }),
    allPeers: true,
  },
  {
    name: 'policy-shuts-it-in',
    fits: ({ calls }) => calls.length > 1,
    callersMeet: null,
    says: fine,
    dials: (_peer, address) => ({ reason: 'timeout', address }),
    allPeers: true,
  },
];

function tell(world: System, fault: Faulty | null, culprit: Part | null, seed: string): IncidentFolder {
  const random = seeded(seed);
  const beganAt = Date.UTC(2033, random.whole(0, 11), random.whole(1, 28), random.whole(0, 23), random.whole(0, 59), random.whole(0, 59));
  const seconds = random.whole(75, 110);
  const book = new Book();
  const severity = { DEBUG: 5, INFO: 9, WARN: 13, ERROR: 17, FATAL: 21 } as const;
  const say = (part: Part, second: number, lines: readonly Line[]) => {
    if (second >= seconds - 0.5) return;
    for (const [index, { text, level }] of lines.entries())
      book.log(
        { 'service.name': part.name },
        {
          timeUnixNano: `${BigInt(Math.round(beganAt + second * 1000)) * 1_000_000n + BigInt(index)}`,
          body: { stringValue: text },
          ...(level === null ? {} : { severityText: level, severityNumber: severity[level] }),
        },
      );
  };
  const net = random.whole(16, 31);
  const addresses = new Map(
    world.parts.map((part) => [part.name, `172.${net}.${random.whole(0, 250)}.${random.whole(2, 250)}:${part.port}`]),
  );
  const partOf = (name: string) => world.parts.find((part) => part.name === name)!;
  const upAt = new Map<string, number>();
  for (const part of world.parts) {
    const up = part.bootSeconds + random.between(0, 9);
    upAt.set(part.name, up);
    const own = part === culprit ? fault!.says(part, world, random) : fine();
    if (own === null) continue;
    const starts = words(part).starting(part.name, part.port);
    for (let at = up, wait = 12; at < seconds; at += wait, wait *= 1.6) {
      if (own.boots) say(part, at, starts);
      say(part, at + (own.boots ? 4 : 0), own.lines);
      if (!own.again) break;
    }
    if (!own.again)
      for (let at = up + random.between(1, 20); at < seconds; at += random.between(6, 40)) say(part, at, [words(part).chatter(random)]);
  }
  // An innocent that is louder than anybody: something nobody needs cannot be reached.
  const loud = random.pick(world.parts.filter((part) => part !== culprit));
  for (let at = upAt.get(loud.name)! + 2; at < seconds; at += random.between(1.5, 4))
    say(loud, at, words(loud).unreachable('telemetry-agent', '127.0.0.1:4318', 'refused'));
  const ask = (part: Part, at: number): boolean => {
    if (at < upAt.get(part.name)!) return false;
    let whole = true;
    for (const name of part.calls) {
      const peer = partOf(name);
      const address = addresses.get(name)!;
      if (part === culprit && fault!.dials !== undefined && (fault!.allPeers || part.calls[0] === name)) {
        const { reason, address: dialled } = fault!.dials(peer, address, random);
        say(part, at, words(part).unreachable(name, dialled, reason));
        whole = false;
      } else if (peer === culprit && fault!.callersMeet !== null) {
        say(part, at, words(part).unreachable(name, address, fault!.callersMeet));
        whole = false;
      } else if (at < upAt.get(name)!) {
        say(part, at, words(part).unreachable(name, address, random.pick(['refused', 'refused', 'timeout'])));
        whole = false;
      } else if (!ask(peer, at + 0.01)) whole = false;
    }
    if (part.name.length % 2 === 0 || !whole)
      say(part, at + 0.05, [words(part).served(`/${part.name}/${random.pick(['list', 'item', 'now'])}`, random.whole(2, 80), whole)]);
    return whole;
  };
  for (const part of world.parts)
    for (const name of part.calls) {
      const isBroken =
        (part === culprit && fault!.dials !== undefined) ||
        (partOf(name) === culprit && fault!.callersMeet !== null) ||
        (part === culprit && fault!.says(part, world, random)?.boots !== true);
      if (!isBroken && random.chance(0.6)) say(part, Math.max(upAt.get(name)!, upAt.get(part.name)!) + 0.3, [words(part).joined(name)]);
    }
  for (let at = 4; at < seconds; at += random.between(0.6, 1.6)) ask(world.parts[0]!, at);
  const services = world.parts.map(({ name, port }) => ({ name, addresses: [addresses.get(name)!.split(':')[0]!], ports: [port] }));
  return book.folder({ name: seed, alertAt: beganAt + seconds * 1000, services });
}

export function startupCases(): Case[] {
  return systems.flatMap((world) =>
    [...faults, null].map((fault): Case => {
      const seed = `${world.name}/${fault?.name ?? 'calm'}`;
      const candidates = world.parts.slice(1).filter((part) => fault?.fits(part, world));
      const culprit = fault === null ? null : seeded(`pick/${seed}`).pick(candidates);
      return {
        set: `two ${fault === null ? 'calm start-ups' : 'start-ups'}`,
        half: world.half,
        truth: { services: culprit === null ? [] : [culprit.name], fault: fault?.name ?? 'none', changeService: null },
        affected: null,
        read: () => tell(world, fault, culprit, seed),
      };
    }),
  );
}

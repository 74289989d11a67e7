/**
 * The built-in stand-in for Slack: a Web API, Socket Mode, and people to talk to, strict enough that a Bolt app cannot tell.
 * A program of its own that imports nothing else from src, so that it cannot cheat.
 *
 * Start it on a port of its own, point Bolt at it, drive it:
 *
 *   const workspace = createWorkspace({ manifest });                       // in memory, or { persistence: sqlitePersistence(file) }
 *   const server = await startWorkspaceServer({ workspace, port: 0 });     // server.ts
 *   // Bolt: slackApiUrl = server.apiUrl, token = workspace.tokens.bot, appToken = workspace.tokens.app
 *
 *   const debug = workspace.channelNamed('debug');
 *   workspace.say({ user: 'ana', channel: 'debug', text: 'hi <@U0TRACE>' });        // app_mention and message.channels
 *   await workspace.command('ana', { channel: 'debug' }, '/tracepulse help');       // resolves when acknowledged, or after 3 s
 *   await workspace.click('ana', { channel: debug.id, ts }, { actionId: 'hypothesis_confirm' });
 *   await workspace.submit('ana', { reason: 'wrong service' });                     // the modal open in front of ana
 *   workspace.messages('debug'); workspace.views('ana'); workspace.refusals();      // what stands where; what Slack would refuse
 *   workspace.subscribe((change) => …);                                             // everything, live
 *   workspace.faults.inject('chat.postMessage', { kind: 'rate_limited', retryAfterSeconds: 1 });
 *   workspace.refreshSockets(); workspace.cutSockets(); workspace.pause();
 *
 * People and channels are named by id or name. Acts that Slack's client would not let happen throw `Refused`.
 * `handle(request)` serves the Web API without any port; Socket Mode sockets come in through `connect` (see server.ts).
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { type Clock, systemClock } from './clock.ts';
import type { Core } from './core.ts';
import { createFaults } from './faults.ts';
import { handleRequest } from './http.ts';
import { defaultManifest, readManifest } from './manifest.ts';
import { createPeople } from './people/people.ts';
import { inMemory, type Persistence } from './persistence.ts';
import { createRates } from './rates.ts';
import type { Channel, Person } from './records.ts';
import type { Refusal } from './refused.ts';
import type { Installation } from './slack-json.ts';
import { type Socket, SocketHub, type Wire } from './socket-hub.ts';
import { Store, type WorkspaceChange } from './store.ts';
import { createTroubles } from './troubles.ts';

export interface WorkspaceOptions {
  /** A Slack manifest; without one the workspace knows TracePulse's. */
  readonly manifest?: unknown;
  /** Whether the optional scopes of the manifest were granted too; not by default. */
  readonly grantOptionalScopes?: boolean;
  readonly persistence?: Persistence;
  readonly clock?: Clock;
  /** Names of people; ana, ben, chris and dana by default. */
  readonly people?: readonly string[];
  /** Public channels, and whether the app has been invited; `debug` with it and `general` without by default. */
  readonly channels?: readonly { readonly name: string; readonly hasApp: boolean; readonly isPrivate?: boolean }[];
  /** User groups: members by the group's id; none by default. */
  readonly groups?: Readonly<Record<string, readonly string[]>>;
  /** Random ones by default. */
  readonly tokens?: { readonly bot: string; readonly app: string };
  /** Where the workspace is reached; a server sets it when it listens. */
  readonly origin?: string;
}

export type Workspace = ReturnType<typeof createWorkspace>;

const defaultPeople = ['ana', 'ben', 'chris', 'dana'];
const defaultChannels = [
  { name: 'debug', hasApp: true },
  { name: 'general', hasApp: false },
];
const maxRefusals = 500;

export function createWorkspace(options: WorkspaceOptions = {}) {
  const listeners = new Set<(change: WorkspaceChange) => void>();
  const refusals: Refusal[] = [];
  const persistence = options.persistence ?? inMemory;
  let origin = options.origin ?? 'http://workspace.invalid';

  const core = createCore(
    options,
    persistence,
    () => origin,
    (change) => {
      if (change.kind === 'refusal') refusals.push(change.refusal);
      if (refusals.length > maxRefusals) refusals.shift();
      for (const listener of listeners) listener(change);
    },
  );
  populate(core, options);
  const troubles = createTroubles(core);

  return {
    ...createPeople(core),
    ...troubles,
    app: core.app,
    tokens: core.tokens,
    faults: core.faults,
    origin: (): string => origin,
    setOrigin(url: string): void {
      origin = url;
    },
    /** The Web API, response URLs, uploads and files. Throws ConnectionDropped where an answer is to be lost. */
    async handle(request: Request): Promise<Response> {
      await troubles.awaitResume();
      return handleRequest(core, request);
    },
    /** Spends the ticket of a Socket Mode URL; false: refuse the connection. */
    admits: (ticket: string): boolean => core.sockets.admits(ticket),
    connect: (wire: Wire): Socket => core.sockets.connect(wire),
    /** What Slack refused, oldest first: method, code, reasons and what was sent. */
    refusals: (): readonly Refusal[] => [...refusals],
    clearRefusals(): void {
      refusals.length = 0;
    },
    subscribe(listener: (change: WorkspaceChange) => void): () => void {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    /** Retention: threads nobody has written to since then (milliseconds since the epoch) go, with their files. */
    forgetBefore: (at: number): number => core.store.forgetBefore(String(at / 1000)),
    close(): void {
      listeners.clear();
      persistence.close?.();
    },
  };
}

function createCore(
  options: WorkspaceOptions,
  persistence: Persistence,
  origin: () => string,
  announce: (change: WorkspaceChange) => void,
): Core {
  const clock = options.clock ?? systemClock;
  const app = install(options, origin);
  return {
    clock,
    app,
    store: new Store(persistence, clock, announce),
    sockets: new SocketHub(clock, app.appId, randomUUID, (connections) => announce({ kind: 'sockets', connections })),
    faults: createFaults(),
    rates: createRates(clock),
    triggers: new Map(),
    responseUrls: new Map(),
    uploads: new Map(),
    groups: new Map(Object.entries(options.groups ?? {})),
    // Drawn anew for each run: the port is on loopback, where every local program could otherwise speak as the app.
    tokens: { ...(options.tokens ?? { bot: `xoxb-${randomUUID()}`, app: `xapp-${randomUUID()}` }), isRevoked: false },
    randomId: randomUUID,
    newId: (prefix) => prefix + Array.from(randomBytes(10), (byte) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'[byte % 36]).join(''),
    refuse: (refusal) => announce({ kind: 'refusal', refusal: { at: clock.now(), ...refusal } }),
  };
}

function install(options: WorkspaceOptions, origin: () => string): Installation {
  const definition = readManifest(options.manifest ?? defaultManifest, options.grantOptionalScopes ?? false);
  return {
    ...definition,
    teamId: 'T0WORK',
    teamName: 'Workspace',
    domain: 'workspace',
    appId: 'A0TRACE',
    botId: 'B0TRACE',
    botUser: 'U0TRACE',
    origin,
  };
}

/** People and channels of a fresh workspace; one restored from disk keeps what it has. */
function populate(core: Core, options: WorkspaceOptions): void {
  const { store, app } = core;
  const names = options.people ?? defaultPeople;
  const everybody: readonly Person[] = [
    ...names.map((name) => ({
      id: `U0${name.toUpperCase()}`,
      name,
      realName: name[0]?.toUpperCase() + name.slice(1),
      email: `${name}@example.com`,
      isBot: false,
      tz: 'Etc/UTC',
      tzOffsetSeconds: 0,
    })),
    { id: app.botUser, name: app.botName, realName: app.name, email: '', isBot: true, tz: 'Etc/UTC', tzOffsetSeconds: 0 },
  ];
  for (const person of everybody) if (store.person(person.id) === undefined) store.putPerson(person);
  const people = everybody.filter((person) => !person.isBot).map((person) => person.id);
  for (const { name, hasApp, ...rest } of options.channels ?? defaultChannels) {
    if (store.channels().some((channel) => channel.name === name)) continue;
    const channel: Channel = {
      id: `C0${name.toUpperCase().replace(/[^A-Z0-9]/g, '')}`,
      name,
      kind: 'isPrivate' in rest && rest.isPrivate === true ? 'private' : 'public',
      members: hasApp ? [...people, app.botUser] : people,
      isArchived: false,
      topic: '',
      creator: people[0] ?? app.botUser,
      createdAt: core.clock.now(),
    };
    store.putChannel(channel);
  }
}

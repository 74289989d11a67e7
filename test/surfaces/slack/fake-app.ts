/** The verbs of the product over plain arrays: what was asked of it can be read back, what it knows is handed in. */
import type { Answer, App, IncidentDetail, Step, VoteRequest } from '../../../src/app.ts';
import { Failure } from '../../../src/domain/failure.ts';
import { tallies, type Vote } from '../../../src/domain/feedback.ts';
import { statisticsOf } from '../../../src/domain/statistics.ts';
import type { Receipt } from '../../../src/domain/report.ts';
import type { TicketForm } from '../../../src/domain/ticket-wish.ts';
import { emptyMap, type ServiceMap } from '../../../src/domain/service-map.ts';
import type { InboxEntry } from '../../../src/ports.ts';
import { at, card, incident } from '../../adapters/sinks/slack/cards.ts';

export type Said = Parameters<App['say']>[0];

export type Done =
  | ({ readonly verb: 'resolve' } & Parameters<App['resolve']>[0])
  | ({ readonly verb: 'note' } & Parameters<App['note']>[0])
  | ({ readonly verb: 'mute' } & Parameters<App['mute']>[0])
  | ({ readonly verb: 'unmute' } & Parameters<App['unmute']>[0]);

export interface FakeApp {
  readonly app: App;
  readonly accepted: InboxEntry[];
  readonly finished: string[];
  readonly votes: (VoteRequest & { readonly at: number })[];
  readonly investigated: Parameters<App['investigate']>[0][];
  readonly asked: Parameters<App['ask']>[0][];
  readonly said: Said[];
  readonly rated: Parameters<App['rate']>[0][];
  /** Steps that the next questions tell of before they are answered; a function is called in between. */
  readonly steps: (Step | (() => unknown))[];
  /** Acts, in order. */
  readonly done: Done[];
  readonly receipts: Receipt[];
  readonly ticketsAsked: Parameters<App['openTicket']>[0][];
  /** The next call of this verb throws. */
  failNext(verb: 'accept' | 'vote' | 'ask' | 'investigate' | 'openTicket' | Done['verb'], error: unknown): void;
  /** What the worker does with an entry that was never finished. */
  replay(entry: InboxEntry): Promise<void>;
}

export interface FakeAppOptions {
  readonly services?: readonly string[];
  readonly edges?: ServiceMap['edges'];
  readonly now?: () => number;
  readonly onSay?: (message: Said) => Promise<void>;
  /** A tracker is connected, and the card has its button. */
  readonly ticketForm?: TicketForm;
}

export function fakeApp(options: FakeAppOptions = {}): FakeApp {
  const { services = [], edges = [], now = Date.now, onSay } = options;
  const accepted: InboxEntry[] = [];
  const finished: string[] = [];
  const votes: FakeApp['votes'] = [];
  const investigated: FakeApp['investigated'] = [];
  const asked: FakeApp['asked'] = [];
  const said: Said[] = [];
  const rated: FakeApp['rated'] = [];
  const steps: FakeApp['steps'] = [];
  const done: Done[] = [];
  const receipts: Receipt[] = [];
  const ticketsAsked: FakeApp['ticketsAsked'] = [];
  let ticketForm = options.ticketForm ?? null;
  const failures = new Map<string, unknown>();
  const handlers = new Map<string, (entry: InboxEntry) => Promise<void>>();
  const map: ServiceMap = {
    services: services.map((name) => ({ name, kind: 'service', firstSeenAt: at, lastSeenAt: at, versions: [], instances: [] })),
    edges,
  };
  const trip = (verb: string): void => {
    const error = failures.get(verb);
    failures.delete(verb);
    if (error !== undefined) throw error;
  };
  const stored = (): Vote[] => votes.map((vote, i) => ({ id: `v${i}`, service: 'payment', actualService: null, note: null, ...vote }));
  const detail = (): IncidentDetail => {
    const base = card();
    return { card: { ...base, tallies: tallies(stored()) }, receipts, votes: stored() };
  };
  const answer: Answer = { text: 'Changes that I know of:', lines: ['10:00:00Z release payment v2 <b>'], sources: ['e1', 'github'] };
  const app: App = {
    receive: notHere,
    hasFormat: () => false,
    verifier: () => null,
    ingest: notHere,
    isTelemetryShutOut: () => false,
    takeLogs: notHere,
    forget: notHere,
    incidents: async () => ({ incidents: [detail()], next: null }),
    incident: async (id) => (id === 'INC-12' ? detail() : null),
    context: async (id) => (id === 'INC-12' ? (card().report?.context ?? null) : null),
    logs: async () => ({ lines: [], gaps: [] }),
    trace: async () => ({ spans: [], gaps: [] }),
    changes: async () => ({ changes: [], gaps: [] }),
    similar: async () => null,
    map: async () => (services.length === 0 ? emptyMap : map),
    status: async () => ({
      openIncidents: 1,
      deadLetters: 0,
      telemetry: {
        spans: 1_200,
        logs: 30,
        points: 1,
        bytes: 5_000_000,
        oldestAt: at,
        newestAt: at + 60_000,
        dropped: { spans: 0, logs: 2, points: 0 },
        duplicates: 0,
      },
      services: services.length,
      edges: edges.length,
      connections: [
        { id: 'slack', port: 'sink', state: 'on', detail: '' },
        { id: 'loki', port: 'log-source', state: 'off', detail: 'set LOKI_URL to turn it on' },
      ],
      startedAt: at - 3_600_000,
    }),
    async vote(request) {
      trip('vote');
      votes.push({ ...request, at: now() });
      return detail();
    },
    async note(request) {
      done.push({ verb: 'note', ...request });
    },
    async resolve(request) {
      trip('resolve');
      done.push({ verb: 'resolve', ...request });
      return true;
    },
    async mute(request) {
      trip('mute');
      done.push({ verb: 'mute', ...request });
      return 1;
    },
    async unmute(request) {
      trip('unmute');
      done.push({ verb: 'unmute', ...request });
      return 1;
    },
    mutes: async () => new Map(),
    acts: async () => [],
    statistics: async () => statisticsOf([], at),
    deadLetters: async () => [],
    replay: async () => [],
    async investigate(request) {
      trip('investigate');
      investigated.push(request);
      return incident({ id: 'INC-13', title: `Look at ${request.subject}` });
    },
    async ask(request) {
      trip('ask');
      const { tell, ...question } = request;
      asked.push(question);
      for (const step of steps.splice(0)) {
        if (typeof step === 'function') await step();
        else tell?.(step);
      }
      return answer;
    },
    async rate(request) {
      rated.push(request);
    },
    ticketForm: async () => ticketForm,
    async openTicket(request) {
      trip('openTicket');
      ticketsAsked.push(request);
      const before = ticketForm?.ticket ?? { state: 'none' };
      if (ticketForm !== null) ticketForm = { ...ticketForm, ticket: { state: 'asked' } };
      return before;
    },
    incidentAt: async (sink, channel, messageId) =>
      receipts.find((r) => r.sink === sink && r.channel === channel && r.messageId === messageId)?.incidentId ?? null,
    async say(message) {
      if (said.some((earlier) => earlier.id === message.id)) return;
      said.push(message);
      await onSay?.(message);
    },
    async accept(entry) {
      trip('accept');
      if (accepted.some((earlier) => earlier.id === entry.id)) return false;
      accepted.push(structuredClone(entry));
      return true;
    },
    finish: async (id) => void finished.push(id),
    onInbox: (kind, handle) => void handlers.set(kind, handle),
    readiness: async () => ({ ready: true, problems: ['slack:#debug: slack: post a reply (rejected): the app is not in the channel'] }),
    counters: () => new Map(),
  };
  return {
    app,
    accepted,
    finished,
    votes,
    investigated,
    asked,
    said,
    rated,
    steps,
    done,
    receipts,
    ticketsAsked,
    failNext: (verb, error) => void failures.set(verb, error),
    replay: async (entry) => handlers.get(entry.kind)?.(entry),
  };
}

async function notHere(): Promise<never> {
  throw new Failure('rejected', 'test', 'use a verb that Slack never calls');
}

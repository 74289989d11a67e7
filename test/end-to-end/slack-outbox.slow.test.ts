/**
 * Ten thousand messages to fifty channels through the outbox, into a workspace as strict as Slack, with its rates, refusals,
 * faults and lost answers, while both connections are refreshed twice and people type commands, under a clock that is moved: every card ends in its final state, none twice, none lost, and no
 * call is made faster than Slack allows. OUTBOX_MESSAGES takes another size.
 */
import { describe, expect, it } from 'vitest';
import manifest from '../../manifest.json' with { type: 'json' };
import { createSqliteLedger } from '../../src/adapters/ledgers/sqlite.ts';
import { slack } from '../../src/adapters/sinks/slack/slack.ts';
import type { Incident } from '../../src/domain/incident.ts';
import { createDeliverer } from '../../src/pipeline/deliver.ts';
import type { LedgerChange } from '../../src/ports.ts';
import { slackSurface } from '../../src/surfaces/slack/slack.ts';
import { manualClock } from '../../src/workspace/clock.ts';
import type { Call, Fault } from '../../src/workspace/faults.ts';
import { startWorkspaceServer } from '../../src/workspace/server.ts';
import { createWorkspace, type Workspace } from '../../src/workspace/workspace.ts';
import { anIncident } from '../adapters/ledgers/samples.ts';
import { fakeApp } from '../surfaces/slack/fake-app.ts';
import { eventually } from '../workspace/bolt.ts';
import { seeded } from '../accuracy/random.ts';

const messages = Number(process.env['OUTBOX_MESSAGES'] ?? 10_000);
const channels = Array.from({ length: 50 }, (_, i) => `room-${i}`);
const start = Date.parse('2026-03-01T12:00:00Z');
const shares = { limited: 0.05, broken: 0.02, lost: 0.01 } as const;
const log = { debug() {}, info() {}, warn() {}, error() {} };
/** When both connections are refreshed. */
const refreshesAt = [90_000, 420_000];
/** Simulated; what is not done by then never will be. */
const deadlineMs = 12 * 3_600_000;

/** Of ten messages three are new cards, six are changes of one, one is an answer in its thread. */
interface Planned {
  readonly atMs: number;
  readonly change: (now: number) => LedgerChange;
}

function plan(): { steps: Planned[]; incidents: number; texts: number } {
  const incidents = Math.round(messages * 0.3);
  const texts = messages - incidents * 3;
  const steps: Planned[] = [];
  for (let i = 1; i <= incidents; i++) {
    const channel = channels[i % channels.length]!;
    const card = (now: number, priority: 0 | 2) => ({
      id: `card:INC-${i}:slack:${channel}`,
      sink: 'slack',
      channel,
      incidentId: `INC-${i}`,
      content: { kind: 'card' as const },
      priority,
      dueAt: now,
    });
    const incident = (revision: number, over: Partial<Incident>): Incident =>
      anIncident(`INC-${i}`, { title: `Alarm ${i}, word ${revision}`, alertAt: start, openedAt: start, revision, ...over });
    steps.push({ atMs: 0, change: (now) => ({ incidents: [incident(1, {})], outbox: [card(now, 0)] }) });
    steps.push({ atMs: 60_000, change: (now) => ({ incidents: [incident(2, { severity: 'info' })], outbox: [card(now, 2)] }) });
    steps.push({
      atMs: 600_000,
      change: (now) => ({ incidents: [incident(3, { state: 'resolved', resolvedAt: start + 600_000 })], outbox: [card(now, 2)] }),
    });
  }
  for (let i = 0; i < texts; i++) {
    const channel = channels[i % channels.length]!;
    const content = { kind: 'text' as const, text: `Answer ${i}`, threadId: null };
    const entry = { id: `answer:${i}`, sink: 'slack', channel, incidentId: null, content, priority: 1 as const };
    steps.push({ atMs: (i * 600_000) / texts, change: (now) => ({ outbox: [{ ...entry, dueAt: now }] }) });
  }
  return { steps: steps.sort((a, b) => a.atMs - b.atMs), incidents, texts };
}

/** The shares of the calls that fail, each in its way; drawn by a seed. */
function faults() {
  const { next } = seeded('outbox');
  const met = { limited: 0, broken: 0, lost: 0 };
  const rule = ({ method }: Call): Fault | null => {
    if (!method.startsWith('chat.') && !method.startsWith('conversations.')) return null;
    const drawn = next();
    if (drawn < shares.limited) {
      met.limited++;
      return { kind: 'rate_limited', retryAfterSeconds: 1 + Math.floor(next() * 4) };
    }
    if (drawn < shares.limited + shares.broken) {
      met.broken++;
      return { kind: 'server_error', status: 503 };
    }
    if (drawn < shares.limited + shares.broken + shares.lost) {
      met.lost++;
      return { kind: 'lost_answer' };
    }
    return null;
  };
  return { rule, met };
}

describe('the outbox into Slack', () => {
  it(`brings ${messages} messages to ${channels.length} channels, each card once and in its final state, never above the rate`, async () => {
    const clock = manualClock(start);
    const workspace = createWorkspace({ manifest, clock, channels: channels.map((name) => ({ name, hasApp: true })) });
    workspace.faults.limitRates(true);
    const { rule, met } = faults();
    const calls = new Map<string, number[]>();
    workspace.faults.setRule((call) => {
      const key = call.method === 'chat.postMessage' ? `${call.method} ${call.channel}` : call.method;
      calls.set(key, [...(calls.get(key) ?? []), clock.now()]);
      return rule(call);
    });
    const ledger = createSqliteLedger({ file: ':memory:', now: clock.now });
    const fetch = ((url: string, init: RequestInit) => workspace.handle(new Request(url, init))) as typeof globalThis.fetch;
    const environment = { SLACK_BOT_TOKEN: workspace.tokens.bot, SLACK_API_URL: 'http://workspace.invalid/api/' };
    const sink = slack.create(slack.settings.parse(environment), { fetch, now: clock.now, log });
    const sinks = new Map([['slack', sink]]);
    const deliverer = createDeliverer({ ledger, sinks, now: clock.now, log, count() {}, redactDeep: (value) => ({ value }) });

    const people = await connect(workspace);
    const { steps, incidents, texts } = plan();
    const left = [...steps].reverse();
    while (clock.now() < start + deadlineMs) {
      for (let step = left.at(-1); step !== undefined && start + step.atMs <= clock.now(); step = left.at(-1)) {
        left.pop();
        await ledger.commit(step.change(clock.now()));
      }
      while (await deliverer.runDue());
      if (clock.now() >= start + (refreshesAt[people.refreshes()] ?? Number.POSITIVE_INFINITY)) await people.refresh();
      const due = await ledger.nextDueAt();
      if (due === null && left.length === 0) break;
      const next = Math.min(due ?? Number.POSITIVE_INFINITY, start + (left.at(-1)?.atMs ?? Number.POSITIVE_INFINITY));
      clock.advance(Math.max(50, next - clock.now()));
    }

    const posted = channels.flatMap((channel) => workspace.messages(channel));
    const cards = posted.filter(({ metadata }) => (metadata as { event_type?: string } | null)?.event_type === 'tracepulse_incident');
    const answers = posted.filter(({ metadata }) => (metadata as { event_type?: string } | null)?.event_type === 'tracepulse_text');
    const ids = cards.map(({ metadata }) => (metadata as { event_payload: { incident_id: string } }).event_payload.incident_id);
    const faster = fasterThanAllowed(calls);
    process.stdout.write(
      `${messages} messages, ${channels.length} channels: ${cards.length} cards and ${answers.length} answers stand after ${Math.round((clock.now() - start) / 60_000)} min of the moved clock; ` +
        `${[...calls.values()].flat().length} calls, of which ${met.limited} met 429, ${met.broken} 503, ${met.lost} lost their answer; ${faster.length} faster than allowed\n`,
    );
    expect(await ledger.nextDueAt()).toBeNull();
    expect([ids.length, new Set(ids).size]).toEqual([incidents, incidents]);
    expect(cards.filter(({ text }) => !text.includes('word 3')).map(({ text }) => text)).toEqual([]);
    expect([answers.length, new Set(answers.map(({ text }) => text)).size]).toEqual([texts, texts]);
    expect([people.refreshes(), people.typed, people.taken()]).toEqual([refreshesAt.length, people.typed, people.typed]);
    expect(Math.min(met.limited, met.broken, met.lost)).toBeGreaterThan(0);
    expect(faster).toEqual([]);
    await people.stop();
    await ledger.close();
  }, 600_000);
});

/** The surface on two connections of its own. */
async function connect(workspace: Workspace) {
  const server = await startWorkspaceServer({ workspace });
  const { app, accepted } = fakeApp();
  let ahead = 0;
  const environment = { SLACK_BOT_TOKEN: workspace.tokens.bot, SLACK_APP_TOKEN: workspace.tokens.app, SLACK_API_URL: server.apiUrl };
  const tools = { fetch: globalThis.fetch, now: () => Date.now() + ahead, log };
  const surface = slackSurface.create(slackSurface.settings.parse(environment), tools)(app);
  await surface.start();
  await eventually(server, () => (surface.connected() === 2 ? true : undefined));
  let refreshes = 0;
  const people = {
    typed: 0,
    taken: () => accepted.length,
    refreshes: () => refreshes,
    async type() {
      const channel = channels[people.typed++ % channels.length]!;
      expect(await workspace.command('ana', { channel }, '/tracepulse help')).toEqual({ ok: true });
    },
    /** The warning; ten seconds later, as the clock moves on, Slack sends both away. */
    async refresh() {
      refreshes++;
      ahead += 60_000;
      workspace.refreshSockets('all', 'warning');
      for (let i = 0; i < 5; i++) await people.type();
      await eventually(server, () => (workspace.connections() === 4 ? true : undefined));
      for (let i = 0; i < 5; i++) await people.type();
      await eventually(server, () => (workspace.connections() === 2 ? true : undefined));
      for (let i = 0; i < 5; i++) await people.type();
    },
    async stop() {
      await surface.stop();
      await server.stop();
    },
  };
  return people;
}

/** Slack's own numbers: a message a second and channel, tiers by the minute for the rest. */
const tiers: Readonly<Record<string, number>> = {
  'chat.update': 50,
  'conversations.history': 50,
  'conversations.replies': 50,
  'conversations.list': 20,
  'chat.getPermalink': 100,
};

function fasterThanAllowed(calls: ReadonlyMap<string, readonly number[]>): string[] {
  return [...calls].flatMap(([key, times]) => {
    const [most, withinMs] = key.startsWith('chat.postMessage') ? [1, 1_000] : [tiers[key] ?? 50, 60_000];
    const over = times.filter((at, i) => i >= most && at - times[i - most]! < withinMs);
    return over.length === 0 ? [] : [`${key}: ${over.length} times`];
  });
}

/**
 * Everybody who sends: monitoring tools that try again until they are answered, exporters that do not, and people who press
 * buttons. Drawn by a seed; what was promised to each is kept, to be held against what became of it.
 */
import type { Random } from '../accuracy/random.ts';
import { anySending, ending, lokiPush, type Sending, traces } from './alerts.ts';
import type { World } from './world.ts';

export interface Promised {
  /** Incident ids by the marker of each alert that was answered with success; null where the answer names none. */
  readonly alerts: ReadonlyMap<string, string | null>;
  /** By incident: ends of alerts that were taken; an incident counts them as well. */
  readonly endings: ReadonlyMap<string, number>;
  /** Presses that were acknowledged. */
  readonly presses: readonly { readonly incidentId: string; readonly person: string; readonly what: 'confirm' | 'ticket' }[];
  readonly requests: number;
  readonly unanswered: number;
  /** Answers by status. */
  readonly statuses: ReadonlyMap<number, number>;
}

export interface Load {
  readonly promised: Promised;
  /** Nothing new begins; resolves once every alert that was begun has been taken. */
  end(): Promise<void>;
}

const answerWithinMs = 5_000;
const againAfterMs = 150;
/** A new service appears so often; each is an incident of its own. */
const newServiceMs = 4_000;
const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

export function startLoad(world: World, url: string, random: Random): Load {
  const alerts = new Map<string, string | null>();
  const endings = new Map<string, number>();
  const presses: Promised['presses'][number][] = [];
  const statuses = new Map<number, number>();
  const begunAt = Date.now();
  let [requests, unanswered, serial, isOver] = [0, 0, 0, false];

  const post = async (path: string, body: unknown): Promise<Response | null> => {
    requests++;
    try {
      const answer = await fetch(`${url}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(answerWithinMs),
      });
      statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
      return answer;
    } catch {
      unanswered++;
      return null;
    }
  };

  /** As Alertmanager does: again until somebody says that it was taken. */
  async function deliver({ path, body, markers }: Sending): Promise<readonly string[]> {
    for (;;) {
      const answer = await post(path, body);
      if (answer !== null && answer.status >= 400 && answer.status < 500)
        throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
      if (answer?.ok) {
        const text = await answer.text().catch(() => null);
        const ids = text === null || text === '' ? [] : ((JSON.parse(text) as { ids?: string[] }).ids ?? []);
        // Cut in the middle of the answer: not known to be taken, so it is sent again.
        if (text !== null) {
          for (const [i, marker] of markers.entries()) alerts.set(marker, ids[i] ?? null);
          return ids;
        }
      }
      await sleep(againAfterMs);
    }
  }

  const serviceNow = () => `service-${Math.floor(random.between(Math.max(0, newest() - 3), newest() + 1))}`;
  const newest = () => Math.floor((Date.now() - begunAt) / newServiceMs);
  const alarm = () => {
    const service = serviceNow();
    const marker = `m${++serial}-${random.hex(6)}`;
    return {
      marker,
      service,
      severity: Number(service.slice(8)) % 3 === 0 ? ('critical' as const) : ('warning' as const),
      startsAt: Date.now(),
    };
  };

  async function tool(): Promise<void> {
    while (!isOver) {
      const sending = anySending(random, alarm);
      await deliver(sending);
      const end = random.chance(0.15) ? ending(sending) : null;
      for (const id of end === null ? [] : await deliver(end)) endings.set(id, (endings.get(id) ?? 0) + 1);
      await sleep(random.between(100, 500));
    }
  }

  async function exporter(): Promise<void> {
    while (!isOver) {
      const service = serviceNow();
      await post('/v1/traces', traces(random, service, Date.now()));
      await post('/loki/api/v1/push', lokiPush(service, Date.now(), `connection refused after ${random.whole(1, 900)} ms`));
      await sleep(150);
    }
  }

  async function person(name: string): Promise<void> {
    while (!isOver) {
      await sleep(random.between(200, 600));
      const press = anyPress(world, random);
      if (press === null) continue;
      try {
        const act = await world.workspace.click(name, press.at, { actionId: press.actionId, blockId: press.blockId });
        if (!act.ok) continue;
        if (press.actionId === 'hypothesis_confirm') presses.push({ incidentId: press.incidentId, person: name, what: 'confirm' });
        else await ask(name, press.incidentId);
      } catch (error) {
        // The message changed between the look and the press: the person sees that and presses something else.
        if (!(error instanceof Error) || error.name !== 'Refused') throw error;
      }
    }
  }

  /** The form opens with the same connection or not at all. One that an earlier press brings late is not this one. */
  async function ask(name: string, incidentId: string): Promise<void> {
    const isOpen = () => String(world.workspace.views(name).at(-1)?.view['private_metadata']).includes(JSON.stringify(incidentId));
    for (let wait = 0; wait < 10 && !isOpen(); wait++) await sleep(50);
    if (!isOpen()) return;
    const { ok } = await world.workspace.submit(name);
    if (ok) presses.push({ incidentId, person: name, what: 'ticket' });
    else await world.workspace.dismiss(name).catch(() => {});
  }

  const running = [tool(), tool(), tool(), exporter(), person('ana'), person('ben')];
  // Heard of at the end, and not as an unhandled rejection before it.
  for (const one of running) one.catch(() => {});
  return {
    promised: {
      alerts,
      endings,
      presses,
      statuses,
      get requests() {
        return requests;
      },
      get unanswered() {
        return unanswered;
      },
    },
    async end() {
      isOver = true;
      await Promise.all(running);
    },
  };
}

interface Press {
  readonly at: { readonly channel: string; readonly ts: string };
  readonly actionId: string;
  readonly blockId: string;
  readonly incidentId: string;
}

/** A button that stands under some card. */
function anyPress({ workspace }: World, random: Random): Press | null {
  const cards = workspace.messages('debug').filter(({ metadata }) => metadata?.['event_type'] === 'tracepulse_incident');
  if (cards.length === 0) return null;
  const card = random.pick(cards.slice(-6));
  const incidentId = (card.metadata as { event_payload: { incident_id: string } }).event_payload.incident_id;
  const buttons = (card.blocks as readonly { block_id?: string; elements?: readonly { action_id?: string }[] }[]).flatMap(
    ({ block_id: blockId = '', elements = [] }) =>
      elements.flatMap(({ action_id: actionId = '' }) =>
        ['hypothesis_confirm', 'jira_create'].includes(actionId) ? [{ actionId, blockId }] : [],
      ),
  );
  return buttons.length === 0 ? null : { ...random.pick(buttons), at: { channel: card.channel, ts: card.ts }, incidentId };
}

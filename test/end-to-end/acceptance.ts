/**
 * The product's main path as a script that prints what it measures: a recorded incident is pushed as OTLP with its times
 * moved to now, its alert is sent, and the channel is watched until the report stands; then its first suspect is rejected.
 *
 *     bun test/end-to-end/acceptance.ts [FOLDER]
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { PageAct, PageHistory, PageMessage, PageState } from '../../src/workspace/page/wire.ts';
import { until } from '../support/patience.ts';
import { movedRecording } from './moved-recording.ts';
import { type RunningProduct, startProduct } from './running-product.ts';

const root = join(import.meta.dirname, '..', '..');
const [given] = process.argv.slice(2);
const recorded = join(root, '..', 'shared', 'incidents', 'tt', 'tt-001');
const folder = given ?? (existsSync(recorded) ? recorded : join(root, 'test', 'scenarios', 'harbour'));
/** What is older than the last minutes is learned as normal every ten seconds; telemetry that comes in one burst must wait for it. */
const learnMs = 11_000;
const lookEveryMs = 20;
/** Long enough for what a verdict sets in motion, and for the ranking that late telemetry asks for. */
const settleMs = 4_000;

const say = (text: string) => void process.stdout.write(`${text}\n`);
const ms = (value: number) => `${Math.round(value)} ms`;

/** The page's wire as its script uses it. */
async function person(url: string) {
  const page = await fetch(`${url}/chat`);
  const cookie = page.headers.get('set-cookie')?.split(';')[0] ?? '';
  await page.arrayBuffer();
  const read = async (path: string): Promise<unknown> => (await fetch(`${url}/chat/api/${path}`, { headers: { cookie } })).json();
  const { channels, csrf } = (await read('state')) as PageState;
  const channel = channels.find(({ name }) => name === 'debug')?.id ?? '';
  return {
    state: async () => (await read('state')) as PageState,
    async card(): Promise<PageMessage | undefined> {
      const { messages } = (await read(`messages?channel=${channel}`)) as PageHistory;
      return messages.findLast(({ isOurs, text }) => isOurs && text.includes('INC-'));
    },
    async act(name: string, body: object): Promise<PageAct> {
      const headers = { cookie, 'content-type': 'application/json', 'x-csrf-token': csrf };
      const response = await fetch(`${url}/chat/api/${name}`, { method: 'POST', headers, body: JSON.stringify(body) });
      return (await response.json()) as PageAct;
    },
  };
}
type Person = Awaited<ReturnType<typeof person>>;

/** What a reader sees, block by block. */
function shown({ blocks }: PageMessage): string {
  const textIn = (value: unknown): string[] => {
    if (typeof value !== 'object' || value === null) return [];
    const { type, text, elements } = value as { type?: string; text?: unknown; elements?: unknown[] };
    if (type === 'button') return [`[${textIn(text).join('')}]`];
    if (typeof text === 'string') return [text.replace(/<!date\^[^|]*\|([^>]*)>/g, '$1')];
    if (Array.isArray(elements)) return [elements.flatMap(textIn).join(type === 'actions' ? ' ' : '\n')];
    return textIn(text);
  };
  return blocks.flatMap(textIn).join('\n').replace(/^/gm, '    ');
}

async function reject(me: Person, card: PageMessage): Promise<void> {
  const buttons = card.blocks.flatMap(
    (block) =>
      (block as unknown as { block_id?: string; elements?: { action_id?: string; value?: string }[] }).elements?.map((element) => ({
        ...element,
        block: (block as unknown as { block_id?: string }).block_id,
      })) ?? [],
  );
  const button = buttons.find(({ action_id }) => action_id === 'hypothesis_reject');
  const pressed = await me.act('click', {
    surface: { channel: card.channel, ts: card.ts },
    click: { actionId: 'hypothesis_reject', blockId: button?.block, value: button?.value },
  });
  if (!pressed.ok) throw new Error(`Reject was not taken: ${JSON.stringify(pressed)}`);
  await until('the modal', async () => (await me.state()).views[0]);
  const sent = await me.act('submit', { inputs: {} });
  if (!sent.ok) throw new Error(`the modal was not taken: ${JSON.stringify(sent)}`);
}

async function run(product: RunningProduct): Promise<void> {
  const me = await person(product.url);
  const recording = movedRecording(folder, Date.now());
  const pushing = performance.now();
  await product.push(recording);
  say(`${recording.name}: ${recording.requests.length} OTLP requests pushed in ${ms(performance.now() - pushing)}`);
  await wait(learnMs);
  const firedAt = performance.now();
  const first = until('the first message', me.card, lookEveryMs).then(() => performance.now() - firedAt);
  const report = until('the report', async () => {
    const card = await me.card();
    return card === undefined || card.text.startsWith('Investigating') ? undefined : { card, afterMs: performance.now() - firedAt };
  });
  const answer = await product.fire(recording);
  say(`alert to ${answer.status}: ${ms(answer.ms)}`);
  say(`alert to first message: ${ms(await first)}`);
  const { card, afterMs } = await report;
  say(`alert to report: ${ms(afterMs)}\n\nThe message in the channel:\n\n    ${card.text}\n\n${shown(card)}\n`);
  const pressedAt = performance.now();
  await reject(me, card);
  await until('the verdict in the card', async () =>
    (await me.card())?.blocks.some((block) => JSON.stringify(block).includes('Rejected by')) ? true : undefined,
  );
  say(`Reject to the card that shows it: ${ms(performance.now() - pressedAt)}`);
  await wait(settleMs);
  const after = await me.card();
  say(`\nThe card after it:\n\n${after === undefined ? '' : shown(after)}`);
}

const product = await startProduct();
try {
  await run(product);
} finally {
  await product.stop();
}
for (const line of product.logged) say(line);
process.exit(0);

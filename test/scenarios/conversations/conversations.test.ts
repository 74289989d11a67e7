/**
 * Recorded conversations, each a file: what people ask, what a model behind a stand-in does with it (what it looks up, in
 * steps, and what it says then), and the answers as they were recorded. `is`: the answer is `told`, or `replaced` by what can
 * be asked. They are replayed through the whole product. Of each answer of a model every figure must stand in what it looked
 * up. `UPDATE_GOLDEN=1` records the answers anew: read their diff.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { openai } from '../../../src/adapters/models/openai/openai.ts';
import { openRecording } from '../../../src/cli/recording.ts';
import { Step } from '../../../src/domain/conversation/step.ts';
import { startOpenai } from '../../stand-ins/openai.ts';
import { testProduct } from '../../support/app.ts';

const folder = fileURLToPath(new URL('.', import.meta.url));
const Look = Step.shape.look.element.partial().required({ tool: true });
const Answer = z.strictObject({ text: z.string(), lines: z.array(z.string()), sources: z.array(z.string()) });
const Conversation = z.strictObject({
  scenario: z.string(),
  about: z.string(),
  isInThread: z.boolean(),
  turns: z.array(
    z.strictObject({
      asks: z.string(),
      /** Absent: the grammar understands it, or there is no model. */
      model: z.array(z.union([z.array(Look), z.string()])).optional(),
      is: z.enum(['told', 'replaced']),
      answer: Answer.optional(),
    }),
  ),
});
type Conversation = z.infer<typeof Conversation>;

const recorded = readdirSync(folder)
  .filter((file) => file.endsWith('.json'))
  .map((file) => ({ file, ...Conversation.parse(JSON.parse(readFileSync(join(folder, file), 'utf8'))) }));

const never = () => {};
const log = { debug: never, info: never, warn: never, error: never };
const ends: (() => Promise<void> | void)[] = [];
afterAll(async () => {
  for (const end of ends.reverse()) await end();
});

const products = new Map<string, Promise<Awaited<ReturnType<typeof start>>>>();
async function start(scenario: string, hasModel: boolean) {
  const recording = openRecording(fileURLToPath(new URL(`../${scenario}`, import.meta.url)));
  const server = await startOpenai();
  const settings = openai.settings.parse({ OPENAI_BASE_URL: server.url, OPENAI_MODEL: 'small-1' });
  const model = openai.create(settings, { fetch: globalThis.fetch, now: () => 0, log });
  const product = testProduct(hasModel ? { model } : {}, recording.alertAt);
  ends.push(product.close, () => server.stop());
  for (const signal of ['traces', 'logs', 'metrics'] as const)
    for (const body of recording.bodies(signal)) await product.app.ingest(signal, body, 'json');
  const delivery = { route: '/webhook/alertmanager', headers: {}, body: recording.alertBody, receivedAt: recording.alertAt };
  const incidentId = (await product.app.receive('alertmanager', delivery)).ids[0] ?? '';
  server.write({ refusal: 'not now' });
  await product.app.settle();
  return { server, app: product.app, incidentId };
}

function productFor({ scenario, turns }: Conversation) {
  const hasModel = turns.some(({ model }) => model !== undefined);
  const key = `${scenario} ${hasModel}`;
  const product = products.get(key) ?? start(scenario, hasModel);
  products.set(key, product);
  return product;
}

/** Our own reading of figures, so that a slip in the product's is seen: every run of digits, whatever stands between. */
const digitsIn = (text: string): string[] => text.match(/\d+/g) ?? [];

async function replay(conversation: Conversation) {
  const { server, app, incidentId } = await productFor(conversation);
  const turns: (Conversation['turns'][number] & { answer: z.infer<typeof Answer>; read: string })[] = [];
  for (const turn of conversation.turns) {
    const before = server.questions().length;
    const steps = (turn.model ?? []).map((step) =>
      JSON.stringify(
        typeof step === 'string'
          ? { look: [], answer: step }
          : { look: step.map((one) => ({ service: null, id: null, contains: null, window: null, ...one })), answer: null },
      ),
    );
    if (steps.length > 0) server.write(...steps);
    const answer = await app.ask({ incidentId: conversation.isInThread ? incidentId : null, text: turn.asks, person: 'slack:U1' });
    const asked = server.questions().slice(before);
    expect(asked, turn.asks).toHaveLength(steps.length);
    // What the model was shown, but for the question itself.
    const shown =
      asked
        .at(-1)
        ?.messages.filter(({ role }) => role === 'user')
        .slice(1) ?? [];
    turns.push({ ...turn, answer: Answer.parse(answer), read: shown.map(({ content }) => content).join('\n') });
  }
  return turns;
}

const invented: string[] = [];
let figures = 0;

describe.each(recorded)('$file', (conversation) => {
  it('is answered as it was recorded, and of no figure that was not looked up', async () => {
    const turns = await replay(conversation);
    if (process.env['UPDATE_GOLDEN'] === '1') {
      const { file, ...rest } = conversation;
      const written = { ...rest, turns: turns.map(({ read: _, ...turn }) => turn) };
      writeFileSync(join(folder, file), `${JSON.stringify(written, null, 2)}\n`);
    }
    for (const { asks, model, is, answer, read } of turns) {
      const isHelp = /did not understand|was of no help/.test(answer.text);
      expect(isHelp, asks).toBe(is === 'replaced');
      if (isHelp) expect(answer.lines.includes('what changed'), asks).toBe(true);
      const said = model?.findLast((step): step is string => typeof step === 'string');
      if (said === undefined) continue;
      if (is === 'told') {
        figures += digitsIn(said).length;
        expect(answer.text, asks).toBe(said);
        expect(
          digitsIn(answer.text).filter((figure) => !digitsIn(read).includes(figure)),
          asks,
        ).toEqual([]);
        expect(answer.sources.length, asks).toBeGreaterThan(1);
      } else {
        invented.push(said);
        expect(JSON.stringify(answer), asks).not.toContain(said);
      }
    }
    expect(turns.map(({ answer }) => answer)).toEqual(conversation.turns.map(({ answer }, i) => answer ?? turns[i]?.answer));
  });
});

it('there are a dozen and more, half of them with a model that makes figures up', () => {
  expect(recorded.length).toBeGreaterThanOrEqual(12);
  expect(recorded.every(({ turns }) => turns.every(({ answer }) => answer !== undefined))).toBe(true);
  expect(invented.length).toBeGreaterThanOrEqual(9);
  process.stdout.write(
    `conversations: ${recorded.length}; ${figures} figures of a model's answers all looked up; ${invented.length} answers with others replaced\n`,
  );
});

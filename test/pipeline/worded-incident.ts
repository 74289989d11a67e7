/** An incident of a recording in the whole product, with a stand-in model to word it, and what that model may write. */
import { join } from 'node:path';
import { afterEach } from 'vitest';
import { openai } from '../../src/adapters/models/openai/openai.ts';
import { openRecording } from '../../src/cli/recording.ts';
import type { IncidentContext } from '../../src/domain/incident-context.ts';
import type { EnginePorts } from '../../src/engine.ts';
import { type StandInModel, startOpenai, type Written } from '../stand-ins/openai.ts';
import { alertBody, delivery, rememberingSink, testProduct } from '../support/app.ts';

export const recording = openRecording(join(import.meta.dirname, '../scenarios/copper'));
const ends: (() => Promise<void> | void)[] = [];

/** To be called once by a file: what each of its tests began ends with it. */
export function endAfterEach(): void {
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });
}

const never = () => {};
const log = { debug: never, info: never, warn: never, error: never };

/** An incident of a recording, with what the model writes; `over` for limits. */
export async function incident(
  server: StandInModel | null,
  over: Partial<EnginePorts> = {},
  prices: Record<string, string> = {},
  alertname = 'ErrorsHigh',
) {
  const settings = { OPENAI_BASE_URL: server?.url ?? '', OPENAI_MODEL: 'small-1', OPENAI_API_KEY: 'k', ...prices };
  const model =
    server === null ? {} : { model: openai.create(openai.settings.parse(settings), { fetch: globalThis.fetch, now: () => 0, log }) };
  // Without a pace, so that every state of the card is sent.
  const memory = rememberingSink();
  const sinks = new Map([['slack', { ...memory.sink, paceMs: 0 }]]);
  const product = { ...testProduct({ sinks, ...model, ...over }, recording.alertAt), memory };
  ends.push(() => product.app.stop().then(product.close));
  for (const signal of ['traces', 'logs'] as const)
    for (const body of recording.bodies(signal)) await product.app.ingest(signal, body, 'json');
  await product.app.age();
  const body = alertBody({ service: 'lobby', startsAt: recording.alertAt, alertname });
  await product.app.receive('alertmanager', delivery('alertmanager', body));
  const context = async () => (await product.app.context('INC-1')) as IncidentContext;
  return { ...product, context };
}

export async function standIn(...written: (Written | (() => Written))[]): Promise<StandInModel> {
  const server = await startOpenai();
  ends.push(() => server.stop());
  if (written.length > 0) server.write(...written);
  return server;
}

/** What the recording's evidence bears. */
export const span = 'eycypgw';
const line = 'e17c44xz';
export const words = (over: object = {}): string =>
  JSON.stringify({
    claims: [
      { text: 'tariffs itself fails with EOFError in 27 of 27 failed requests.', evidence: [span] },
      { text: 'Its log says that a table ends early.', evidence: [line] },
    ],
    alternative: null,
    argument: null,
    ...over,
  });
export const cardsOf = ({ memory }: { memory: ReturnType<typeof testProduct>['memory'] }) =>
  memory.shipped.flatMap((shipment) => (shipment.kind === 'card' && shipment.card.report !== null ? [shipment.card] : []));
/** Everything but words. */
export function rest({ diagnosis: _, timings: __, ...context }: IncidentContext) {
  return context;
}

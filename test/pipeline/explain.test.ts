/**
 * The whole product with a stand-in model that answers: the report comes from the rules at once, words come afterwards and hold
 * or are dropped.
 */
import { describe, expect, it } from 'vitest';
import { renderCard } from '../../src/adapters/sinks/slack/card.ts';
import { promptVersion } from '../../src/domain/diagnosis/prompt.ts';
import { reportMarkdown } from '../../src/domain/report-text.ts';
import type { Ledger } from '../../src/ports.ts';
import type { Model } from '../../src/ports/model.ts';
import { alertBody, delivery } from '../support/app.ts';
import { cardsOf, endAfterEach, incident, recording, rest, span, standIn, words } from './worded-incident.ts';

endAfterEach();

describe('a model that answers', () => {
  it('improves the card in place, which stood before in the words of the rules', async () => {
    const server = await standIn(words());
    const product = await incident(server, {}, { OPENAI_PRICE_INPUT: '1', OPENAI_PRICE_OUTPUT: '2' });
    await product.app.settle();
    await product.pass(2_000);
    const [first, last] = [cardsOf(product)[0]!, cardsOf(product).at(-1)!];
    expect(first.report?.context.diagnosis?.state).toBe('asked');
    const text = (card: typeof first) => JSON.stringify(renderCard(card).blocks);
    expect(text(first)).toMatch(/Worded by the rules; the model is being asked/);
    expect(text(last)).toContain('tariffs itself fails with EOFError in 27 of 27 failed requests. `eycypgw` Its log says');
    expect(text(last)).toMatch(/Worded by small-1 · [\d,]+ tokens · \$0\.\d{4}/);
    expect(rest(last.report!.context)).toEqual(rest(first.report!.context));
    expect(new Set(product.memory.shipped.map((s) => (s.kind === 'card' ? s.receipt?.messageId : ''))).size).toBeLessThanOrEqual(2);
    expect(reportMarkdown(await product.context())).toMatch(/## In words\n\n- tariffs itself fails .* \(eycypgw\)/);
  });

  it('is asked once while its words hold, over all rounds, and its answer is kept', async () => {
    const server = await standIn(words());
    const product = await incident(server);
    await product.pass(70_000);
    expect(server.questions()).toHaveLength(1);
    expect((await product.context()).diagnosis?.state).toBe('written');
    const kept = await product.ledger.inboxSince('model', 0, 10);
    expect(kept).toHaveLength(1);
    expect(kept[0]?.body).toMatchObject({ incidentId: 'INC-1', text: words(), diagnosis: { model: 'small-1', promptVersion } });
    expect(JSON.stringify(kept[0]?.body)).toContain('table <*> ends early');
  });

  it('is asked again where the figures moved on while it wrote', async () => {
    const claim = (count: string) => words({ claims: [{ text: `tariffs itself fails in ${count} failed requests.`, evidence: [span] }] });
    const written = ['27 of 27', '31 of 31'].map(claim);
    let ledger: Ledger | null = null;
    /** A ranking comes in between, with more requests by then. */
    const moveOn = async () => {
      const report = (await ledger?.report('INC-1'))!;
      const { evidence } = report.context;
      const text = evidence[span]!.text.replace('27 of 27', '31 of 31');
      const context = { ...report.context, evidence: { ...evidence, [span]: { ...evidence[span]!, text } } };
      await ledger?.commit({ reports: [{ ...report, context }] });
    };
    const model: Model = {
      async answer({ shape, spent }) {
        await moveOn();
        spent({ input: 100, output: 10 });
        const text = written.shift() ?? '';
        return { value: shape.parse(JSON.parse(text)), text, model: 'small-1' };
      },
      costOf: () => null,
    };
    const product = await incident(null, { model });
    ledger = product.ledger;
    await product.app.settle();
    expect((await product.context()).diagnosis?.state).toBe('asked');
    await product.pass(2_000);
    const { diagnosis } = await product.context();
    expect(diagnosis?.claims.map(({ text }) => text)).toEqual(['tariffs itself fails in 31 of 31 failed requests.']);
    expect(diagnosis?.tokens).toEqual({ input: 200, output: 20 });
    expect(written).toEqual([]);
  });

  it('has what does not stand on evidence dropped and counted', async () => {
    const claims = [...(JSON.parse(words()) as { claims: unknown[] }).claims, { text: 'The database is down.', evidence: ['e0'] }];
    const product = await incident(
      await standIn(words({ claims, alternative: { service: 'vaults', text: 'Perhaps.', evidence: [span] } })),
    );
    await product.app.settle();
    const { diagnosis } = await product.context();
    expect([diagnosis?.claims.length, diagnosis?.alternative, diagnosis?.dropped]).toEqual([2, null, 2]);
  });

  it('reads no secret and is sent to nobody else', async () => {
    const server = await standIn(words());
    const product = await incident(server);
    const secret = 'AKIAIOSFODNN7EXAMPLQ';
    const body = alertBody({ service: 'lobby', startsAt: recording.alertAt, alertname: `aws_access_key_id=${secret}` });
    await product.app.receive('alertmanager', delivery('alertmanager', body));
    await product.app.settle();
    expect(server.questions().length).toBeGreaterThan(0);
    expect(JSON.stringify(server.questions())).not.toContain(secret);
    expect(new Set(server.asked.map(({ url }) => url.pathname))).toEqual(new Set(['/v1/chat/completions']));
  });
});

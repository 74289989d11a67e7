/** A model that refuses, hangs, writes junk or costs too much: the report is there all the same, and says why nobody worded it. */
import { describe, expect, it } from 'vitest';
import { renderCard } from '../../src/adapters/sinks/slack/card.ts';
import type { Written } from '../stand-ins/openai.ts';
import { cardsOf, endAfterEach, incident, recording, rest, standIn, words } from './worded-incident.ts';

endAfterEach();

describe('a model that is of no help breaks nothing', () => {
  const cases: [string, Written, RegExp][] = [
    ['refuses', { refusal: 'I cannot.' }, /it would not answer \(the model refused\)/],
    ['writes junk', '{"claims": [', /its answer was of no use/],
    ['is cut off', { cutOff: words() }, /its answer was of no use \(the answer was cut off\)/],
    ['has no quota', { status: 429, error: { message: 'x', code: 'insufficient_quota' } }, /the quota of its key is used up/],
    ['knows no such model', { status: 404, error: { message: 'x' } }, /it would not answer$/],
    ['cites nothing', words({ claims: [{ text: 'All is well.', evidence: [] }] }), /nothing it said stood on evidence/],
  ];
  it.each(cases)('%s', async (_, written, problem) => {
    const product = await incident(await standIn(written));
    await product.app.settle();
    const [first, context] = [cardsOf(product)[0]!, await product.context()];
    expect(context.diagnosis).toMatchObject({ state: 'failed', claims: [], problem: expect.stringMatching(problem) });
    expect(rest(context)).toEqual(rest(first.report!.context));
    await product.pass(2_000);
    expect(JSON.stringify(renderCard(cardsOf(product).at(-1)!).blocks)).toMatch(/Worded by the rules; no help from the model: /);
  });

  it('hangs, and the report and its card are there all the same', async () => {
    const server = await standIn();
    server.hang();
    const deadline = new AbortController();
    const product = await incident(server, { modelDeadline: () => deadline.signal });
    const settled = product.app.settle();
    while (cardsOf(product).length === 0 || server.asked.length === 0) await new Promise(setImmediate);
    expect(cardsOf(product)[0]?.report?.context.hypotheses[0]?.service).toBe('tariffs');
    deadline.abort();
    await settled;
    expect((await product.context()).diagnosis).toMatchObject({ state: 'failed', problem: 'it did not answer in time' });
    // It has read the question all the same.
    expect((await product.context()).diagnosis?.tokens.input).toBeGreaterThan(1_000);
  });

  it('is not there', async () => {
    const server = await standIn();
    server.stop();
    const product = await incident(server);
    await product.app.settle();
    expect((await product.context()).diagnosis?.problem).toMatch(/cannot be reached/);
  });

  it('and is asked again with the next round, when it may be well', async () => {
    const server = await standIn({ refusal: 'no' }, words());
    const product = await incident(server);
    await product.pass(20_000);
    expect((await product.context()).diagnosis).toMatchObject({ state: 'written' });
    expect(server.questions()).toHaveLength(2);
  });
});

describe('budgets', () => {
  it.each([
    ['a report', { perReport: 3_000, perDay: 1e9 }, /budget of this report is used up/],
    ['a day', { perReport: 1e9, perDay: 3_000 }, /today's budget of 3000 tokens is used up/],
  ])('of %s are kept to before anything is sent', async (_, modelBudget, problem) => {
    const server = await standIn(words());
    const product = await incident(server, { modelBudget });
    await product.app.settle();
    expect((await product.context()).diagnosis?.problem).toMatch(problem);
    expect(server.questions()).toHaveLength(0);
  });

  it('of a day count what was spent on other incidents', async () => {
    const server = await standIn(words());
    const product = await incident(server, { modelBudget: { perReport: 1e9, perDay: 20_000 } });
    const spent = { id: 'diagnosis:INC-0', kind: 'model', body: { spent: { input: 18_000, output: 0 } }, at: recording.alertAt };
    await product.ledger.commit({ inbox: [spent] });
    await product.app.settle();
    expect(server.questions()).toHaveLength(0);
  });
});

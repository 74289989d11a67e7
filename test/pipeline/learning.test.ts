/** Verdicts in the whole product: kept with what the ranking saw, learned from, and told of. */
import { expect, it } from 'vitest';
import type { Vote } from '../../src/domain/feedback.ts';
import { weightsFor } from '../../src/pipeline/learn.ts';
import { statisticsText } from '../../src/surfaces/slack/act-texts.ts';
import { aLearning, anIncident, aReport, at } from '../adapters/ledgers/samples.ts';
import { alertBody, delivery, testProduct } from '../support/app.ts';

const hypothesis = { id: 'h1', service: 'cart', confidence: 0.6, evidence: [], against: [], path: [] };

it('keeps with a verdict what the ranking saw, learns from it and says that it is too little', async () => {
  const { app, ledger, close } = productOf();
  const report = aReport('INC-1', 1);
  const context = { ...report.context, hypotheses: [hypothesis], evidence: {}, gaps: [], ranking: {}, incident: {} } as never;
  await ledger.commit({ incidents: [anIncident('INC-1')], reports: [{ ...report, context, features: { h1: { gone: 2 } } }] });
  await app.vote({ incidentId: 'INC-1', hypothesisId: 'h1', verdict: 'confirm', person: 'slack:U1' });
  expect((await ledger.votes())[0]?.suspects).toEqual([{ service: 'cart', features: { gone: 2 } }]);
  await app.settle();
  expect(await ledger.learning()).toMatchObject({ version: 0, contest: { incidents: 1, people: 1, outcome: 'too few verdicts' } });
  expect(statisticsText(await app.statistics())).toContain(
    'Learned from 1 judged incident of 1 person: the ranking uses its built-in weights. Too few',
  );
  await close();
});

it('ranks with the weights that are live, beside what people said of this very incident', () => {
  const vote = {
    incidentId: 'INC-1',
    hypothesisId: 'h1',
    service: 'cart',
    verdict: 'reject',
    person: 'p',
    at,
    actualService: null,
  } as Vote;
  const weights = weightsFor('INC-1', [vote], aLearning(3));
  expect(weights).toMatchObject({ version: 3, signals: { gone: 0.5 }, leanings: { cart: 0.1 } });
  expect(weights.services['cart']).toBeLessThan(0);
  expect(weightsFor('INC-1', [], aLearning(0)).signals).toEqual({});
});

it('names the set that ranked in the report, and the one that is live in the statistics', async () => {
  const { app, ledger, close } = productOf();
  const learning = aLearning(3);
  await ledger.commit({ learning });
  const { ids } = await app.receive('alertmanager', delivery('/webhook/alertmanager', alertBody({ service: 'cart' })));
  await app.settle();
  expect((await app.context(ids[0] ?? ''))?.ranking.weightsVersion).toBe(3);
  expect(statisticsText(await app.statistics())).toContain('weights no. 3 are live');
  await close();
});

it('says that a set stays a shadow, and why', () => {
  const learning = aLearning(0);
  const onScenarios = { rightLearned: 1, scenarioLoss: { inForce: 0.2, learned: 0.31 } };
  const statistics = {
    sinceAt: at,
    total: {} as never,
    byService: [],
    byWeek: [],
    learning: { ...learning, contest: { ...learning.contest, outcome: 'loses on scenarios' as const, ...onScenarios } },
  };
  expect(statisticsText({ ...statistics, total: { incidents: 0 } as never })).toContain(
    'stays a shadow: it does not do better on the built-in scenarios (1 right of 3, against 3; loss 0.310 against 0.200).',
  );
});

it('says of a shadow how much it gains, and how uncertain that is', () => {
  const learning = aLearning(0);
  const told = { ...learning.contest, outcome: 'loses on past incidents' as const, gain: { mean: 0.004, error: 0.011 } };
  const statistics = { sinceAt: at, total: { incidents: 0 } as never, byService: [], byWeek: [], learning: { ...learning, contest: told } };
  expect(statisticsText(statistics)).toMatch(
    /stays a shadow: on past incidents it is not better by more than chance may make it \(loss .*, a gain of 0\.004 ± 0\.011 a verdict\)/,
  );
});

function productOf() {
  const product = testProduct({}, at + 1_000);
  return { ...product, close: () => product.app.stop() };
}

/** `gate` calls everybody; what it shows most of all is explained by `store`, so that it is not among the listed few. */
import { expect, it } from 'vitest';
import { prepare } from '../../../src/domain/learning/replay.ts';
import { combine, noneLevel } from '../../../src/domain/ranking/combine.ts';
import { hypothesise } from '../../../src/domain/ranking/hypothesise.ts';
import { observe, type Scene } from '../../../src/domain/ranking/scene.ts';
import { finding, Suspicions } from '../../../src/domain/ranking/suspicion.ts';
import { atOnce } from '../../../src/domain/steps.ts';
import { alertAt, inputOf } from './made-metrics.ts';

const callees = ['store', 'ads', 'cart', 'mail', 'tax'];
const halfLearned = 0.5;

function sceneOf(): Scene {
  const scene = atOnce(observe(inputOf([])));
  for (const callee of callees) scene.known.addEdge('gate', callee);
  return { ...scene, baseline: { ...scene.baseline, minutes: 20 }, trust: halfLearned };
}

function suspect(to: Suspicions, service: string, value: number, ordinary: number): void {
  const found = finding({ kind: 'error', source: 'log', subject: 'lines', text: 'fails', at: alertAt, traces: [1, 2], ordinary });
  to.add(service, 'origin', value, [found]);
}

it('keeps how strong "nothing is wrong" was with so little past', () => {
  const suspicions = new Suspicions();
  suspect(suspicions, 'gate', 3, 0);
  for (const [i, callee] of callees.entries()) suspect(suspicions, callee, 2.9 - i / 10, 1);
  const scene = sceneOf();
  const { hypotheses } = hypothesise(scene, combine(scene, suspicions), new Map());
  expect(hypotheses.map(({ service }) => service)).toEqual(callees);
  expect(prepare(hypotheses).none).toBeCloseTo(noneLevel + 0.8 * (1 - halfLearned), 3);
});

/**
 * What a confidence has been worth: of reports at each level, how many named the right service in first place. The table
 * goes into the product, which says so beside the number. It is made from injected faults alone; whether it carries over is
 * seen by leaving services out, and by the recorded incidents.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Scored } from './score.ts';

export interface Level {
  readonly from: number;
  readonly reports: number;
  readonly right: number;
}

const edges = [0, 0.2, 0.5, 0.9] as const;

interface Told {
  readonly service: string;
  readonly said: number;
  readonly isRight: boolean;
}

/** The service that a report is about: the guilty one, or the accused one where nobody is. */
function toldIn(scored: readonly Scored[]): Told[] {
  return scored.flatMap(({ set, truth, answer, guess }) => {
    const first = answer.hypotheses[0];
    if (first === undefined) return [];
    const isRight = truth.services.length > 0 && guess;
    return [{ service: `${set} ${truth.services[0] ?? first.service}`, said: first.confidence, isRight }];
  });
}

const indexOf = (said: number): number => edges.findLastIndex((from) => said >= from);

function levelsOf(told: readonly Told[]): Level[] {
  return edges.map((from, index) => {
    const inside = told.filter(({ said }) => indexOf(said) === index);
    return { from, reports: inside.length, right: inside.filter(({ isRight }) => isRight).length };
  });
}

export const calibrationLevels = (scored: readonly Scored[]): Level[] => levelsOf(toldIn(scored));

const folds = 5;

/** How far off the table is for services it has not seen: those of each fifth read by the table of the other four. */
export function crossValidatedError(scored: readonly Scored[]): number {
  const told = toldIn(scored);
  const services = [...new Set(told.map(({ service }) => service))].sort();
  const foldOf = new Map(services.map((service, index) => [service, index % folds]));
  let sum = 0;
  for (let fold = 0; fold < folds; fold++) {
    const inFold = ({ service }: Told) => foldOf.get(service) === fold;
    sum += distance(levelsOf(told.filter((one) => !inFold(one))), levelsOf(told.filter(inFold)));
  }
  return sum / Math.max(1, told.length);
}

const shareOf = ({ right, reports }: Level) => (reports === 0 ? 0 : right / reports);

const distance = (said: readonly Level[], held: readonly Level[]): number =>
  held.reduce((sum, level, i) => sum + level.reports * Math.abs(shareOf(level) - shareOf(said[i]!)), 0);

/** The same distance for reports of another world altogether. */
export function transferError(levels: readonly Level[], scored: readonly Scored[]): number {
  const told = toldIn(scored);
  return distance(levels, levelsOf(told)) / Math.max(1, told.length);
}

const path = join(import.meta.dirname, '../../src/domain/ranking/calibration.ts');

export function writeCalibration(levels: readonly Level[]): void {
  const rows = levels.map(({ from, reports, right }) => `  { from: ${from}, reports: ${reports}, right: ${right} },`);
  const text = `/**
 * Of reports on injected faults and quiet windows, by the confidence of what they put first: how many there were and how
 * many named the right service. Written by \`npm run accuracy -- --inject --calibrate\`; do not edit.
 */
export const calibration: readonly { readonly from: number; readonly reports: number; readonly right: number }[] = [
${rows.join('\n')}
];
`;
  writeFileSync(path, text);
}

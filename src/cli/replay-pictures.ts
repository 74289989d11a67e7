/** `tracepulse replay DIR... --pictures FOLDER`: the two pictures of an incident, as Slack and letters show them. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pngOfSvg, svgOfDot } from '../adapters/drawing.ts';
import type { IncidentContext } from '../domain/incident-context.ts';
import { incidentMap } from '../domain/incident-map.ts';
import type { Timeline } from '../domain/timeline.ts';
import { timelineChart } from '../domain/timeline-chart.ts';

/** Twice the width of a page of documentation, for sharp screens. */
const maxWidthPx = 1_800;

/** Answers the files written; none where nothing is suspected. */
export async function writePictures(folder: string, name: string, context: IncidentContext, timeline: Timeline | null): Promise<string[]> {
  const map = incidentMap(context);
  const chart = timeline === null ? null : timelineChart(context, timeline);
  const svgs = [
    ...(map === null ? [] : [{ file: `${name}-map.png`, svg: await svgOfDot(map.dot) }]),
    ...(chart === null ? [] : [{ file: `${name}-minutes.png`, svg: chart.svg }]),
  ];
  mkdirSync(folder, { recursive: true });
  for (const { file, svg } of svgs) writeFileSync(join(folder, file), await pngOfSvg(svg, maxWidthPx));
  return svgs.map(({ file }) => join(folder, file));
}

/**
 * How long the first pictures of an incident take in a fresh process, once everything is loaded ahead as the product does it, and
 * how long any event waits meanwhile. Ends with 1 where the pictures take longer than half a second.
 * Run: bun test/bench/drawing.bench.ts
 */
import { pngOfSvg, prepareDrawing, svgOfDot } from '../../src/adapters/drawing.ts';
import { incidentMap } from '../../src/domain/incident-map.ts';
import { timelineChart } from '../../src/domain/timeline-chart.ts';
import { illustrated } from '../adapters/sinks/slack/illustrated.ts';

const limitMs = 500;
const tickMs = 2;

let longestWaitMs = 0;
let ticked = performance.now();
const ticking = setInterval(() => {
  const now = performance.now();
  longestWaitMs = Math.max(longestWaitMs, now - ticked - tickMs);
  ticked = now;
}, tickMs);

async function timed(what: string, draw: () => Promise<unknown>): Promise<number> {
  longestWaitMs = 0;
  const begun = performance.now();
  await draw();
  const ms = performance.now() - begun;
  await new Promise((resolve) => setTimeout(resolve, 2 * tickMs));
  process.stdout.write(`${what}: ${Math.round(ms)} ms; an event waited ${Math.round(longestWaitMs)} ms at most\n`);
  return ms;
}

async function bothPictures(): Promise<void> {
  const { report } = illustrated;
  if (report?.timeline === undefined) throw new Error('the example has no timeline');
  const map = incidentMap(report.context);
  const chart = timelineChart(report.context, report.timeline);
  if (map === null || chart === null) throw new Error('the example cannot be drawn');
  await pngOfSvg(await svgOfDot(map.dot), 1_800);
  await pngOfSvg(chart.svg, 1_800);
}

await timed('loaded ahead, after the start', prepareDrawing);
const first = await timed('map and timeline, the first time', bothPictures);
await timed('map and timeline, the second time', bothPictures);
clearInterval(ticking);
process.exitCode = first > limitMs ? 1 : 0;

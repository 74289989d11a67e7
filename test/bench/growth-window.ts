/**
 * One size of the growth bench, in a process of its own: takes in what comes on stdin, checks the answer, then measures.
 * The bodies are made elsewhere, so that the memory here is the product's alone. Prints one line of JSON.
 */
import { setTimeout } from 'node:timers/promises';
import { initialWeights } from '../../src/domain/feedback.ts';
import { rank } from '../../src/domain/ranking/rank.ts';
import { createBreaker } from '../../src/pipeline/circuit-breaker.ts';
import { gather } from '../../src/pipeline/gather.ts';
import { createTelemetry, lookbackMs } from '../../src/telemetry.ts';
import { faulty, type FrameKind, frameHead, frameKinds, type Measured, system, times } from './growth-world.ts';
import { median } from './page.ts';

const minute = 60_000;
const passes = Number(process.argv[2] ?? 5);

async function* frames(): AsyncGenerator<{ kind: FrameKind; body: Uint8Array }> {
  let held: Buffer[] = [];
  let size = 0;
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    held.push(chunk);
    size += chunk.length;
    const head = held[0]!.length >= frameHead ? held[0]! : Buffer.concat(held);
    if (size < frameHead || size < frameHead + head.readUInt32LE(1)) continue;
    let whole = Buffer.concat(held);
    while (whole.length >= frameHead && whole.length >= frameHead + whole.readUInt32LE(1)) {
      const end = frameHead + whole.readUInt32LE(1);
      yield { kind: frameKinds[whole[0]!]!, body: whole.subarray(frameHead, end) };
      whole = whole.subarray(end);
    }
    held = [whole];
    size = whole.length;
  }
}

/** Resident memory at its highest so far: KiB in getrusage. */
const highestMiB = () => process.resourceUsage().maxRSS / 2 ** 10;

let now: number = times.from;
const telemetry = createTelemetry({ file: null, now: () => now, windowMinutes: lookbackMs / minute + 1, maxBytes: 4 * 2 ** 30 });
for await (const { kind, body } of frames()) {
  if (kind !== 'learn') await telemetry.ingest(kind, body, 'json');
  else {
    now = times.alertAt - minute;
    await telemetry.advance(now, []);
  }
}
now = times.alertAt;
await telemetry.advance(now, []);
const intakeMiB = highestMiB();

const sources = { telemetry, changeSources: new Map(), breaker: createBreaker(() => now) };
async function investigate() {
  const begun = performance.now();
  const { window, knowledge, changes } = await gather({ fromMs: times.from, toMs: times.alertAt + 1 }, sources);
  const gatheredAt = performance.now();
  const focus = { service: null, correlationIds: [] };
  const ranking = rank({ incidentId: 'INC-1', window, ...knowledge, changes, weights: initialWeights, alertAt: times.alertAt, focus });
  const { spans, logs } = window;
  return { ranking, spans: spans.length, lines: logs.length, gatherMs: gatheredAt - begun, rankMs: performance.now() - gatheredAt };
}

const { ranking, spans, lines } = await investigate();
const [first] = ranking.hypotheses;
const wanted = system.services[faulty.service];
if (ranking.verdict !== 'cause' || first?.service !== wanted)
  throw new Error(`${spans} spans: ${ranking.verdict}, ${first?.service} ${first?.confidence} first and not ${wanted}: no speed counts`);
const timings: { gatherMs: number; rankMs: number }[] = [];
for (let pass = 0; pass < passes; pass++) {
  // Alerts do not come back to back: the collector has a moment in between, as it has in the product.
  await setTimeout(100);
  timings.push(await investigate());
}
const measured: Measured = {
  spans,
  lines,
  gatherMs: median(timings.map(({ gatherMs }) => gatherMs)),
  rankMs: median(timings.map(({ rankMs }) => rankMs)),
  intakeMiB,
  peakMiB: highestMiB(),
};
console.log(JSON.stringify(measured));

/**
 * Ranks the recorded incidents straight through the domain and prints how often the right service comes first.
 *   bun test/domain/ranking/score-cases.ts [--incidents DIR] [--verbose] [set | set/case ...]
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { rankCase, readCase } from './recorded-case.ts';

const argv = process.argv.slice(2);
const at = argv.indexOf('--incidents');
const root = at >= 0 ? argv.splice(at, 2)[1]! : join(import.meta.dirname, '../../../../shared/incidents');
const verbose = argv.includes('--verbose');
const wanted = argv.filter((word) => !word.startsWith('--'));

interface Truth {
  service: string | null;
  fault: string;
  change_service: string | null;
}

const reliability: [number, number][] = [];
for (const set of ['tt', 'dtl', 'cob', 'crca', 'calm']) {
  const truth = JSON.parse(readFileSync(join(root, set, 'truth.json'), 'utf8')) as Record<string, Truth>;
  const ids = readdirSync(join(root, set)).filter(
    (id) => truth[id] && (wanted.length === 0 || wanted.some((word) => word === set || word === `${set}/${id}`)),
  );
  if (ids.length === 0) continue;
  const misses: string[] = [];
  const times: number[] = [];
  let right = 0;
  let confidentWrong = 0;
  for (const id of ids) {
    const { service, fault, change_service } = truth[id]!;
    const ranking = rankCase(readCase(join(root, set, id)));
    times.push(ranking.rankMs);
    const first = ranking.hypotheses[0];
    const name = change_service ? first?.change?.service : first?.service;
    const want = change_service ?? service;
    const calm = service === null;
    const hit = !calm && name === want;
    const ok = calm ? ranking.verdict !== 'cause' && !((first?.confidence ?? 0) >= 0.5) : hit && ranking.verdict === 'cause';
    if (ok) right++;
    if (!hit && (first?.confidence ?? 0) >= 0.8) confidentWrong++;
    if (first) reliability.push([first.confidence, hit ? 1 : 0]);
    const line = `${id}: want ${want} (${fault}) got ${ranking.verdict} ${ranking.hypotheses
      .slice(0, 4)
      .map((h) => `${h.service}@${h.confidence} ${JSON.stringify(h.features).replaceAll('"', '')}`)
      .join(' | ')}`;
    if (!ok) misses.push(line);
    if (verbose) {
      console.log(line);
      for (const h of ranking.hypotheses.slice(0, 3))
        for (const e of h.evidence) console.log(`     ${h.service}: ${ranking.evidence.find(({ id }) => id === e)?.text}`);
    }
  }
  times.sort((a, b) => a - b);
  console.log(
    `${set}: ${right}/${ids.length}  confident-wrong ${confidentWrong}  rank p50 ${times[times.length >> 1]!.toFixed(0)} max ${times.at(-1)!.toFixed(0)} ms`,
  );
  if (!verbose) for (const miss of misses) console.log(`   - ${miss}`);
}
let ece = 0;
for (let bin = 0; bin < 10; bin++) {
  const inside = reliability.filter(([c]) => Math.min(9, Math.floor(c * 10)) === bin);
  if (inside.length > 0)
    ece += Math.abs(inside.reduce((sum, [c]) => sum + c, 0) - inside.reduce((sum, [, hit]) => sum + hit, 0)) / reliability.length;
}
console.log(`ECE ${ece.toFixed(3)}`);

/** Asks the ranking about a folder: telemetry as production reads it, a baseline learned minute by minute, then `rank`. */
import type { Change } from '../../src/domain/change.ts';
import { inputOf, learnFrom } from '../domain/ranking/recorded-case.ts';
import { flatten, type Recording, Tables } from '../domain/ranking/window-from-otlp.ts';
import { rank } from '../../src/domain/ranking/rank.ts';
import type { IncidentFolder } from './folder.ts';
import type { Answer } from './score.ts';

export async function answerOf(folder: IncidentFolder): Promise<Answer> {
  const begun = performance.now();
  const recorded = {
    id: folder.name,
    flat: flatten(folder as Recording),
    alertAt: folder.alertAt,
    changes: folder.changes.map(changeOf),
    directory: folder.services.map(({ name, addresses, ports }) => ({ name, addresses: addresses ?? [], ports: ports ?? [] })),
  };
  const tables = new Tables();
  const baseline = learnFrom(recorded.flat, tables, recorded.alertAt);
  const { verdict, hypotheses } = rank(inputOf(recorded, tables, baseline));
  return {
    verdict,
    hypotheses: hypotheses.map(({ service, kind, confidence, change }) => ({
      service,
      kind,
      confidence,
      changeService: change?.service ?? null,
    })),
    elapsedMs: performance.now() - begun,
  };
}

function changeOf({ kind, service, startedAt, steps, version }: IncidentFolder['changes'][number]): Change {
  return {
    kind,
    service,
    startedAt: Date.parse(startedAt),
    steps: (steps ?? []).map((at) => Date.parse(at)),
    version: version ?? null,
    sha: null,
    url: null,
    title: null,
    files: [],
  };
}

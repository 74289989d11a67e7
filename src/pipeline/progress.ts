/**
 * Which sources have answered while an incident's first report is being read together, so that its card can say so when that
 * takes long. In memory: it is over in seconds, and whoever takes the work up after a crash starts anew.
 */
import type { Incident } from '../domain/incident.ts';
import type { SourceProgress } from '../domain/report.ts';

/** Told by whoever asks: a source may be asked several things at once. */
export interface SourceWatch {
  asked(id: string): void;
  answered(id: string): void;
}

export interface Progress {
  begin(incident: Incident): { readonly watch: SourceWatch; end(): void };
  /** Null when nothing is being read for it. */
  of(incidentId: string): SourceProgress | null;
}

/** What is quicker than this is not worth a word. */
const slowMs = 1_000;

export interface ProgressOptions {
  /** Something is being waited for, and has been for a while. */
  readonly tell: (incident: Incident) => Promise<void>;
  /** Runs something later; answers how to call it off. */
  readonly after?: (ms: number, run: () => void) => () => void;
}

export function createProgress({ tell, after = later }: ProgressOptions): Progress {
  const open = new Map<string, Map<string, number>>();
  return {
    begin(incident) {
      const waiting = new Map<string, number>();
      open.set(incident.id, waiting);
      const callOff = after(slowMs, () => {
        if ([...waiting.values()].some((left) => left > 0)) void tell(incident);
      });
      return {
        watch: {
          asked: (id) => void waiting.set(id, (waiting.get(id) ?? 0) + 1),
          answered: (id) => void waiting.set(id, Math.max(0, (waiting.get(id) ?? 0) - 1)),
        },
        end() {
          callOff();
          if (open.get(incident.id) === waiting) open.delete(incident.id);
        },
      };
    },
    of(incidentId) {
      const waiting = open.get(incidentId);
      if (waiting === undefined) return null;
      const named = (isWaiting: boolean) => [...waiting].flatMap(([id, left]) => (left > 0 === isWaiting ? [id] : []));
      return { answered: named(false), waiting: named(true) };
    },
  };
}

function later(ms: number, run: () => void): () => void {
  const timer = setTimeout(run, ms);
  timer.unref();
  return () => clearTimeout(timer);
}

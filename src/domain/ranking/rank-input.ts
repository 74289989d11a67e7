/** What a ranking is made from. */
import type { Baseline } from '../baseline/baseline.ts';
import type { Change } from '../change.ts';
import type { Condition } from '../condition.ts';
import type { Weights } from '../feedback.ts';
import type { Directory } from '../service.ts';
import type { ServiceMap } from '../service-map.ts';
import type { TelemetryWindow } from '../telemetry.ts';

export interface RankInput {
  readonly incidentId: string;
  /** The recent telemetry, ending at the alert; how far back is `lookbackMs`. */
  readonly window: TelemetryWindow;
  readonly baseline: Baseline;
  readonly map: ServiceMap;
  readonly directory: Directory;
  /** Changes known; those that started after `alertAt` are ignored. */
  readonly changes: readonly Change[];
  /** What an orchestrator says of replicas. */
  readonly conditions?: readonly Condition[];
  /** False: lines of this time exist that could not be read; one that is missing has then not gone silent. */
  readonly isLogComplete?: boolean;
  readonly weights: Weights;
  readonly alertAt: number;
  /** What the alert names, where it names something. */
  readonly focus: { readonly service: string | null; readonly correlationIds: readonly string[] };
}

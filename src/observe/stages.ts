/**
 * Durations and failures of stages, once for Prometheus (kept here, read by /metrics) and once for OpenTelemetry (through its
 * API, which does nothing unless an SDK was started: see `sdk.ts`).
 */
import { metrics, SpanStatusCode, trace } from '@opentelemetry/api';
import { Failure } from '../domain/failure.ts';
import type { StageLabels, Stages } from '../ports/stages.ts';

/** Upper bounds in seconds: from a commit to the longest wait for a model. The contract's 2 s and 5 s are among them. */
const bounds = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60] as const;

/** `clock`: elapsed ms of unspecified origin. */
export function createStages(clock: () => number): Stages {
  const samples = new Map<string, number>();
  const meter = metrics.getMeter('tracepulse');
  const tracer = trace.getTracer('tracepulse');
  const durations = meter.createHistogram('tracepulse.stage.duration', { unit: 's', advice: { explicitBucketBoundaries: [...bounds] } });
  const failures = meter.createCounter('tracepulse.stage.failures');
  const add = (name: string, by: number) => void samples.set(name, (samples.get(name) ?? 0) + by);

  function declare(stage: string, labels: StageLabels): void {
    for (const le of [...bounds.map(String), '+Inf']) add(`${stage}_seconds_bucket${written({ ...labels, le })}`, 0);
    add(`${stage}_seconds_sum${written(labels)}`, 0);
    add(`${stage}_seconds_count${written(labels)}`, 0);
  }

  function observe(stage: string, labels: StageLabels, seconds: number): void {
    const took = Math.max(0, seconds);
    declare(stage, labels);
    for (const bound of bounds) if (took <= bound) add(`${stage}_seconds_bucket${written({ ...labels, le: String(bound) })}`, 1);
    add(`${stage}_seconds_bucket${written({ ...labels, le: '+Inf' })}`, 1);
    add(`${stage}_seconds_sum${written(labels)}`, took);
    add(`${stage}_seconds_count${written(labels)}`, 1);
    durations.record(took, { ...labels, stage });
  }

  return {
    declare,
    observe,
    samples: () => samples,
    run: (stage, labels, about, act) =>
      tracer.startActiveSpan(stage, { attributes: { ...labels, ...about } }, (span) => {
        const begun = clock();
        const ended = () => {
          observe(stage, labels, (clock() - begun) / 1_000);
          span.end();
        };
        const failed = (error: unknown): never => {
          // The code alone: what was tried may quote what must not leave.
          const code = error instanceof Failure ? error.code : 'bug';
          add(`${stage}_errors_total${written({ ...labels, code })}`, 1);
          failures.add(1, { ...labels, stage, code });
          span.setStatus({ code: SpanStatusCode.ERROR, message: code });
          ended();
          throw error;
        };
        try {
          const answer = act();
          if (!(answer instanceof Promise)) {
            ended();
            return answer;
          }
          return answer.then((value: unknown) => {
            ended();
            return value;
          }, failed) as typeof answer;
        } catch (error) {
          return failed(error);
        }
      }),
  };
}

/** `{sink="slack"}`; nothing where there is none. */
function written(labels: StageLabels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

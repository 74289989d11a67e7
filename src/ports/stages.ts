/** How long each stage takes and how often it fails, for whoever watches this product. */

/** Few values each: a label of many would make as many series. */
export type StageLabels = Readonly<Record<string, string>>;

/**
 * `run` times an act, counts its failure by code, and makes it a span in which everything asked inside is a child; what it
 * answers or throws is the act's own. `about` goes into the span alone, e.g. the incident's id. `observe` adds a duration that
 * was measured otherwise. Neither ever fails.
 */
export interface Stages {
  run<T>(stage: string, labels: StageLabels, about: StageLabels, act: () => T): T;
  observe(stage: string, labels: StageLabels, seconds: number): void;
  /** Series that are there from the start, at zero: a rule can then tell none from never. */
  declare(stage: string, labels: StageLabels): void;
  /** Name with labels → value, as /metrics takes them: `rank_seconds_bucket{le="0.1"}`. */
  samples(): ReadonlyMap<string, number>;
}

/** Where nobody watches. */
export const unwatched: Stages = {
  run: (_stage, _labels, _about, act) => act(),
  observe() {},
  declare() {},
  samples: () => new Map(),
};

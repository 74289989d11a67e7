/** What a chunk of log records is made of. */
export const makeLogColumns = (rows: number) => ({
  timeMs: new Float64Array(rows),
  resource: new Int32Array(rows),
  severity: new Uint8Array(rows),
  template: new Int32Array(rows),
  hollow: new Uint8Array(rows),
  hollowFields: new Int32Array(rows),
  component: new Int32Array(rows),
  traceId: new Int32Array(rows * 4),
  spanId: new Int32Array(rows * 2),
});
export type LogColumns = ReturnType<typeof makeLogColumns>;

/** The texts of a chunk's rows. Request ids are as many as requests: kept as they are, not interned for ever. */
export interface Texts {
  readonly lines: string[];
  readonly correlations: (string | null)[];
  bytes: number;
}

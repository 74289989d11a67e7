/** The Prometheus text format, version 0.0.4: samples of one name stand together under one HELP and one TYPE line. */
import { helpOf } from './metric-help.ts';

export const prometheusType = 'text/plain; version=0.0.4; charset=utf-8';

export type Sample = readonly [nameWithLabels: string, value: number];

export function prometheusText(samples: readonly Sample[]): string {
  const byName = new Map<string, Sample[]>();
  for (const sample of samples) {
    const name = familyName(sample[0]);
    const group = byName.get(name);
    if (group === undefined) byName.set(name, [sample]);
    else group.push(sample);
  }
  const lines = [...byName].flatMap(([name, group]) => [
    ...helpLine(name),
    `# TYPE tracepulse_${name} ${typeOf(name, group)}`,
    ...group.map(([full, value]) => `tracepulse_${seriesName(full)}${labelsIn(full)} ${value}`),
  ]);
  return `${lines.join('\n')}\n`;
}

function helpLine(name: string): string[] {
  const help = helpOf(name);
  return help === null ? [] : [`# HELP tracepulse_${name} ${help}`];
}

/** What is told in buckets, a sum and a count is one histogram: `rank_seconds_bucket` belongs to `rank_seconds`. */
function familyName(full: string): string {
  return seriesName(full).replace(/_seconds_(?:bucket|sum|count)$/, '_seconds');
}

function typeOf(family: string, [first]: readonly Sample[]): 'counter' | 'gauge' | 'histogram' {
  if (first !== undefined && seriesName(first[0]) !== family) return 'histogram';
  return family.endsWith('_total') ? 'counter' : 'gauge';
}

function labelsIn(full: string): string {
  const at = full.indexOf('{');
  return at === -1 ? '' : full.slice(at);
}

/** `deliveries_total{sink="slack"}` → `deliveries_total`; what Prometheus would not take as a name becomes `_`. */
function seriesName(full: string): string {
  return full.replace(/\{.*$/s, '').replace(/[^a-zA-Z0-9_]/g, '_');
}

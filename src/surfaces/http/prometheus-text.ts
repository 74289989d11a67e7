/** The Prometheus text format, version 0.0.4: samples of one name stand together under one TYPE line. */
export const prometheusType = 'text/plain; version=0.0.4; charset=utf-8';

export type Sample = readonly [nameWithLabels: string, value: number];

export function prometheusText(samples: readonly Sample[]): string {
  const byName = new Map<string, Sample[]>();
  for (const sample of samples) {
    const name = metricName(sample[0]);
    byName.set(name, [...(byName.get(name) ?? []), sample]);
  }
  const lines = [...byName].flatMap(([name, group]) => [
    `# TYPE tracepulse_${name} ${name.endsWith('_total') ? 'counter' : 'gauge'}`,
    ...group.map(([full, value]) => `tracepulse_${name}${full.slice(full.indexOf('{') === -1 ? full.length : full.indexOf('{'))} ${value}`),
  ]);
  return `${lines.join('\n')}\n`;
}

/** `deliveries_total{sink="slack"}` → `deliveries_total`; what Prometheus would not take as a name becomes `_`. */
function metricName(full: string): string {
  return full.replace(/\{.*$/s, '').replace(/[^a-zA-Z0-9_]/g, '_');
}

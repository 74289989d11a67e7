import { describe, expect, it } from 'vitest';
import { prometheusText } from '../../../src/surfaces/http/prometheus-text.ts';

describe('prometheusText', () => {
  it('puts samples of one name under one type line', () => {
    const text = prometheusText([
      ['deliveries_total{sink="slack"}', 2],
      ['open_incidents', 1],
      ['deliveries_total{sink="email"}', 3],
    ]);
    expect(text.split('\n')).toEqual([
      '# TYPE tracepulse_deliveries_total counter',
      'tracepulse_deliveries_total{sink="slack"} 2',
      'tracepulse_deliveries_total{sink="email"} 3',
      '# TYPE tracepulse_open_incidents gauge',
      'tracepulse_open_incidents 1',
      '',
    ]);
  });

  it('gives names Prometheus takes', () => expect(prometheusText([['a.b-c', 1]])).toContain('\ntracepulse_a_b_c 1\n'));
});

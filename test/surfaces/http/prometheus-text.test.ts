import { describe, expect, it } from 'vitest';
import { prometheusText } from '../../../src/surfaces/http/prometheus-text.ts';

describe('prometheusText', () => {
  it('puts samples of one name under one help and one type line', () => {
    const text = prometheusText([
      ['deliveries_total{sink="slack"}', 2],
      ['open_incidents', 1],
      ['deliveries_total{sink="email"}', 3],
    ]);
    expect(text.split('\n')).toEqual([
      '# HELP tracepulse_deliveries_total Messages that reached a sink, edits among them.',
      '# TYPE tracepulse_deliveries_total counter',
      'tracepulse_deliveries_total{sink="slack"} 2',
      'tracepulse_deliveries_total{sink="email"} 3',
      '# HELP tracepulse_open_incidents Incidents that are open.',
      '# TYPE tracepulse_open_incidents gauge',
      'tracepulse_open_incidents 1',
      '',
    ]);
  });

  it('puts buckets, sum and count of a duration under one histogram', () => {
    const text = prometheusText([
      ['rank_seconds_bucket{le="0.1"}', 1],
      ['rank_seconds_bucket{le="+Inf"}', 2],
      ['rank_seconds_sum', 0.5],
      ['rank_seconds_count', 2],
      ['overdue_seconds', 3],
    ]);
    expect(text.split('\n')).toEqual([
      '# HELP tracepulse_rank_seconds Seconds of ranking the causes.',
      '# TYPE tracepulse_rank_seconds histogram',
      'tracepulse_rank_seconds_bucket{le="0.1"} 1',
      'tracepulse_rank_seconds_bucket{le="+Inf"} 2',
      'tracepulse_rank_seconds_sum 0.5',
      'tracepulse_rank_seconds_count 2',
      '# HELP tracepulse_overdue_seconds For how long the oldest work or message has been waiting beyond its time.',
      '# TYPE tracepulse_overdue_seconds gauge',
      'tracepulse_overdue_seconds 3',
      '',
    ]);
  });

  it('says of a stage what its failures are', () => {
    expect(prometheusText([['rank_errors_total{code="bug"}', 1]])).toContain(
      '# HELP tracepulse_rank_errors_total Failures of ranking the causes, by code.\n',
    );
  });

  it('gives names Prometheus takes', () => expect(prometheusText([['a.b-c', 1]])).toContain('\ntracepulse_a_b_c 1\n'));
});

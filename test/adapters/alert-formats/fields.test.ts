import { describe, expect, it } from 'vitest';
import {
  boundedLabels,
  correlationIdsIn,
  cutTitle,
  hashOf,
  Instant,
  linksFrom,
  serviceIn,
  serviceLabelsFrom,
  severityOf,
  startOf,
} from '../../../src/adapters/alert-formats/fields.ts';

describe('Instant', () => {
  it.each([
    { text: '2026-11-25T10:00:00Z', at: Date.UTC(2026, 10, 25, 10) },
    { text: '2026-11-25T11:00:00.123456789+01:00', at: Date.UTC(2026, 10, 25, 10, 0, 0, 123) },
    { text: '0001-01-01T00:00:00Z', at: null },
    { text: '1970-01-01T00:00:00Z', at: null },
  ])('reads $text', ({ text, at }) => expect(Instant.parse(text)).toBe(at));

  it.each(['', 'now', '2026-11-25', '2026-11-25T10:00:00', '2026-13-25T10:00:00Z'])('refuses "%s"', (text) =>
    expect(Instant.safeParse(text).success).toBe(false),
  );
});

describe('serviceIn', () => {
  const labels = serviceLabelsFrom(undefined);
  it.each([
    { name: 'takes the best label', given: { app: 'a', service: 's', job: 'j' }, service: 's' },
    { name: 'passes over an empty one', given: { service: ' ', app: 'a' }, service: 'a' },
    { name: 'prefers the workload to the exporter that saw it', given: { job: 'kube-state-metrics', deployment: 'cart' }, service: 'cart' },
    { name: 'takes the last part of a job with a namespace', given: { job: 'shop/cart' }, service: 'cart' },
    { name: 'takes no exporter for a service', given: { job: 'node-exporter', instance: 'db-1:9100' }, service: null },
    { name: 'takes a label that was left for what it says', given: { job: 'shop/' }, service: null },
    { name: 'knows when none is named', given: { alertname: 'x' }, service: null },
  ])('$name', ({ given, service }) => expect(serviceIn(given, labels)).toBe(service));

  it('follows the setting where it is given', () => {
    expect(serviceIn({ service: 'a', component: 'b' }, serviceLabelsFrom(' component , service'))).toBe('b');
    expect(serviceLabelsFrom(' , ')).toEqual(labels);
  });
});

describe('severityOf', () => {
  it.each([
    ['CRITICAL', 'critical'],
    [' page ', 'critical'],
    ['high', 'critical'],
    ['medium', 'warning'],
    ['low', 'info'],
    ['purple', null],
    ['constructor', null],
    [null, null],
  ])('reads %s as %s', (word, severity) => expect(severityOf(word)).toBe(severity));
});

describe('correlationIdsIn', () => {
  it('finds ids however their names are spelled, each once', () => {
    expect(
      correlationIdsIn({ correlation_id: 'a', traceId: 'b', 'X-Request-ID': 'c', pod: 'd' }, { requestid: 'a', 'transaction.id': ' e ' }),
    ).toEqual(['a', 'b', 'c', 'e']);
  });
});

describe('linksFrom', () => {
  it('drops what is no web address and what is there already', () => {
    const links = linksFrom([
      ['A', 'https://a.example'],
      ['B', 'https://a.example'],
      ['C', 'javascript:alert(1)'],
      ['D', '/graph'],
      ['E', undefined],
      ['F', 'http://f.example/x'],
    ]);
    expect(links).toEqual([
      { title: 'A', url: 'https://a.example' },
      { title: 'F', url: 'http://f.example/x' },
    ]);
  });
});

describe('bounds', () => {
  it('keeps a limited number of labels of limited length', () => {
    const many = boundedLabels(Array.from({ length: 500 }, (_, i): [string, string] => [`k${i}`, 'x'.repeat(5_000)]));
    expect(Object.keys(many)).toHaveLength(64);
    expect(many['k0']).toHaveLength(1_024);
  });
  it('makes a title one line of limited length', () => {
    expect(cutTitle(' a\n b ')).toBe('a b');
    expect(cutTitle('x'.repeat(1_000))).toHaveLength(300);
  });
});

describe('hashOf', () => {
  it('does not depend on order but on every entry', () => {
    expect(hashOf({ a: '1', b: '2' })).toBe(hashOf({ b: '2', a: '1' }));
    expect(hashOf({ a: '1', b: '2' })).not.toBe(hashOf({ a: '12', b: '' }));
    expect(hashOf({ a: '1,b' })).not.toBe(hashOf({ a: '1', b: '' }));
  });
});

describe('startOf', () => {
  const at = Date.UTC(2026, 10, 25, 10);
  it('takes a start that is said as the name of the occurrence', () => {
    expect(startOf(at - 5, at, {})).toEqual({ startsAt: at - 5 });
  });
  it('never begins later than it arrived, and stays one occurrence', () => {
    const early = startOf(at + 60_000, at, {});
    expect(early.startsAt).toBe(at);
    expect(startOf(at + 60_000, at + 1_000, {}).occurrence).toBe(early.occurrence);
  });
  it('tells a repeat within the minute from the same body next week', () => {
    const body = { title: 'Disk full' };
    expect(startOf(null, at + 1_000, body).occurrence).toBe(startOf(null, at + 2_000, body).occurrence);
    expect(startOf(null, at + 7 * 86_400_000, body).occurrence).not.toBe(startOf(null, at, body).occurrence);
    expect(startOf(null, at, { title: 'Disk empty' }).occurrence).not.toBe(startOf(null, at, body).occurrence);
  });
});

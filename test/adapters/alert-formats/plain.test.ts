/** What is taken without zod is what zod would have made of it, for bodies that are right and such as are nearly so. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readUsual, readValue } from '../../../src/adapters/alert-formats/body.ts';
import { Group, GroupedAlert } from '../../../src/adapters/alert-formats/grouped.ts';
import { Labels, plainSayingTexts, plainTexts, SayingLabels } from '../../../src/adapters/alert-formats/labels.ts';
import { plainGroup, plainList } from '../../../src/adapters/alert-formats/plain.ts';
import { nearlyRight, seeded } from '../../support/nearly-right.ts';

const Webhook = Group.extend({ alerts: z.array(GroupedAlert) });
const Pushed = z.array(GroupedAlert.extend({ labels: SayingLabels }));
const alert = {
  status: 'firing',
  labels: { alertname: 'ErrorsHigh', service: 'cart', empty: '' },
  annotations: { summary: 'Too many errors' },
  startsAt: '2026-03-01T12:00:00.123Z',
  endsAt: '0001-01-01T00:00:00Z',
  generatorURL: 'http://prometheus.example/graph',
  fingerprint: '00ff00ff00ff00ff',
};
const group = { version: '4', status: 'firing', externalURL: 'http://alerts.example', truncatedAlerts: 0, alerts: [alert] };

/** Keys that hold nothing say the same as keys that are not there. */
const said = (value: unknown) => JSON.parse(JSON.stringify(value)) as unknown;

describe('a body that nests deeply', () => {
  const deep = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;
  const read = (text: string) =>
    readUsual('alertmanager', new TextEncoder().encode(text), plainGroup, (json) => readValue('alertmanager', json, Webhook));
  const bodyWith = (field: string, value: string, padding = 0) =>
    `{"${field}":${value},"padding":"${'a'.repeat(padding)}",${JSON.stringify(group).slice(1)}`;

  it('is taken where it does so in what nobody looks at', () => {
    expect(read(bodyWith('own', deep(100), 10_000)).alerts).toHaveLength(1);
  });

  it.each([
    {
      name: 'where something looks closely',
      text: bodyWith('truncatedAlerts', '"many"', 10_000).replace('"many"', deep(100)).replace(',"truncatedAlerts":0', ''),
    },
    { name: 'where it is made of brackets', text: bodyWith('own', deep(1_000)) },
  ])('is refused $name', ({ text }) => {
    expect(() => read(text)).toThrow(expect.objectContaining({ code: 'rejected', hint: 'nested deeper than 64 levels' }));
  });
});

describe('alerts taken without zod', () => {
  it.each([
    { name: 'a group as Alertmanager sends it', taken: plainGroup(group), read: Webhook.parse(group) },
    {
      name: 'one without what may be absent',
      taken: plainGroup({ alerts: [{ labels: { a: 'b' }, annotations: {}, startsAt: '2026-03-01T12:00:00+02:00' }] }),
      read: Webhook.parse({ alerts: [{ labels: { a: 'b' }, annotations: {}, startsAt: '2026-03-01T12:00:00+02:00' }] }),
    },
    { name: 'a list as Prometheus pushes it', taken: plainList([alert, alert], plainSayingTexts), read: Pushed.parse([alert, alert]) },
    {
      name: 'an end that is one',
      taken: plainList([{ ...alert, endsAt: '2026-03-01T13:00:00Z' }], plainTexts),
      read: z.array(GroupedAlert).parse([{ ...alert, endsAt: '2026-03-01T13:00:00Z' }]),
    },
  ])('are the same: $name', ({ taken, read }) => {
    expect(taken).not.toBeNull();
    expect(said(taken)).toEqual(said(read));
  });

  it.each([
    { name: 'a value too long', labels: { a: 'b', c: 'd'.repeat(1_025) } },
    { name: 'a name too long', labels: { ['a'.repeat(1_025)]: 'b' } },
    { name: 'more than are kept', labels: Object.fromEntries(Array.from({ length: 65 }, (_, i) => [`a${i}`, 'b'])) },
    { name: 'one of an unsafe name', labels: JSON.parse('{"a":"b","__proto__":"c","constructor":"d"}') as unknown },
    { name: 'one that says nothing', labels: { a: 'b', empty: '' } },
    { name: 'none that says anything', labels: { empty: '' } },
    { name: 'none at all', labels: {} },
  ])('have labels like these: $name', ({ labels }) => {
    expect(plainGroup({ alerts: [{ ...alert, labels }] })?.alerts[0]?.labels).toEqual(
      z.object({ labels: Labels }).parse({ labels }).labels,
    );
    const saying = SayingLabels.safeParse(labels);
    expect(plainSayingTexts(labels)).toEqual(saying.success ? saying.data : null);
  });

  it.each([
    { name: 'without a start, whose name is a hash of all it says', startsAt: undefined },
    { name: 'whose start is none', startsAt: '0001-01-01T00:00:00Z' },
    { name: 'of a day that not every month has', startsAt: '2026-02-30T12:00:00Z' },
    { name: 'without labels', labels: null },
    { name: 'with a label that is no text', labels: { alertname: 7 } },
    { name: 'in a state that is none', status: 'pending' },
  ])('are left to zod: one $name', (odd) => {
    expect(plainList([alert, { ...alert, ...odd }], plainTexts)).toBeNull();
  });

  it('are the same in ten thousand bodies that are nearly right', () => {
    const folder = join(import.meta.dirname, 'prometheus');
    const pushed = JSON.parse(readFileSync(join(folder, 'errors-firing.json'), 'utf8')) as unknown;
    const random = seeded(4_711);
    let taken = 0;
    for (let round = 0; round < 10_000; round++) {
      const asList = round % 2 === 0;
      let body: unknown;
      try {
        body = JSON.parse(new TextDecoder().decode(nearlyRight(asList ? pushed : group, random)));
      } catch {
        continue;
      }
      const plain = asList ? plainList(body, plainSayingTexts) : plainGroup(body);
      if (plain === null) continue;
      taken++;
      expect(said(plain)).toEqual(said((asList ? Pushed : Webhook).parse(body)));
    }
    expect(taken).toBeGreaterThan(500);
  });
});

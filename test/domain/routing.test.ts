import { describe, expect, it } from 'vitest';
import type { Alert } from '../../src/domain/alert.ts';
import { placesFor, Route, RoutesText } from '../../src/domain/routing.ts';
import { anAlert, anIncident } from '../adapters/ledgers/samples.ts';

const usual = [{ sink: 'slack', channel: '#debug' }];
const labelled = (labels: Alert['labels']) => anIncident('INC-1', { alerts: [anAlert({ labels: {} }), anAlert({ labels })] });
const slack = (...channels: string[]) => channels.map((channel) => ({ sink: 'slack', channel }));

describe('placesFor', () => {
  it.each([
    { name: 'no route: where cards always go', routes: [], places: usual },
    { name: 'none that fits: likewise', routes: [{ match: { service: 'cart' }, channels: ['#cart'] }], places: usual },
    { name: 'a service', routes: [{ match: { service: 'checkout' }, channels: ['#pay'] }], places: slack('#pay') },
    { name: 'a service by its beginning', routes: [{ match: { service: 'check*' }, channels: ['#pay'] }], places: slack('#pay') },
    { name: 'by its middle and end', routes: [{ match: { service: '*ck*ut' }, channels: ['#pay'] }], places: slack('#pay') },
    { name: 'parts that would overlap', routes: [{ match: { service: 'checkou*out' }, channels: ['#pay'] }], places: usual },
    { name: 'a severity', routes: [{ match: { severity: 'critical' }, channels: ['#oncall'] }], places: slack('#oncall') },
    { name: 'another severity', routes: [{ match: { severity: ['warning', 'info'] }, channels: ['#quiet'] }], places: usual },
    {
      name: 'everything that is said must fit',
      routes: [{ match: { service: 'checkout', severity: 'info' }, channels: ['#pay'] }],
      places: usual,
    },
    {
      name: 'the first that fits',
      routes: [
        { match: { service: '*' }, channels: ['#one'] },
        { match: { service: 'checkout' }, channels: ['#two'] },
      ],
      places: slack('#one'),
    },
    {
      name: 'and the next where it says so, each channel once',
      routes: [
        { match: { severity: 'critical' }, channels: ['#oncall', '#pay'], continue: true },
        { match: { service: 'checkout' }, channels: ['#pay'] },
        { channels: ['#never'] },
      ],
      places: slack('#oncall', '#pay'),
    },
    { name: 'no channels: silence', routes: [{ match: {}, channels: [] }], places: [] },
    {
      name: 'another sink',
      routes: [{ channels: ['email:ops@example.com', '#a:b'] }],
      places: [{ sink: 'email', channel: 'ops@example.com' }, ...slack('#a:b')],
    },
  ])('$name', ({ routes, places }) => {
    const read = routes.map((route) => Route.parse(route));
    expect(placesFor(anIncident('INC-1', { alerts: [anAlert()] }), read, usual)).toEqual(places);
  });

  it('reads team and labels of any of the alerts', () => {
    const route = Route.parse({ match: { team: 'pay*', labels: { env: ['prod', 'stage'] } }, channels: ['#pay'] });
    expect(placesFor(labelled({ team: 'payments', env: 'stage' }), [route], usual)).toEqual(slack('#pay'));
    expect(placesFor(labelled({ team: 'payments', env: 'dev' }), [route], usual)).toEqual(usual);
    expect(placesFor(labelled({ env: 'prod' }), [route], usual)).toEqual(usual);
  });

  it('an incident that names no service fits no route for one', () => {
    const route = Route.parse({ match: { service: '*' }, channels: ['#x'] });
    expect(placesFor(anIncident('INC-1', { service: null }), [route], usual)).toEqual(usual);
  });
});

describe('RoutesText', () => {
  it.each([
    ['not json', 'must be a list of routes'],
    ['{}', 'must be a list of routes'],
    ['[{"channels":"#x"}]', 'at 0.channels'],
    ['[{"channels":[],"match":{"severity":"bad"}}]', 'at 0.match.severity'],
    ['[{"channels":[],"chanels":[]}]', 'at 0: must have no chanels'],
  ])('says what is wrong with %s', (text, part) => {
    expect(RoutesText.safeParse(text).error?.issues[0]?.message).toContain(part);
  });
});

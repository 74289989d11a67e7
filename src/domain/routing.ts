/**
 * Where an incident's cards go: the first route that fits, or every one up to the first that does not say `continue`. A
 * route without channels mutes. Where none fits, cards go where they go without any.
 *
 *   - { match: { service: 'pay*', severity: [critical] }, channels: ['#payments', '#oncall'] }
 *   - { match: { labels: { env: staging } }, channels: [] }
 */
import { z } from 'zod';
import { severities } from './alert.ts';
import type { CardPlace, Incident } from './incident.ts';
import { structured } from './structured-setting.ts';

const Names = z.union([
  z
    .string()
    .min(1)
    .transform((name) => [name]),
  z.array(z.string().min(1)).min(1),
]);
const Severities = z.union([z.enum(severities).transform((severity) => [severity]), z.array(z.enum(severities)).min(1)]);

export const Route = z.strictObject({
  match: z
    .strictObject({
      /** `*` stands for any run of characters; several: any of them. */
      service: Names.optional(),
      severity: Severities.optional(),
      /** Of the label `team` of any alert. */
      team: Names.optional(),
      /** All must fit, each on any alert of the incident. */
      labels: z.record(z.string(), Names).optional(),
    })
    .default({}),
  /** Of Slack; another sink is named before a colon, as in `email:ops@example.com`. */
  channels: z.array(z.string().min(1)),
  continue: z.boolean().default(false),
});
export type Route = z.infer<typeof Route>;

const sinks = ['slack', 'email', 'jira'];

export function placesFor(incident: Incident, routes: readonly Route[], usual: readonly CardPlace[]): CardPlace[] {
  const fitting: Route[] = [];
  for (const route of routes) {
    if (!fits(incident, route)) continue;
    fitting.push(route);
    if (!route.continue) break;
  }
  if (fitting.length === 0) return [...usual];
  return unique(fitting.flatMap(({ channels }) => channels.map(placeIn)));
}

/** Each once, in the order in which they came. */
export function unique(places: readonly CardPlace[]): CardPlace[] {
  return [...new Map(places.map((place) => [`${place.sink}\n${place.channel}`, place])).values()];
}

/** `#oncall` is a channel of Slack, `email:a@b.example` an address. */
export function placeIn(channel: string): CardPlace {
  const colon = channel.indexOf(':');
  const sink = channel.slice(0, Math.max(0, colon));
  return sinks.includes(sink) ? { sink, channel: channel.slice(colon + 1) } : { sink: 'slack', channel };
}

function fits({ service, severity, alerts }: Incident, { match }: Route): boolean {
  const hasLabel = (name: string, wanted: readonly string[]) => alerts.some(({ labels }) => isLike(labels[name], wanted));
  if (match.service !== undefined && !isLike(service ?? undefined, match.service)) return false;
  if (match.severity !== undefined && !match.severity.includes(severity)) return false;
  if (match.team !== undefined && !hasLabel('team', match.team)) return false;
  return Object.entries(match.labels ?? {}).every(([name, wanted]) => hasLabel(name, wanted));
}

/** Without a regular expression: the pattern is an operator's, the name anybody's, and neither may cost more than their lengths. */
function isLike(name: string | undefined, patterns: readonly string[]): boolean {
  return name !== undefined && patterns.some((pattern) => isMatch(name, pattern.split('*')));
}

function isMatch(name: string, parts: readonly string[]): boolean {
  const [start = '', ...rest] = parts;
  if (rest.length === 0) return name === start;
  if (!name.startsWith(start)) return false;
  const end = rest.pop() ?? '';
  let from = start.length;
  for (const part of rest) {
    const at = name.indexOf(part, from);
    if (at < 0) return false;
    from = at + part.length;
  }
  return name.length - end.length >= from && name.endsWith(end);
}

export const RoutesText = structured(z.array(Route).max(500), 'a list of routes');

/** README's table of settings, made from the schemas: what the code reads is what the page says. */
import type { z } from 'zod';
import { alertFormats } from '../src/adapters/alert-formats/index.ts';
import { changeSources, storedChangeSources } from '../src/adapters/change-sources/index.ts';
import { clusterSources } from '../src/adapters/cluster-sources/index.ts';
import { logSources } from '../src/adapters/log-sources/index.ts';
import { mapSources } from '../src/adapters/map-sources/index.ts';
import { metricSources } from '../src/adapters/metric-sources/index.ts';
import { models } from '../src/adapters/models/index.ts';
import { sinks } from '../src/adapters/sinks/index.ts';
import { traceSources } from '../src/adapters/trace-sources/index.ts';
import { CoreSettings } from '../src/config.ts';
import { slackSurface } from '../src/surfaces/slack/slack.ts';

interface Row {
  readonly name: string;
  readonly fallback: string;
  readonly about: string;
}

export function settingsTable(): string {
  const rows = new Map<string, Row>();
  const asked = [logSources, traceSources, metricSources, mapSources, clusterSources].flat();
  for (const settings of [
    CoreSettings,
    ...[...sinks, slackSurface, ...asked, ...changeSources, ...storedChangeSources, ...alertFormats, ...models].map(
      (adapter) => adapter.settings,
    ),
  ])
    for (const [name, field] of Object.entries(settings.shape)) {
      const row = rowOf(name, field as z.ZodType);
      // Shared by several adapters: the one that says what it is for is shown.
      if (!rows.has(name) || rows.get(name)?.about === '') rows.set(name, row);
    }
  return [
    '| variable | default | what it is |',
    '|---|---|---|',
    ...[...rows.values()].map(({ name, fallback, about }) => `| \`${name}\` | ${fallback} | ${about} |`),
  ].join('\n');
}

function rowOf(name: string, field: z.ZodType): Row {
  const unset = field.safeParse(undefined);
  const fallback = unset.success && unset.data !== undefined ? `\`${String(unset.data)}\`` : '';
  return { name, fallback, about: (field.description ?? '').replaceAll('|', '\\|') };
}

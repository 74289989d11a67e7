/** The JSON Schema of tracepulse.config.yaml, for editors: made from the schemas that read the settings. */
import { z } from 'zod';
import { Mapping } from '../src/adapters/alert-formats/mapping.ts';
import { MetricQuery } from '../src/adapters/metric-sources/prometheus/queries.ts';
import { ApiTokens } from '../src/domain/access.ts';
import { Route } from '../src/domain/routing.ts';
import { allSettings, isList, type Setting } from './settings-table.ts';

type Shape = Readonly<Record<string, unknown>>;

/** What is JSON in the environment is written out in the file. One mapping may stand without its list. */
const written: Readonly<Record<string, z.ZodType>> = {
  TRACEPULSE_ROUTES: z.array(Route),
  TRACEPULSE_API_TOKENS: ApiTokens,
  GENERIC_MAPPINGS: z.union([z.array(Mapping), Mapping]),
  PROMETHEUS_QUERIES: z.array(MetricQuery),
};

export function settingsSchema(): Shape {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'tracepulse.config.yaml',
    description: 'Settings of TracePulse, under the names they have in the environment, which wins where both say something.',
    type: 'object',
    additionalProperties: false,
    properties: Object.fromEntries(allSettings().map((setting) => [setting.name, shapeOf(setting)])),
  };
}

function shapeOf({ name, field, about }: Setting): Shape {
  const shape = shapeIn(written[name] ?? field);
  const said = { ...shape, description: about };
  if (written[name] !== undefined) return said;
  if (Array.isArray(shape['enum'])) return { ...said, type: undefined, enum: inFile(shape['enum']) };
  if (shape['type'] !== 'string') return said;
  const { default: fallback, ...one } = shape;
  // A number is as good as its digits, e.g. a user of Grafana Cloud or the id of an App.
  const text = one['pattern'] === undefined && one['format'] === undefined ? { ...one, type: ['string', 'number'] } : one;
  const alone = isList(about) ? { anyOf: [text, { type: 'array', items: text }] } : text;
  return { ...alone, ...(fallback === undefined ? {} : { default: fallback }), description: about };
}

function shapeIn(field: z.ZodType): Shape {
  const { $schema, ...shape } = z.toJSONSchema(field, { target: 'draft-7', io: 'input', unrepresentable: 'any' });
  return shape;
}

/** `on` and `off` may be said as true and false there. */
function inFile(words: readonly unknown[]): unknown[] {
  return words.includes('on') && words.includes('off') ? [...words, true, false] : [...words];
}

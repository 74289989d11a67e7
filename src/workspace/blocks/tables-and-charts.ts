/**
 * table, data_table, data_visualization. Limits: @slack/types 3.2.0, and for the parts it does not state the documentation
 * of 2026-05-20 and 2026-06-16 as quoted in public specifications (rows of a data_table, series, points, label lengths).
 */
import { isObject, objectsIn } from '../json.ts';
import { byType, type Check, fault, list, number, oneOf, shape, text, truth } from './check.ts';
import { richText } from './rich-text.ts';

const maxTableCharacters = 10_000;
export const maxDataTableCharacters = 20_000;

// An empty cell is refused ([gh], several reports); a space is what others send instead.
const rawText = shape({ required: { text: text(1, 3_000) } });
const rawNumber = shape({ required: { value: number(-Number.MAX_VALUE, Number.MAX_VALUE), text: text(1, 255) } });
const cell = byType({ raw_text: rawText, raw_number: rawNumber, rich_text: richText });
const headerCell = byType({ raw_text: rawText, raw_number: rawNumber });

/** All the words in a value; ids and types are not words. */
export function wordsIn(value: unknown): number {
  if (Array.isArray(value)) return value.reduce((sum: number, entry) => sum + wordsIn(entry), 0);
  if (!isObject(value)) return 0;
  return Object.entries(value).reduce(
    (sum, [key, entry]) => sum + (key === 'text' && typeof entry === 'string' ? entry.length : wordsIn(entry)),
    0,
  );
}

function rowsAlike(rows: readonly unknown[], pointer: string, faults: string[]): void {
  const width = Array.isArray(rows[0]) ? rows[0].length : 0;
  for (const [index, row] of rows.entries())
    if (Array.isArray(row) && row.length !== width)
      faults.push(fault('all rows must have the same number of cells', `${pointer}/rows/${index}`));
}

export const table = shape({
  required: { rows: list(list(cell, 1, 20), 1, 100) },
  optional: {
    block_id: text(0, 255),
    column_settings: list(shape({ optional: { align: oneOf('left', 'center', 'right'), is_wrapped: truth } }), 0, 20),
  },
  also(value, pointer, faults) {
    if (wordsIn(value['rows']) > maxTableCharacters)
      faults.push(fault(`must be less than ${maxTableCharacters + 1} characters over all cells`, `${pointer}/rows`));
  },
});

export const dataTable = shape({
  required: { caption: text(1, 255), rows: list(list(cell, 1, 20), 2, 201) },
  optional: { block_id: text(0, 255), page_size: number(1, 100), row_header_column_index: number(0, 19) },
  also(value, pointer, faults) {
    const rows = Array.isArray(value['rows']) ? value['rows'] : [];
    rowsAlike(rows, pointer, faults);
    list(headerCell, 1, 20)(rows[0], `${pointer}/rows/0`, faults);
    if (wordsIn(rows) > maxDataTableCharacters)
      faults.push(fault(`must be less than ${maxDataTableCharacters + 1} characters over all cells`, `${pointer}/rows`));
  },
});

const label = text(1, 20);
const point = shape({ required: { label, value: number(-Number.MAX_VALUE, Number.MAX_VALUE) } });
const series = list(shape({ required: { name: label, data: list(point, 1, 20) } }), 1, 12);
const axes = shape({ optional: { categories: list(label, 1, 20), x_label: text(1, 50), y_label: text(1, 50) } });

const plot = shape({
  required: { series },
  optional: { axis_config: axes },
  also(value, pointer, faults) {
    const lines = objectsIn(value['series']);
    if (new Set(lines.map((line) => line['name'])).size !== lines.length)
      faults.push(fault('series names must be unique', `${pointer}/series`));
    const axis = isObject(value['axis_config']) ? value['axis_config'] : {};
    const categories: readonly unknown[] = Array.isArray(axis['categories']) ? axis['categories'] : [];
    for (const [index, line] of lines.entries()) {
      const labels = objectsIn(line['data']).map((entry) => entry['label']);
      const onePerCategory =
        new Set(labels).size === labels.length &&
        (categories.length === 0 || (labels.length === categories.length && labels.every((each) => categories.includes(each))));
      if (!onePerCategory) faults.push(fault('must have one point per category', `${pointer}/series/${index}/data`));
    }
  },
});

const segment = shape({ required: { label, value: number(Number.MIN_VALUE, Number.MAX_VALUE) } });
const pie = shape({ required: { segments: list(segment, 1, 12) } });

export const dataVisualization: Check = shape({
  required: { title: text(1, 50), chart: byType({ line: plot, bar: plot, area: plot, pie }) },
  optional: { block_id: text(0, 255) },
});

/** The `table` and `data_table` blocks as real tables: header cells with a scope, a caption, numbers to the right. */
import { attributes, escapeHtml } from './html.ts';
import { isObject, type Json, list, number, object, objects, string } from './read.ts';
import { renderRichText } from './rich-text.ts';
import type { Scope } from './scope.ts';

export function tableBlock(block: Json, scope: Scope): string {
  const settings = objects(block['column_settings']);
  const classes = (column: number): string => {
    const align = string(object(settings[column])['align']);
    return `align-${align === 'right' || align === 'center' ? align : 'left'}${object(settings[column])['is_wrapped'] === true ? ' wrapped' : ''}`;
  };
  const rows = list(block['rows']).map(list);
  const head = (rows[0] ?? []).map((value, column) => `<th scope="col" class="${classes(column)}">${cell(value, scope)}</th>`).join('');
  const body = rows
    .slice(1)
    .map((row) => `<tr>${row.map((value, column) => `<td class="${classes(column)}">${cell(value, scope)}</td>`).join('')}</tr>`);
  return scrolling('Table', `<table><thead><tr>${head}</tr></thead><tbody>${body.join('')}</tbody></table>`);
}

export function dataTableBlock(block: Json, scope: Scope): string {
  const caption = string(block['caption']);
  const rows = list(block['rows']).map(list);
  const header = number(block['row_header_column_index']) ?? 0;
  const size = Math.min(100, Math.max(1, Math.trunc(number(block['page_size']) ?? 5)));
  const isNumber = (column: number): boolean =>
    rows.length > 1 && rows.slice(1).every((row) => object(row[column])['type'] === 'raw_number');
  const head = (rows[0] ?? []).map(
    (value, column) =>
      `<th scope="col" class="align-${isNumber(column) ? 'right' : 'left'}"><button type="button" class="sort" data-action="sort-table" data-column="${column}">${cell(value, scope)}</button></th>`,
  );
  const body = rows.slice(1).map((row, index) => {
    const cells = row.map((value, column) => {
      const own = `class="align-${isNumber(column) ? 'right' : 'left'}"${attributes({ 'data-number': number(object(value)['value']) })}`;
      return column === header ? `<th scope="row" ${own}>${cell(value, scope)}</th>` : `<td ${own}>${cell(value, scope)}</td>`;
    });
    return `<tr${attributes({ hidden: index >= size })}>${cells.join('')}</tr>`;
  });
  const count = rows.length - 1;
  const pager =
    count <= size
      ? ''
      : `<div class="pager"><button type="button" class="button quiet" data-action="page-table" data-step="-1" disabled>Previous</button><span class="pager-state" role="status">1–${size} of ${count}</span><button type="button" class="button quiet" data-action="page-table" data-step="1">Next</button></div>`;
  const table = `<table><caption>${escapeHtml(caption)}</caption><thead><tr>${head.join('')}</tr></thead><tbody>${body.join('')}</tbody></table>`;
  return `<div class="data-table" data-page-size="${size}">${scrolling(caption || 'Table', table)}${pager}</div>`;
}

function scrolling(label: string, table: string): string {
  return `<div class="table-scroll" tabindex="0" role="group"${attributes({ 'aria-label': label })}>${table}</div>`;
}

function cell(value: unknown, scope: Scope): string {
  if (!isObject(value)) return escapeHtml(string(value));
  if (value['type'] === 'rich_text') return renderRichText(value, scope.lookups);
  return escapeHtml(string(value['text']) || string(value['value']));
}

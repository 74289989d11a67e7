/** Sorting and paging of data tables, done in place on the rows that are already there. */
import { all, closest } from './dom.ts';

export function listenToTables(): void {
  document.addEventListener('click', (event) => {
    const sort = closest(event.target, '[data-action="sort-table"]');
    const page = closest(event.target, '[data-action="page-table"]');
    const table = closest(event.target, '.data-table');
    if (table === null) return;
    if (sort !== null) sortBy(table, sort);
    if (page !== null) turn(table, Number(page.dataset['step'] ?? 0));
  });
}

function sortBy(table: HTMLElement, button: HTMLElement): void {
  const column = Number(button.dataset['column'] ?? 0);
  const heading = button.closest('th');
  const direction = heading?.getAttribute('aria-sort') === 'ascending' ? 'descending' : 'ascending';
  for (const other of all(table, 'thead th')) other.removeAttribute('aria-sort');
  heading?.setAttribute('aria-sort', direction);
  const sign = direction === 'ascending' ? 1 : -1;
  const rows = all(table, 'tbody tr').sort((a, b) => sign * compare(a.children[column], b.children[column]));
  table.querySelector('tbody')?.append(...rows);
  table.dataset['page'] = '0';
  turn(table, 0);
}

function compare(a: Element | undefined, b: Element | undefined): number {
  const left = a instanceof HTMLElement ? a.dataset['number'] : undefined;
  const right = b instanceof HTMLElement ? b.dataset['number'] : undefined;
  if (left !== undefined && right !== undefined) return Number(left) - Number(right);
  return (a?.textContent ?? '').localeCompare(b?.textContent ?? '', undefined, { numeric: true });
}

function turn(table: HTMLElement, step: number): void {
  const rows = all(table, 'tbody tr');
  const size = Number(table.dataset['pageSize'] ?? 5);
  const last = Math.max(0, Math.ceil(rows.length / size) - 1);
  const page = Math.min(last, Math.max(0, Number(table.dataset['page'] ?? 0) + step));
  table.dataset['page'] = String(page);
  for (const [index, row] of rows.entries()) row.hidden = Math.floor(index / size) !== page;
  const state = table.querySelector('.pager-state');
  if (state !== null) state.textContent = `${page * size + 1}–${Math.min(rows.length, (page + 1) * size)} of ${rows.length}`;
  for (const button of all(table, '[data-action="page-table"]') as HTMLButtonElement[])
    button.disabled = Number(button.dataset['step']) < 0 ? page === 0 : page === last;
}

/** Keeps a list of rows in step with a list of messages, touching only what changed, so that reading, focus and open menus stay. */
import { localTime, longDay } from '../render/dates.ts';
import { escapeHtml } from '../render/html.ts';
import { renderRow } from '../render/row.ts';
import type { PageMessage } from '../wire.ts';
import { all, elementOf, localValue } from './dom.ts';
import { keepMenus } from './menus.ts';
import { lookupsOf, type Model } from './state.ts';
import { fillChips } from './select.ts';

const continuesWithinMs = 5 * 60_000;
const shownAs = new WeakMap<Element, string>();

export function showTimeline(list: HTMLElement, messages: readonly PageMessage[], model: Model, surface: 'channel' | 'thread'): void {
  const wanted = rowsFor(messages, model, surface);
  const existing = new Map([...list.children].map((child) => [child.id, child]));
  let previous: Element | null = null;
  for (const { id, html } of wanted) {
    let row: Element | undefined = existing.get(id);
    existing.delete(id);
    if (row === undefined || shownAs.get(row) !== html) row = fresh(row, html);
    const after: Element | null = previous === null ? list.firstElementChild : previous.nextElementSibling;
    if (after !== row) list.insertBefore(row, after);
    previous = row;
  }
  for (const gone of existing.values()) gone.remove();
}

/**
 * Who reads the newest message goes on reading it: when something is added, a picture arrives or the window changes.
 * Whoever scrolled back stays where they are.
 */
export function keepEndInView(scroller: HTMLElement): void {
  let isAtEnd = true;
  scroller.addEventListener('scroll', () => {
    isAtEnd = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 60;
  });
  const observer = new ResizeObserver(() => {
    if (isAtEnd) scroller.scrollTop = scroller.scrollHeight;
  });
  observer.observe(scroller);
  for (const list of all(scroller, '.timeline')) observer.observe(list);
}

interface Row {
  readonly id: string;
  readonly html: string;
}

function rowsFor(messages: readonly PageMessage[], model: Model, surface: 'channel' | 'thread'): readonly Row[] {
  const lookups = lookupsOf(model);
  const messageShortcuts = model.state.shortcuts.filter((shortcut) => shortcut.kind === 'message');
  const rows: Row[] = [];
  let before: PageMessage | undefined;
  let lastDay = '';
  for (const message of messages) {
    const atMs = Number(message.ts) * 1000;
    const day = dayOf(atMs);
    if (day !== lastDay) {
      lastDay = day;
      const id = `${surface}-day-${day}`;
      rows.push({ id, html: `<li class="day" id="${id}"><span>${escapeHtml(longDay(atMs, lookups))}</span></li>` });
      before = undefined;
    }
    const isContinued =
      before !== undefined &&
      before.user === message.user &&
      before.name === message.name &&
      !message.isEphemeral &&
      !before.isEphemeral &&
      !message.isBroadcast &&
      atMs - Number(before.ts) * 1000 < continuesWithinMs;
    const html = renderRow(message, { lookups, surface, isContinued, messageShortcuts });
    rows.push({ id: `${surface}-${message.channel}-${message.ts.replace('.', '-')}`, html });
    if (surface === 'thread' && message.threadTs === null && message.replies !== null) {
      rows.push({
        id: 'thread-count',
        html: `<li class="day" id="thread-count"><span>${message.replies.count} ${message.replies.count === 1 ? 'reply' : 'replies'}</span></li>`,
      });
      before = undefined;
    } else before = message;
  }
  return rows;
}

function dayOf(atMs: number): string {
  const time = localTime(atMs, undefined);
  return `${time.year}-${time.month}-${time.day}`;
}

/** A new row in place of the old one, with the focus, the opened details and the open menu the old one had. */
function fresh(old: Element | undefined, html: string): Element {
  const row = elementOf(html);
  shownAs.set(row, html);
  prepare(row);
  if (old === undefined) return row;
  const opened = all(old, 'details').map((details) => (details as HTMLDetailsElement).open);
  const isSame = opened.length === row.querySelectorAll('details').length;
  if (isSame) for (const [index, details] of all(row, 'details').entries()) (details as HTMLDetailsElement).open = opened[index] ?? false;
  const focus = old.contains(document.activeElement) ? document.activeElement : null;
  old.replaceWith(row);
  if (focus instanceof HTMLElement) refocus(row, focus);
  keepMenus(old, row, focus);
  return row;
}

function refocus(row: HTMLElement, focus: HTMLElement): void {
  const { action, actionId, value } = focus.dataset;
  const same = all(row, '[data-action]').find(
    (each) => each.dataset['action'] === action && each.dataset['actionId'] === actionId && each.dataset['value'] === value,
  );
  (same ?? row).focus({ preventScroll: true });
}

/** What HTML alone cannot say: wall-clock values in the reader's zone, and the chips of what is chosen. */
export function prepare(root: HTMLElement): void {
  for (const field of all(root, 'input[data-epoch]')) (field as HTMLInputElement).value = localValue(Number(field.dataset['epoch']));
  for (const select of all(root, '.select')) fillChips(select);
}

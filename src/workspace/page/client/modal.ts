/** The modal in front of the person: the top of the stack the app opened, drawn again when its hash changes. */
import { renderBlocks } from '../render/blocks.ts';
import { escapeHtml } from '../render/html.ts';
import { list, object, string } from '../render/read.ts';
import { textOf } from '../render/scope.ts';
import type { PageView } from '../wire.ts';
import { all, announce, byId, closest } from './dom.ts';
import { inputsOf, refill } from './fields.ts';
import { act } from './server.ts';
import { lookupsOf, type Model } from './state.ts';
import { prepare } from './timeline.ts';

let shown: { readonly id: string; readonly hash: string } | null = null;
let cameFrom: HTMLElement | null = null;

export function listenToModal(): void {
  const dialog = byId('modal') as HTMLDialogElement;
  dialog.addEventListener('cancel', (event) => {
    event.preventDefault();
    void act('dismiss', { all: false });
  });
  dialog.addEventListener('click', (event) => {
    if (closest(event.target, '[data-action="dismiss-modal"]') !== null)
      void act('dismiss', { all: closest(event.target, '[data-all]') !== null });
  });
  dialog.addEventListener('submit', (event) => {
    event.preventDefault();
    void submit(dialog);
  });
}

export function drawModal(model: Model): void {
  const dialog = byId('modal') as HTMLDialogElement;
  const stack = model.state.views;
  const top = stack.at(-1);
  if (top === undefined) {
    shown = null;
    if (dialog.open) dialog.close();
    dialog.replaceChildren();
    cameFrom?.focus({ preventScroll: true });
    cameFrom = null;
    return;
  }
  if (shown?.id !== top.id || shown.hash !== top.hash) {
    const typed = shown?.id === top.id ? inputsOf(dialog) : {};
    if (!dialog.open) cameFrom = document.activeElement instanceof HTMLElement ? document.activeElement : null;
    dialog.innerHTML = modalHtml(top, stack.length, model);
    prepare(dialog);
    refill(dialog, typed);
    shown = { id: top.id, hash: top.hash };
    if (!dialog.open) dialog.showModal();
    focusFirst(dialog);
  }
  showErrors(dialog, top);
}

function modalHtml(top: PageView, depth: number, model: Model): string {
  const { view } = top;
  const submit = textOf(view['submit']);
  const close = textOf(view['close']) || (depth > 1 ? 'Back' : 'Cancel');
  const hasInputs = list(view['blocks']).some((block) => object(block)['type'] === 'input');
  const blocks = renderBlocks(view['blocks'], { ...lookupsOf(model), idPrefix: `view-${top.id}-${top.hash.replace(/[^\w-]/g, '')}` });
  const send = submit === '' && !hasInputs ? '' : `<button type="submit" class="button primary">${escapeHtml(submit || 'Submit')}</button>`;
  return (
    `<form class="modal-form" novalidate data-surface="modal"><header class="modal-head"><h2 id="modal-title" tabindex="-1">${escapeHtml(textOf(view['title']))}</h2>` +
    `<button type="button" class="tool" data-action="dismiss-modal" data-all aria-label="Close">✕</button></header>` +
    `<div class="modal-body" data-view="${escapeHtml(string(view['callback_id']))}">${blocks}</div>` +
    `<footer class="modal-foot"><p class="problem" id="modal-problem" role="alert" hidden></p><button type="button" class="button" data-action="dismiss-modal">${escapeHtml(close)}</button>${send}</footer></form>`
  );
}

function focusFirst(dialog: HTMLElement): void {
  const first =
    dialog.querySelector<HTMLElement>('[autofocus]') ??
    dialog.querySelector<HTMLElement>('.modal-body :is(input, textarea, select)') ??
    dialog.querySelector<HTMLElement>('#modal-title');
  first?.focus();
}

async function submit(dialog: HTMLElement): Promise<void> {
  const button = dialog.querySelector<HTMLButtonElement>('button[type="submit"]');
  const before = shown;
  if (button !== null) button.disabled = true;
  const outcome = await act('submit', { inputs: inputsOf(dialog) });
  if (button !== null) button.disabled = false;
  const problem = document.getElementById('modal-problem');
  // The app may have opened something else meanwhile; its problems are its own.
  if (outcome.ok || problem === null || shown?.id !== before?.id) return;
  problem.textContent = outcome.message;
  problem.hidden = false;
}

function showErrors(dialog: HTMLElement, view: PageView): void {
  let first: HTMLElement | null = null;
  for (const block of all(dialog, '.block-input')) {
    const sentence = view.errors[block.dataset['block'] ?? ''] ?? '';
    const line = block.querySelector<HTMLElement>('.field-error');
    const control = block.querySelector<HTMLElement>('input, textarea, .choices');
    if (line !== null) {
      line.textContent = sentence;
      line.hidden = sentence === '';
    }
    if (sentence === '') control?.removeAttribute('aria-invalid');
    else {
      control?.setAttribute('aria-invalid', 'true');
      first ??= block.querySelector<HTMLElement>('input, textarea');
    }
  }
  if (first === null) return;
  first.focus();
  announce(`${Object.keys(view.errors).length} fields need another look.`);
}

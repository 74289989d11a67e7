/** Presses and choices in messages, Home tab and modals, sent to the app as what they are. */
import { escapeHtml } from '../render/html.ts';
import { object, string, type Json } from '../render/read.ts';
import { textOf } from '../render/scope.ts';
import type { PageAct } from '../wire.ts';
import { byId, closest, complain } from './dom.ts';
import { inputsOf, valueOfField } from './fields.ts';
import { listenToSelects } from './select.ts';
import { act } from './server.ts';

type Surface = 'modal' | 'home' | { readonly channel: string; readonly ts: string };

export function listenToActions(): void {
  document.addEventListener('click', (event) => {
    const pressed = closest(
      event.target,
      'button[data-action="button"], a[data-action="button"], [data-action="workflow_button"], [data-action="icon_button"]',
    );
    if (pressed !== null) return void press(pressed, pressed.dataset['value']);
    const feedback = closest(event.target, '[data-action="feedback_buttons"] button');
    if (feedback !== null)
      return void press(closest(feedback, '[data-action="feedback_buttons"]') ?? feedback, feedback.dataset['value'], feedback);
    const entry = closest(event.target, '[data-action="overflow"] .menu-entry');
    if (entry !== null) return void press(closest(entry, '[data-action="overflow"]') ?? entry, string(optionOf(entry)['value']));
  });
  document.addEventListener('change', (event) => {
    const field = closest(event.target, '.choices, .time-input');
    if (field !== null) changed(field);
  });
  // Text fields tell the app only where their block asks for it.
  document.addEventListener('keydown', (event) => {
    const field = closest(event.target, '[data-dispatches] .text-input');
    if (field === null || event.key !== 'Enter' || field.tagName === 'TEXTAREA') return;
    event.preventDefault();
    void press(field, valueOfField(field));
  });
  listenToSelects({
    chosen: changed,
    async suggest(select, query) {
      const surface = surfaceOf(select);
      if (surface === null || surface === 'home') return [];
      const answer = (await act('suggest', { surface, actionId: select.dataset['actionId'] ?? '', query })) as PageAct & {
        readonly options?: readonly Json[];
      };
      return answer.options ?? [];
    },
  });
}

/** In an input block a choice waits for Submit, unless the block dispatches; anywhere else it is an action at once. */
function changed(field: HTMLElement): void {
  const isInput = field.closest('.block-input') !== null;
  if (isInput && field.closest('[data-dispatches]') === null) return;
  void press(field, valueOfField(field));
}

async function press(element: HTMLElement, value: string | readonly string[] | undefined, shownOn: HTMLElement = element): Promise<void> {
  const surface = surfaceOf(element);
  const actionId = element.dataset['actionId'];
  if (surface === null || actionId === undefined) return;
  const confirm = element.dataset['confirm'];
  if (confirm !== undefined && !(await isConfirmed(object(JSON.parse(confirm))))) return;
  const root = element.closest<HTMLElement>('[data-surface]');
  shownOn.classList.add('waiting');
  shownOn.setAttribute('aria-busy', 'true');
  const blockId = element.dataset['blockId'];
  const outcome = await act('click', {
    surface,
    click: {
      actionId,
      ...(blockId === undefined || blockId === '' ? {} : { blockId }),
      ...(value === undefined ? {} : { value }),
      inputs: root === null ? {} : inputsOf(root),
    },
  });
  shownOn.classList.remove('waiting');
  shownOn.removeAttribute('aria-busy');
  if (!outcome.ok) complain(outcome.message);
}

function surfaceOf(element: HTMLElement): Surface | null {
  const root = element.closest<HTMLElement>('[data-surface]');
  const kind = root?.dataset['surface'];
  if (kind === 'modal' || kind === 'home') return kind;
  const channel = root?.dataset['channel'];
  const ts = root?.dataset['ts'];
  return channel === undefined || ts === undefined ? null : { channel, ts };
}

function optionOf(element: HTMLElement): Json {
  return object(JSON.parse(element.dataset['option'] ?? '{}'));
}

/** The app's own question before something that cannot be undone. */
function isConfirmed(confirm: Json): Promise<boolean> {
  const dialog = byId('confirm') as HTMLDialogElement;
  const danger = confirm['style'] === 'danger' ? 'danger' : 'primary';
  dialog.innerHTML =
    `<form method="dialog" class="modal-form"><header class="modal-head"><h2 id="confirm-title">${escapeHtml(textOf(confirm['title']))}</h2></header>` +
    `<div class="modal-body"><p>${escapeHtml(textOf(confirm['text']))}</p></div>` +
    `<footer class="modal-foot"><button class="button" value="no">${escapeHtml(textOf(confirm['deny']) || 'Cancel')}</button><button class="button ${danger}" value="yes">${escapeHtml(textOf(confirm['confirm']) || 'Yes')}</button></footer></form>`;
  dialog.returnValue = '';
  dialog.showModal();
  return new Promise((resolve) => dialog.addEventListener('close', () => resolve(dialog.returnValue === 'yes'), { once: true }));
}

/** The field people write in: Enter sends, Shift+Enter breaks the line, `/` offers commands, `@` offers people. */
import { escapeHtml } from '../render/html.ts';
import { all, byId, elementOf } from './dom.ts';
import type { Model } from './state.ts';

export interface ComposerOptions {
  readonly area: HTMLElement;
  readonly id: string;
  readonly label: string;
  /** Commands are not possible in threads. */
  readonly offersCommands: boolean;
  readonly model: Model;
  /** Resolves to a sentence when it could not be sent; the text then stays. */
  send(text: string): Promise<string | null>;
}

interface Offer {
  readonly insert: string;
  readonly title: string;
  readonly detail: string;
}

export function drawComposer(options: ComposerOptions): void {
  const { area, id, label } = options;
  area.innerHTML =
    `<div class="composer-status" id="${id}-status"></div><form class="composer"><label class="visually-hidden" for="${id}-text">${escapeHtml(label)}</label>` +
    `<textarea id="${id}-text" rows="1" maxlength="12000" placeholder="${escapeHtml(label)}" aria-haspopup="listbox" aria-autocomplete="list" aria-controls="${id}-offers" aria-describedby="${id}-hint ${id}-problem"></textarea>` +
    `<div class="offers" id="${id}-offers" role="listbox" aria-label="Suggestions" hidden></div>` +
    `<button class="button primary send" aria-label="Send">Send</button></form>` +
    `<p class="composer-hint" id="${id}-hint">${options.offersCommands ? 'Enter sends, Shift+Enter for a new line, <kbd>/</kbd> for commands' : 'Enter sends, Shift+Enter for a new line'}</p>` +
    `<p class="problem" id="${id}-problem" role="alert" hidden></p>`;
  const text = byId(`${id}-text`) as HTMLTextAreaElement;
  const form = area.querySelector('form');
  text.addEventListener('input', () => {
    grow(text);
    offer(options, text);
  });
  text.addEventListener('keydown', (event) => onKey(event, options, text));
  text.addEventListener('blur', () => setTimeout(() => hideOffers(options, text), 150));
  form?.addEventListener('submit', (event) => {
    event.preventDefault();
    void send(options, text);
  });
}

export function setComposerStatus(id: string, words: string): void {
  const status = document.getElementById(`${id}-status`);
  if (status === null) return;
  status.textContent = words;
  status.classList.toggle('shown', words !== '');
}

async function send(options: ComposerOptions, text: HTMLTextAreaElement): Promise<void> {
  const value = text.value.trim();
  if (value === '' || text.readOnly) return;
  const problem = byId(`${options.id}-problem`);
  text.readOnly = true;
  const sentence = await options.send(value);
  text.readOnly = false;
  problem.textContent = sentence ?? '';
  problem.hidden = sentence === null;
  if (sentence === null) text.value = '';
  grow(text);
  hideOffers(options, text);
  text.focus();
}

function onKey(event: KeyboardEvent, options: ComposerOptions, text: HTMLTextAreaElement): void {
  const list = byId(`${options.id}-offers`);
  const isOffering = !list.hidden;
  if (isOffering && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
    event.preventDefault();
    move(options, text, event.key === 'ArrowDown' ? 1 : -1);
  } else if (isOffering && event.key === 'Escape') {
    event.preventDefault();
    hideOffers(options, text);
  } else if (isOffering && (event.key === 'Tab' || event.key === 'Enter') && !event.shiftKey && list.querySelector('.active') !== null) {
    event.preventDefault();
    take(options, text, list.querySelector<HTMLElement>('.active'));
  } else if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    void send(options, text);
  }
}

/** What could be meant at the end of the text: a command at its start, or a person after an `@`. */
function offersFor(options: ComposerOptions, text: HTMLTextAreaElement): readonly Offer[] {
  const before = text.value.slice(0, text.selectionStart);
  const { commands, people } = options.model.state;
  if (options.offersCommands && /^\/\S*$/.test(before)) {
    return commands
      .filter((command) => command.command.startsWith(before))
      .map((command) => ({ insert: `${command.command} `, title: `${command.command} ${command.usageHint}`, detail: command.description }));
  }
  const name = /(?:^|\s)@([\p{L}\p{N}._-]*)$/u.exec(before)?.[1];
  if (name === undefined) return [];
  return people
    .filter((person) => person.name.startsWith(name.toLowerCase()))
    .slice(0, 8)
    .map((person) => ({
      insert: `${before.slice(0, before.length - name.length)}${person.name} `,
      title: `@${person.name}`,
      detail: person.isBot ? 'App' : person.realName,
    }));
}

function offer(options: ComposerOptions, text: HTMLTextAreaElement): void {
  const list = byId(`${options.id}-offers`);
  const offers = offersFor(options, text);
  if (offers.length === 0) {
    hideOffers(options, text);
    return;
  }
  list.replaceChildren(
    ...offers.map((each, index) => {
      const entry = elementOf(
        `<div class="offer" role="option" id="${options.id}-offer-${index}" aria-selected="false"><b>${escapeHtml(each.title)}</b><small>${escapeHtml(each.detail)}</small></div>`,
      );
      entry.dataset['insert'] = each.insert;
      entry.addEventListener('mousedown', (event) => {
        event.preventDefault();
        take(options, text, entry);
      });
      return entry;
    }),
  );
  list.hidden = false;
  move(options, text, 1);
}

function take(options: ComposerOptions, text: HTMLTextAreaElement, entry: HTMLElement | null): void {
  const insert = entry?.dataset['insert'];
  if (insert === undefined) return;
  const rest = text.value.slice(text.selectionStart);
  text.value = insert + rest;
  text.setSelectionRange(insert.length, insert.length);
  grow(text);
  hideOffers(options, text);
}

function move(options: ComposerOptions, text: HTMLTextAreaElement, step: number): void {
  const entries = all(byId(`${options.id}-offers`), '.offer');
  const at = entries.findIndex((entry) => entry.classList.contains('active'));
  const next = entries[(at + step + entries.length) % entries.length];
  for (const entry of entries) {
    entry.classList.toggle('active', entry === next);
    entry.setAttribute('aria-selected', String(entry === next));
  }
  if (next !== undefined) text.setAttribute('aria-activedescendant', next.id);
}

function hideOffers(options: ComposerOptions, text: HTMLTextAreaElement): void {
  const list = document.getElementById(`${options.id}-offers`);
  if (list === null) return;
  list.hidden = true;
  text.removeAttribute('aria-activedescendant');
}

function grow(text: HTMLTextAreaElement): void {
  const rows = text.value.split('\n').length;
  text.rows = Math.min(10, Math.max(1, rows, Math.ceil(text.value.length / 90)));
}

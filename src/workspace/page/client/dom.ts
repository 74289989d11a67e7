/** The few things the page does with the document again and again. HTML only ever comes from the renderer, which escapes. */

export function byId(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no #${id}`);
  return found;
}

export function closest(target: EventTarget | null, selector: string): HTMLElement | null {
  return target instanceof Element ? target.closest<HTMLElement>(selector) : null;
}

export function elementOf(html: string): HTMLElement {
  const template = document.createElement('template');
  template.innerHTML = html;
  const first = template.content.firstElementChild;
  if (!(first instanceof HTMLElement)) throw new Error('no element in the HTML');
  return first;
}

export function all(root: ParentNode, selector: string): HTMLElement[] {
  return [...root.querySelectorAll<HTMLElement>(selector)];
}

/** Says it to people who listen to the page, without moving them. */
export function announce(text: string): void {
  const line = document.createElement('p');
  line.textContent = text;
  const announcer = byId('announcer');
  announcer.append(line);
  while (announcer.childElementCount > 5) announcer.firstElementChild?.remove();
}

/** A sentence at the edge of the page: something the person did could not be done. Stays until dismissed or six more came. */
export function complain(text: string): void {
  const toast = document.createElement('div');
  toast.className = 'toast';
  toast.textContent = text;
  const close = document.createElement('button');
  close.type = 'button';
  close.className = 'tool';
  close.setAttribute('aria-label', 'Dismiss');
  close.textContent = '✕';
  close.addEventListener('click', () => toast.remove());
  toast.append(close);
  const toasts = byId('toasts');
  toasts.append(toast);
  while (toasts.childElementCount > 6) toasts.firstElementChild?.remove();
  setTimeout(() => toast.remove(), 12_000);
}

/** Wall-clock value of a `datetime-local` field, and back, in the reader's zone. */
export function localValue(epochSeconds: number): string {
  const at = new Date(epochSeconds * 1000);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

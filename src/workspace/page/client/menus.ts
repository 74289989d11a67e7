/** Menus that a button opens: arrows move, Escape closes and gives the focus back, a click elsewhere closes. */
import { all, closest } from './dom.ts';

export function listenToMenus(): void {
  document.addEventListener('click', (event) => {
    const toggle = closest(event.target, '[data-action="toggle-menu"]');
    for (const open of all(document, '[data-action="toggle-menu"][aria-expanded="true"]')) if (open !== toggle) closeMenu(open);
    if (toggle === null) return;
    if (toggle.getAttribute('aria-expanded') === 'true') closeMenu(toggle);
    else openMenu(toggle);
  });
  document.addEventListener('keydown', (event) => {
    const menu = closest(event.target, '.menu');
    if (menu === null) return;
    const entries = all(menu, '.menu-entry');
    const at = entries.indexOf(event.target as HTMLElement);
    const toggle = document.querySelector<HTMLElement>(`[aria-controls="${menu.id}"]`);
    const go = (index: number): void => entries[(index + entries.length) % entries.length]?.focus();
    if (event.key === 'ArrowDown') go(at + 1);
    else if (event.key === 'ArrowUp') go(at - 1);
    else if (event.key === 'Home') go(0);
    else if (event.key === 'End') go(-1);
    else if ((event.key === 'Escape' || event.key === 'Tab') && toggle !== null) {
      closeMenu(toggle);
      toggle.focus();
      if (event.key === 'Tab') return;
    } else return;
    event.preventDefault();
    event.stopPropagation();
  });
}

/** A row that is drawn anew keeps the menu that was open in it, with the focus where it was; to be called once the new one stands. */
export function keepMenus(old: Element, row: Element, focus: Element | null): void {
  const [before, after] = [old, row].map((of) => all(of, '[data-action="toggle-menu"]'));
  if (before === undefined || after === undefined || before.length !== after.length) return;
  for (const [index, was] of before.entries()) {
    const [is, menuBefore, menu] = [
      after[index],
      was.parentElement?.querySelector('.menu'),
      after[index]?.parentElement?.querySelector('.menu'),
    ];
    if (was.getAttribute('aria-expanded') !== 'true' || is === undefined || !(menu instanceof HTMLElement)) continue;
    is.setAttribute('aria-expanded', 'true');
    menu.hidden = false;
    menu.className = menuBefore?.className ?? menu.className;
    if (!(focus instanceof HTMLElement) || menuBefore?.contains(focus) !== true) continue;
    const entries = all(menu, '.menu-entry');
    (entries.find(({ dataset }) => dataset['option'] === focus.dataset['option']) ?? entries[0])?.focus({ preventScroll: true });
  }
}

function openMenu(toggle: HTMLElement): void {
  const menu = document.getElementById(toggle.getAttribute('aria-controls') ?? '');
  if (menu === null) return;
  toggle.setAttribute('aria-expanded', 'true');
  menu.hidden = false;
  // Near the lower edge of the window it opens upwards.
  menu.classList.toggle('upwards', menu.getBoundingClientRect().bottom > window.innerHeight);
  all(menu, '.menu-entry')[0]?.focus();
}

function closeMenu(toggle: HTMLElement): void {
  toggle.setAttribute('aria-expanded', 'false');
  const menu = document.getElementById(toggle.getAttribute('aria-controls') ?? '');
  if (menu !== null) menu.hidden = true;
}

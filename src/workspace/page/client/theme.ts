/** Light, dark, or as the system says. Kept in a cookie, so that the server already sends the page in the right colours. */
import { byId } from './dom.ts';

const themes = ['system', 'light', 'dark'] as const;
type Theme = (typeof themes)[number];
const signs: Readonly<Record<Theme, string>> = { system: '◐', light: '☀', dark: '☾' };
const words: Readonly<Record<Theme, string>> = { system: 'as the system', light: 'light', dark: 'dark' };

export function listenToTheme(): void {
  const button = byId('theme');
  const given = document.documentElement.dataset['theme'];
  let current: Theme = given === 'light' || given === 'dark' ? given : 'system';
  show(button, current);
  button.addEventListener('click', () => {
    current = themes[(themes.indexOf(current) + 1) % themes.length] ?? 'system';
    if (current === 'system') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = current;
    // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API does not exist in Firefox yet
    document.cookie = `tracepulse_theme=${current}; Path=/chat; Max-Age=31536000; SameSite=Strict`;
    show(button, current);
  });
}

function show(button: HTMLElement, theme: Theme): void {
  button.textContent = signs[theme];
  button.setAttribute('aria-label', `Colours: ${words[theme]}`);
  button.title = `Colours: ${words[theme]}`;
}

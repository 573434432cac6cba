import { effect, signal } from '@preact/signals';

const KEPT = 'secret-access.theme';
const THEMES = /** @type {const} */ (['Auto', 'Light', 'Dark']);

/** How it looks: as the system has it, or as was chosen here. */
export const theme = signal(THEMES.find((name) => name === localStorage.getItem(KEPT)) ?? 'Auto');

export function nextTheme() {
  theme.value = THEMES[(THEMES.indexOf(theme.value) + 1) % THEMES.length] ?? 'Auto';
  localStorage.setItem(KEPT, theme.value);
}

effect(() => {
  document.documentElement.dataset['theme'] = theme.value.toLowerCase();
});

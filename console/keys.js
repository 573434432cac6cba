import { BASE, go, to } from './router.js';

/** @type {[string, string][]} */
export const KEYS = [
  ['/', 'Search'],
  ['g then h, s, p, i, o, f, n, a', 'Home, Secrets, Principals, Inbox, Operations, Findings, Incidents, Audit'],
  ['j, k', 'Next, previous row'],
  ['s', 'Share'],
  ['d', 'Deny'],
  ['Ctrl+Enter', 'Check what a dialog would do'],
  ['Escape', 'Close a dialog'],
  ['?', 'These keys'],
];

const PAGES = new Map([
  ['h', ''],
  ['n', 'incidents'],
  ['s', 'secrets'],
  ['p', 'principals'],
  ['i', 'inbox'],
  ['o', 'operations'],
  ['f', 'findings'],
  ['a', 'audit'],
]);

const KEPT = 'secret-access.keys';
export const areKeysOn = () => localStorage.getItem(KEPT) !== 'off';
/** Single keys are in the way of who dictates: WCAG 2.2, 2.1.4. @param {boolean} on */
export const switchKeys = (on) => localStorage.setItem(KEPT, on ? 'on' : 'off');

/** Listens until what it returns is called. @param {{ help: () => void }} does */
export function hotkeys({ help }) {
  let before = '';
  const onKey = (/** @type {KeyboardEvent} */ event) => {
    const { key, target } = event;
    const isTyping = target instanceof Element && target.closest('input, textarea, select, dialog') !== null;
    if (isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
    if (key === '?') help();
    if (!areKeysOn()) return;
    const page = before === 'g' ? PAGES.get(key) : undefined;
    before = key;
    if (page !== undefined) go(page === '' ? BASE : to(page));
    else if (key === '/') press(event, 'main input[type=search]') || press(event, 'header input[type=search]');
    else if (key === 's' || key === 'd') press(event, `[data-key=${key}]`);
    else if (key === 'j' || key === 'k') moveRow(key === 'j' ? 1 : -1);
  };
  addEventListener('keydown', onKey);
  return () => removeEventListener('keydown', onKey);
}

/** @param {KeyboardEvent} event @param {string} selector @returns {boolean} whether there is one */
function press(event, selector) {
  const control = document.querySelector(selector);
  if (!(control instanceof HTMLElement)) return false;
  event.preventDefault();
  // The focus comes back to it, too, when what it opens is closed.
  control.focus();
  if (control instanceof HTMLButtonElement) control.click();
  return true;
}

/** @param {1 | -1} step */
function moveRow(step) {
  const rows = [...document.querySelectorAll('[data-row]')].filter((row) => row instanceof HTMLElement);
  const at = rows.findIndex((row) => row.matches(':focus'));
  rows[Math.min(Math.max(at + step, 0), rows.length - 1)]?.focus();
}

import { el } from './elements.js';

const KEPT = 'secret-access.credential';

/** What the API answers when it refuses, as RFC 9457 has it. */
export class Refused extends Error {
  constructor(problem) {
    super(problem.detail);
    this.problem = problem;
  }
}

/**
 * Asks the API, with the credential that was pasted, if any. On 401 it asks for one.
 * @throws Refused
 */
export async function ask(path) {
  const response = await fetch(path, { headers: { accept: 'application/json', ...credentialHeader() } }).catch(() => {
    throw new Refused({ title: 'The service can’t be reached', detail: 'Is it running, and are you online?' });
  });
  if (response.ok) return response.json();
  const problem = await response
    .json()
    .catch(() => ({ title: `HTTP ${response.status}`, detail: response.statusText }));
  if (response.status === 401) showCredentials(problem.detail);
  throw new Refused(problem);
}

/** A refusal for people: what happened, and where it says what to do. */
export const refusal = ({ problem: { title, detail, type } }) =>
  el(
    'span',
    { class: 'refused' },
    el('strong', {}, title),
    ` ${detail} `,
    type ? el('a', { href: type }, 'What to do') : null,
  );

/** Kept for this tab alone, until it is closed. */
function credentialHeader() {
  const credential = sessionStorage.getItem(KEPT);
  if (credential === null) return {};
  const isToken = credential.split('.').length === 3;
  return isToken ? { authorization: `Bearer ${credential}` } : { 'x-api-key': credential };
}

const panel = document.getElementById('credentials');
const button = document.getElementById('credentials-button');

function showCredentials(why) {
  const input = el('input', {
    id: 'credential',
    type: 'password',
    autocomplete: 'off',
    spellcheck: 'false',
    required: true,
    'aria-describedby': 'credential-help',
  });
  const help = 'It stays in this tab, and is gone when you close it.';
  panel.replaceChildren(
    el('h2', {}, 'Who are you?'),
    ...(why ? [el('p', {}, why)] : []),
    el(
      'form',
      { onsubmit: keep(input) },
      el('label', { for: 'credential' }, 'A bearer token, or an API key'),
      el(
        'div',
        { class: 'field' },
        input,
        el('button', { type: 'submit' }, 'Use it'),
        el('button', { type: 'button', class: 'quiet', onclick: forget }, 'Forget it'),
      ),
      el('p', { id: 'credential-help', class: 'hint' }, help),
    ),
  );
  panel.hidden = false;
  button.setAttribute('aria-expanded', 'true');
  input.focus();
}

function hideCredentials() {
  panel.hidden = true;
  button.setAttribute('aria-expanded', 'false');
}

const keep = (input) => (event) => {
  event.preventDefault();
  sessionStorage.setItem(KEPT, input.value.trim().replace(/^Bearer /i, ''));
  location.reload();
};

function forget() {
  sessionStorage.removeItem(KEPT);
  location.reload();
}

button.addEventListener('click', () => (panel.hidden ? showCredentials() : hideCredentials()));

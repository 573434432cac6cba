import { ask, Refused, refusal } from './api.js';
import { el, icon } from './elements.js';

const input = document.getElementById('name');
const status = document.getElementById('status');
const list = document.getElementById('secrets');
const more = document.getElementById('more');
let cursor = null;

async function show() {
  const name = input.value.trim();
  const query = new URLSearchParams({ limit: '50', ...(name && { name }), ...(cursor && { cursor }) });
  more.disabled = true;
  try {
    const page = await ask(`/v1/secrets?${query}`);
    if (cursor === null) list.replaceChildren();
    list.append(...page.items.map(card));
    cursor = page.nextCursor;
    const count = list.childElementCount;
    status.textContent = count === 0 ? 'No secret has such a name.' : `${count}${cursor ? ' and more' : ''} found.`;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    list.replaceChildren();
    cursor = null;
    status.replaceChildren(refusal(error));
  }
  more.hidden = cursor === null;
  more.disabled = false;
}

const card = ({ name, arn, description, kmsKeyId, deletedAt, owningService, tags }) =>
  el(
    'li',
    {},
    el('a', { href: `/access/${encodeURIComponent(name)}`, title: arn }, icon('lock'), name),
    description && el('p', {}, description),
    el(
      'ul',
      { class: 'chips', 'aria-label': `About ${name}` },
      !kmsKeyId && chip('AWS managed key: not readable from other accounts', 'warning'),
      deletedAt && chip('Waits for deletion', 'warning'),
      owningService && chip(`Managed by ${owningService}`, 'service'),
      ...Object.entries(tags).map(([key, value]) => chip(`${key}: ${value}`)),
    ),
  );

const chip = (text, symbol) => el('li', {}, symbol && icon(symbol), text);

document.getElementById('search').addEventListener('submit', (event) => {
  event.preventDefault();
  const name = input.value.trim();
  history.replaceState(null, '', name === '' ? '/access' : `/access?${new URLSearchParams({ name })}`);
  cursor = null;
  show();
});
more.addEventListener('click', show);

input.value = new URLSearchParams(location.search).get('name') ?? '';
show();

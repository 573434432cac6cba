import { ask, Refused, refusal } from './api.js';
import { el, icon, json } from './elements.js';
import { deniedCard, readerCard } from './reader.js';
import { fence, GROUPS, groupOf, when } from './words.js';

const secretId = decodeURIComponent(location.pathname.replace(/^\/access\//, ''));
/** By the query, since proxies change some names in a path. */
const askOf = (what, query = {}) => ask(`/v1/secrets/-/${what}?${new URLSearchParams({ secretId, ...query })}`);
const byId = (id) => document.getElementById(id);
const more = byId('more');
const readers = [];
let denied = [];
let notes = [];
let policy;
let cursor = null;

byId('title').textContent = secretId;
document.title = `${secretId} – who can read`;

async function load() {
  more.disabled = true;
  try {
    const query = { limit: '200', ...(cursor && { cursor }) };
    const [page, attached] = await Promise.all([askOf('readers', query), policy ?? askOf('policy')]);
    readers.push(...page.items);
    ({ denied, notes, nextCursor: cursor } = page);
    policy = attached;
    draw();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    byId('status').classList.remove('unseen');
    byId('status').replaceChildren(refusal(error));
  }
  more.disabled = false;
}

function draw() {
  const groups = { reads: [], depends: [], denied: [], ended: [] };
  for (const reader of readers) groups[groupOf(reader)].push(readerCard(reader, policy));
  groups.denied.push(...denied.map((one) => deniedCard(one, policy)));

  byId('facts').replaceChildren(facts(policy.secret));
  byId('status').textContent = Object.entries(GROUPS)
    .map(([name, [, title]]) => `${title}: ${groups[name].length}`)
    .join(', ');
  byId('tally').replaceChildren(tally(groups));
  byId('alerts').replaceChildren(...alerts());
  byId('groups').replaceChildren(...Object.entries(groups).flatMap(group));
  byId('rest').replaceChildren(...rest());
  more.hidden = cursor === null;
  byId('picture').hidden = false;
  // Said to screen readers; the tally shows it.
  byId('status').classList.add('unseen');
}

const facts = ({ region, account, kmsKeyId, description, deletedAt, owningService, tags }) =>
  el(
    'div',
    {},
    description && el('p', { class: 'lead' }, description),
    el(
      'ul',
      { class: 'chips', 'aria-label': 'About this secret' },
      el('li', {}, `Account ${account}`),
      el('li', {}, region),
      kmsKeyId
        ? el('li', { title: kmsKeyId }, 'Customer managed key')
        : el('li', {}, icon('warning'), 'AWS managed key: not readable from other accounts'),
      owningService && el('li', {}, icon('service'), `Managed by ${owningService}`),
      deletedAt && el('li', {}, icon('warning'), `Waits for deletion since ${when(deletedAt)}`),
      ...Object.entries(tags).map(([key, value]) => el('li', {}, `${key}: ${value}`)),
    ),
  );

const tally = (groups) =>
  el(
    'ul',
    { class: 'tally', 'aria-label': 'In short' },
    ...Object.entries(GROUPS).map(([name, [symbol, title]]) =>
      el(
        'li',
        { 'data-group': name },
        el(
          groups[name].length === 0 ? 'span' : 'a',
          { href: groups[name].length === 0 ? null : `#${name}` },
          icon(symbol),
          el('strong', {}, String(groups[name].length)),
          ` ${title}`,
        ),
      ),
    ),
  );

function* alerts() {
  const { missing } = policy;
  if (missing === null)
    yield notice('The audit log does not answer, so that nobody can say whether somebody dropped a statement of ours.');
  if (missing?.length > 0) {
    yield notice(
      `Somebody else dropped ${missing.length} of ours: ${missing.map(({ kind, words }) => `${kind} ${words.who}`).join(', ')}. `,
      el('a', { href: '/docs#/Policy/restoreDrift' }, 'Put them back'),
    );
  }
  for (const restriction of policy.restrictions) {
    yield el(
      'p',
      { class: 'notice fence' },
      icon('everyone'),
      el('span', {}, el('strong', {}, 'Fence: '), fence(restriction)),
    );
  }
}

const notice = (...children) => el('p', { class: 'notice' }, icon('warning'), el('span', {}, ...children));

function group([name, cards]) {
  const [symbol, title, explanation] = GROUPS[name];
  if (cards.length === 0 && name !== 'reads') return [];
  return [
    el(
      'section',
      { id: name, 'data-group': name, 'aria-labelledby': `${name}-title` },
      el('h2', { id: `${name}-title` }, icon(symbol), `${title} (${cards.length})`),
      el('p', { class: 'hint' }, cards.length === 0 ? 'Nobody, as far as the policy says.' : explanation),
      el('ul', { class: 'readers' }, ...cards),
    ),
  ];
}

function* rest() {
  const { size, foreign } = policy;
  const used = `${size.characters.toLocaleString('en')} of ${size.limit.toLocaleString('en')} characters`;
  yield el(
    'section',
    { 'aria-labelledby': 'policy-title' },
    el('h2', { id: 'policy-title' }, 'The policy'),
    el(
      'p',
      {},
      el('label', { for: 'size' }, `${used} used `),
      el('meter', { id: 'size', max: size.limit, value: size.characters }),
    ),
    el(
      'p',
      {},
      el('a', { href: '/docs#/Share/createShare' }, 'Share'),
      ' · ',
      el('a', { href: '/docs#/Deny/createDenial' }, 'Deny'),
      ' · ',
      el('a', { href: '/docs#/Audit/listAuditEvents' }, 'Who changed what'),
    ),
    foreign.length > 0 &&
      el(
        'details',
        {},
        el('summary', {}, `Statements of others (${foreign.length})`),
        ...foreign.map((one, index) => json(one, one.Sid ?? `Statement of others ${index + 1}`)),
      ),
    policy.policy && el('details', {}, el('summary', {}, 'The document'), json(policy.policy, 'Policy')),
    ...notes.map((note) => el('p', { class: 'hint' }, note)),
  );
}

more.addEventListener('click', load);
load();

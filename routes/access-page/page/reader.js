import { el, icon, json } from './elements.js';
import { conditionsOf, DECISIONS, ENDS, groupOf, KINDS, LEGS, STATUSES, shortName, when } from './words.js';

/** One reader: who, the way to the secret, and below it why. `policy` is what GET …/policy answers. */
export function readerCard(reader, policy) {
  const { principal, kind, expiresAt, expired, orphaned } = reader;
  return el(
    'li',
    { class: 'reader' },
    who(principal, kind),
    el(
      'ul',
      { class: 'chips', 'aria-label': 'Marks' },
      orphaned && chip('warning', 'Deleted principal'),
      expired && chip('warning', `Expired ${when(expiresAt)}`),
      !expired && expiresAt !== null && chip('minus', `Ends ${when(expiresAt)}`),
      !orphaned && reader.entryIds.length === 0 && chip('minus', 'By a statement of others'),
    ),
    way(reader),
    inShort(reader),
    why(reader, policy),
  );
}

/** Somebody whom a Deny names and no Allow does. */
export function deniedCard(denied, policy) {
  const deny = { leg: 'secretPolicy', status: 'denied', says: 'denies it' };
  return el(
    'li',
    { class: 'reader' },
    who(denied.principal, denied.kind),
    el('ol', { class: 'way', 'aria-label': 'The way to the secret' }, station(deny), end('denied')),
    inShort(denied),
    why({ because: [], legs: [], ...denied }, policy),
  );
}

const who = (principal, kind) => {
  const [symbol, name] = KINDS[kind];
  const short = shortName(principal, kind);
  return el(
    'div',
    { class: 'who' },
    el('span', { class: 'avatar' }, icon(symbol)),
    el('h3', {}, short),
    el('p', {}, name, principal !== short && principal !== '*' && el('code', {}, principal)),
  );
};

const chip = (symbol, text) => el('li', {}, icon(symbol), text);

/** The legs as stations of a line that ends at the secret: whole, broken, or dotted where nobody knows. */
function way(reader) {
  const { decision, legs, deniedBy } = reader;
  const stations = Object.keys(LEGS).flatMap((name) => legs.filter(({ leg }) => leg === name));
  const shown = stations.map((leg) => {
    const { status } = leg;
    const name = legName(leg, legs);
    if (leg.leg !== 'secretPolicy') return { name, status };
    if (decision === 'explicitlyDenied' || deniedBy.length > 0) return { name, status: 'denied' };
    return { name, status: decision === 'unknown' ? 'depends' : status };
  });
  return el(
    'ol',
    { class: 'way', 'aria-label': 'The way to the secret' },
    ...shown.map(station),
    end(ENDING[groupOf(reader)]),
  );
}

/** A secret with replicas has a key in each Region. */
const legName = ({ leg, region }, legs) =>
  legs.filter((other) => other.leg === leg).length > 1 ? `${LEGS[leg]} in ${region}` : LEGS[leg];

const station = ({ name, status }) => {
  const [symbol, words] = STATUSES[status];
  return el(
    'li',
    { 'data-status': status },
    el('span', { class: 'dot' }, icon(symbol)),
    el('span', { class: 'leg' }, name),
    el('span', { class: 'says' }, words),
  );
};

const ENDING = { reads: 'done', depends: 'depends', denied: 'denied', ended: 'denied' };

const end = (status) => {
  const [symbol, words] = ENDS[status];
  return el(
    'li',
    { class: 'end', 'data-status': status },
    el('span', { class: 'dot' }, icon(symbol)),
    el('span', { class: 'leg' }, 'Secret'),
    el('span', { class: 'says' }, words),
  );
};

const MOST_SHOWN = 2;

/** A sentence may be of several condition keys. */
const inWords = (dependsOn) => [...new Set(dependsOn.map(({ description }) => description))];

/** What decides, before the details are opened. */
function inShort({ deniedBy, dependsOn }) {
  const denies = deniedBy.map(({ sid, index }) => `Denied by ${sid ?? `statement ${index + 1}`}.`);
  const all = [...denies, ...inWords(dependsOn)];
  const more = all.length - MOST_SHOWN;
  if (all.length === 0) return null;
  return el(
    'ul',
    { class: 'short' },
    ...all.slice(0, MOST_SHOWN).map((text) => el('li', {}, text)),
    more > 0 && el('li', {}, `And ${more} more, below.`),
  );
}

function why(
  { because, deniedBy, dependsOn, entryIds, legs, exceptions = [] },
  { policy, shares, denials, restrictions },
) {
  const statements = [policy?.Statement ?? []].flat();
  const entries = [...shares, ...denials, ...restrictions].filter(({ id }) => entryIds.includes(id));
  const quote = ({ index, sid }) => json(statements[index] ?? {}, sid ?? `Statement ${index + 1}`);
  return el(
    'details',
    {},
    el('summary', {}, 'Why, and what it takes'),
    ...part(
      'It depends',
      inWords(dependsOn).map((text) => el('li', {}, text)),
      'ul',
    ),
    ...part(
      'But for',
      exceptions.map(({ principal, decision }) => el('li', {}, `${principal}: ${DECISIONS[decision]}`)),
      'ul',
    ),
    ...part(
      'On the way',
      legs.map((leg) =>
        el(
          'li',
          {},
          el('strong', {}, legName(leg, legs)),
          ` (account ${leg.account}): ${leg.detail}`,
          leg.statement && json(leg.statement, `To paste: ${legName(leg, legs)}`),
        ),
      ),
      'ul',
    ),
    ...part('By this service', entries.map(entry), 'ul'),
    ...part('Denied by', deniedBy.map(quote)),
    ...part('Allowed by', because.map(quote)),
  );
}

const part = (title, items, list = 'div') => (items.length === 0 ? [] : [el('h4', {}, title), el(list, {}, ...items)]);

const entry = (one) =>
  el('li', {}, `${one.kind} `, el('code', {}, one.id), ...conditionsOf(one).map((condition) => ` · ${condition}`));

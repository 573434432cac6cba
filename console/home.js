import { api, ask, itemsOf } from './api.js';
import { askedFor, REQUEST_STATUSES } from './asked-for.js';
import { changes, unseen } from './home-looks.js';
import { aboutWhat, INCIDENT_STATUSES } from './incidents.js';
import { to } from './router.js';
import { soonestFirst } from './soonest.js';
import { whatWaits } from './what-waits.js';
import { FINDINGS, when } from './words.js';

/** @import { Me } from './session.js' */

/** One thing that may need somebody: what, where, and what is said of it. @typedef {{ key: string, words: string, href: string, also?: string }} Line */
/**
 * The first few lines of `count`. `none`: what is said where there is nothing; `isPart`: not all was looked at.
 * @typedef {{ lines: Line[], count: number, none?: string, isPart?: boolean }} Found
 */
/**
 * @typedef {{ title: string, all: string, none: string, may: (can: Me['capabilities']) => boolean,
 *   load: (signal: AbortSignal) => Promise<Found> }} Section
 */

const FEW = 5;

/** What may need somebody, by what they may do, the most urgent first. @type {Section[]} */
export const SECTIONS = [
  {
    ...{ title: 'Reading is stopped', all: to('incidents'), none: 'Nobody is frozen out.' },
    may: ({ incident, audit }) => incident || audit,
    async load(signal) {
      const { items, nextCursor } = await ask(api.GET('/v1/incidents', { signal, params: { query: { limit: 20 } } }));
      const active = items.filter(({ status }) => status !== 'lifted');
      return {
        ...{ isPart: nextCursor !== null, count: active.length },
        lines: active.slice(0, FEW).map((incident) => ({
          ...{ key: incident.id, words: aboutWhat(incident), href: to('incidents', incident.id) },
          also: `${INCIDENT_STATUSES[incident.status][1]}, ${when(incident.operation.createdAt)}`,
        })),
      };
    },
  },
  {
    ...{ title: 'Waits for you', all: to('inbox'), none: 'Nothing waits for you.' },
    may: ({ approve }) => approve,
    async load(signal) {
      const { items, isPart } = await whatWaits(signal);
      return {
        ...{ isPart, count: items.length },
        // The oldest first.
        lines: items
          .toReversed()
          .slice(0, FEW)
          .map((item) => ({
            ...{ key: item.approvalId, words: askedFor(item), href: to('inbox', item.approvalId) },
            also: `${item.requestedBy.subject}, ${when(item.requestedAt)}`,
          })),
      };
    },
  },
  {
    ...{ title: 'Badly wrong', all: to('findings'), none: 'Nothing critical or high is open, of what was seen.' },
    may: ({ estate }) => estate,
    async load(signal) {
      const pages = await Promise.all(
        /** @type {const} */ (['critical', 'high']).map((severity) =>
          ask(api.GET('/v1/findings', { signal, params: { query: { severity, status: 'open', limit: 100 } } })),
        ),
      );
      const lines = pages
        .flatMap(({ items }) => items)
        .map((finding) => ({
          ...{
            key: finding.id,
            words: `${FINDINGS[finding.kind]}: ${finding.secret.name}`,
            href: to('secrets', finding.secret.arn),
          },
          also: `${finding.severity}, since ${when(finding.since)}`,
        }));
      const isPart = pages.some(({ nextCursor }) => nextCursor !== null);
      return { isPart, count: lines.length, lines: lines.slice(0, FEW) };
    },
  },
  {
    ...{
      title: 'Ends within 14 days',
      all: `${to('secrets')}?endsWithin=14d`,
      none: 'No share ends, of what was seen.',
    },
    may: ({ estate, share }) => estate && share,
    async load(signal) {
      const query = /** @type {const} */ ({ endsWithin: '14d', limit: 1_000 });
      const { items, isWhole } = await itemsOf(
        (cursor) => ask(api.GET('/v1/estate/secrets', { signal, params: { query: { ...query, cursor } } })),
        5,
      );
      return {
        ...{ isPart: !isWhole, count: items.length },
        lines: soonestFirst(items)
          .slice(0, FEW)
          .map(({ arn, name, account, region, nextEnd }) => ({
            ...{ key: arn, words: name, href: to('secrets', arn) },
            also: `${nextEnd && when(nextEnd)}, in ${account} ${region}`,
          })),
      };
    },
  },
  {
    ...{ title: 'What can’t be seen', all: to('estate'), none: 'All accounts and Regions were seen.' },
    may: ({ estate }) => estate,
    load: unseen,
  },
  {
    ...{ title: 'What you asked for', all: to('request'), none: 'You asked for nothing.' },
    may: ({ request }) => request,
    async load(signal) {
      const params = { query: { limit: 50 } };
      const { items, nextCursor } = await ask(api.GET('/v1/access-requests', { signal, params }));
      return {
        ...{ isPart: nextCursor !== null, count: items.length },
        lines: items.slice(0, FEW).map((item) => ({
          ...{ key: item.approvalId, words: askedFor(item), href: `${to('inbox', item.approvalId)}?box=mine` },
          also: [
            REQUEST_STATUSES[item.status][1],
            ...item.legs
              .filter(({ status }) => status === 'missing')
              .map(({ account }) => `${account} must allow it, too`),
          ].join(', '),
        })),
      };
    },
  },
  {
    ...{ title: 'Refused, last 7 days', all: `${to('audit')}?outcome=refused`, none: 'Nothing was refused.' },
    may: ({ audit }) => audit,
    load: (signal) => changes(signal, { outcome: 'refused' }),
  },
  {
    ...{ title: 'Latest changes', all: to('audit'), none: 'No change in 7 days.' },
    may: ({ audit }) => audit,
    load: (signal) => changes(signal, { outcome: 'applied' }),
  },
];

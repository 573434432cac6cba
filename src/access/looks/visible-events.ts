import type { AuditEvent } from '../../audit/event.ts';
import { createLru } from '../../lru.ts';
import type { Page, PageRequest } from '../../page.ts';
import { DomainError } from '../../problems/problem.ts';
import type { Authorizer } from '../guard/authorizer.ts';
import { guardLook, mayLook } from '../guard/guard-change.ts';
import type { Identity } from '../identity.ts';
import type { SecretPolicies } from '../write/secret-policies.ts';
import type { AuditFilter, AuditTrail } from './audit-trail.ts';

/**
 * The journal as one caller may read it: who may read it at all, less the events of secrets of which the guardrails say no.
 * Each method @throws DomainError forbidden, audit-unavailable
 */
export type VisibleEvents = {
  /** A page may hold fewer than `limit` where the caller may not see some. */
  list(identity: Identity, filter: AuditFilter, page: PageRequest): Promise<Page<AuditEvent>>;
  /** It ends once it is `gone`. */
  stream(identity: Identity, filter: AuditFilter, gone: AbortSignal): AsyncIterable<AuditEvent>;
  /** @throws DomainError event-not-found */
  find(identity: Identity, id: string): Promise<AuditEvent>;
};

/** The most secrets of which all looks together remember what they found: however many exports go on at once, 5 MB. */
const KEPT = 20_000;

export function createVisibleEvents(deps: {
  trail: AuditTrail;
  policies: Pick<SecretPolicies, 'describe'>;
  authorizer: Authorizer;
}): VisibleEvents {
  const { trail, authorizer } = deps;
  const seen = createLru<Promise<boolean>>(KEPT);
  let looks = 0;

  /** An event has no tags: AWS is asked for them, but only where guardrails on the journal look at some. */
  async function tagsOf(arn: string): Promise<Record<string, string>> {
    if (!authorizer.readsTags('readAudit')) return {};
    return deps.policies.describe(arn).then(({ tags }) => tags, goneHasNone);
  }

  function eyesOf(identity: Identity): (event: AuditEvent) => Promise<boolean> {
    guardLook(authorizer, identity, 'readAudit');
    looks += 1;
    // What one look found is not what the next will find.
    const look = looks;
    return async ({ secret: { arn, name, account, region } }) => {
      // What was not found, and operations: of no secret.
      if (arn === null || account === null || region === null) return true;
      return seen.get(`${look} ${arn}`, async () =>
        mayLook(authorizer, identity, 'readAudit', { arn, name, account, region, tags: await tagsOf(arn) }),
      );
    };
  }

  return {
    async list(identity, filter, page) {
      const sees = eyesOf(identity);
      const { items, nextCursor } = await trail.list(filter, page);
      const visible = await Promise.all(items.map(sees));
      return { items: items.filter((_, index) => visible[index]), nextCursor };
    },
    stream(identity, filter, gone) {
      const sees = eyesOf(identity);
      return only(trail.stream(filter, gone), sees);
    },
    async find(identity, id) {
      const sees = eyesOf(identity);
      const event = await trail.find(id);
      if (event === null || !(await sees(event))) throw new DomainError('event-not-found');
      return event;
    },
  };
}

async function* only(events: AsyncIterable<AuditEvent>, sees: (event: AuditEvent) => Promise<boolean>) {
  for await (const event of events) if (await sees(event)) yield event;
}

function goneHasNone(error: unknown): Record<string, string> {
  if (error instanceof DomainError && error.code === 'secret-not-found') return {};
  throw error;
}

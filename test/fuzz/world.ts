import { isEndless } from '../document.ts';
import { type build, MARY } from '../helper.ts';
import { type Answer, inject } from '../inject.ts';
import { until } from '../wait.ts';
import { TOKEN } from './pools.ts';
import type { Plan } from './requests.ts';

type Built = Awaited<ReturnType<typeof build>>;
/** The headers of each caller; there is an `admin`. */
export type Credentials = { admin: Record<string, string> } & Record<string, Record<string, string>>;

const SHAREABLE = ['demo/database', 'demo/api-key'];
const SECRETS = [...SHAREABLE, 'demo/default-key'];
const ENTRIES = {
  shares: { principal: MARY },
  denials: { principal: '222222222222' },
  restrictions: { boundary: { organization: 'o-local00001' }, ticket: 'OPS-1' },
};
/** Such as a template would say. */
const THEIRS = {
  Version: '2012-10-17',
  Statement: ['GetSecretValue', 'DescribeSecret', 'ListSecretVersionIds'].map((action) => ({
    Effect: 'Allow',
    Principal: { AWS: '333333333333' },
    Action: `secretsmanager:${action}`,
    Resource: '*',
  })),
};
/** Within the quotes of a JSON string: an etag has quotes of its own. */
const inJson = (text: string) => JSON.stringify(text).slice(1, -1);
/** What is `applied` and changes no policy. */
const NO_CHANGE = [
  ...['survey', 'openFinding', 'closeFinding', 'acknowledgeFinding', 'cancelOperation', 'drift'],
  ...['requestApproval', 'approve', 'reject', 'expireApproval'],
];
const SECRET_PATH = '/v1/secrets/';

/** The service with what its answers have said so far, and the stand-in behind it, looked at without the service. */
export function createWorld({ app, aws }: Pick<Built, 'app' | 'aws'>, credentials: Credentials) {
  const known: Record<string, string[]> = {};
  const remember = (token: string, value: unknown) => {
    if (typeof value !== 'string') return;
    known[token] = [...(known[token] ?? []).filter((other) => other !== value).slice(-20), value];
  };
  /** By the owner; where some request has denied it that, by the service, which nobody can lock out. */
  function owner(operation: string, secret: string, more: object = {}) {
    const by = (who: string) => aws.call(who, 'us-east-1', 'secretsmanager', operation, { SecretId: secret, ...more });
    try {
      return by('LOCALOWNER');
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'AccessDeniedException')
        return by('LOCALSERVICE');
      throw error;
    }
  }
  for (const secret of SECRETS) remember('{arn}', owner('DescribeSecret', secret)['ARN']);
  const look = async (url: string) => (await app.inject({ url, headers: credentials.admin })).json();

  let asked: { approvalId: string } | undefined;
  /** A page may hold fewer than there are. */
  async function requestThatWaits(cursor = ''): Promise<{ approvalId: string } | undefined> {
    const { items, nextCursor } = await look(`/v1/access-requests?status=pending${cursor}`);
    if (items.length > 0 || nextCursor === null) return items[0];
    return requestThatWaits(`&cursor=${encodeURIComponent(nextCursor)}`);
  }

  let turn = 0;
  const fill = (text: string, written = (value: string) => value): string =>
    text.replace(TOKEN, (token) => {
      turn += 1;
      return written(known[token]?.at(-(turn % (known[token].length + 1))) ?? 'f'.repeat(24));
    });

  /** What a client would look up before it asks. */
  async function lookUp(plan: Plan, path: string): Promise<void> {
    const [approval] = /^\/v1\/approvals\/[^/]+(?=\/)/.exec(path) ?? [];
    if (approval !== undefined) known['{seen}'] = [(await look(approval)).etag ?? '"none"'];
    const [, finding] = /^\/v1\/findings\/([^/]+)\//.exec(path) ?? [];
    if (finding !== undefined) {
      const { items = [] } = await look('/v1/findings');
      known['{seen}'] = [items.find(({ id }: { id: string }) => id === finding)?.etag ?? '"none"'];
    }
    const [, secret] = /^\/v1\/secrets\/([^/]+)/.exec(path) ?? [];
    if (secret === undefined) return;
    const about = (what: string) => `${SECRET_PATH}-/${what}?secretId=${secret}`;
    if (Object.values(plan.headers).includes('{current}')) {
      known['{current}'] = [(await look(about('policy'))).etag ?? '"none"'];
    }
    if (plan.operation.path.includes('/statements/') || plan.body?.includes('{statement}')) {
      const { foreignStatements = [] } = await look(about('policy'));
      known['{statement}'] = foreignStatements.map(({ hash }: { hash: string }) => hash).slice(0, 3);
    }
    if (plan.body?.includes('{change}')) {
      const { items = [] } = await look(`/v1/audit-events?outcome=applied&limit=3&secret=${secret}`);
      known['{change}'] = items.map(({ changeId }: { changeId: string }) => changeId);
    }
    const [, collection] = /\/(shares|denials|restrictions)\//.exec(path.slice(SECRET_PATH.length)) ?? [];
    if (collection === undefined) return;
    const { items = [] } = await look(about(collection));
    known['{entry}'] = items.slice(0, 3).map(({ id }: { id: string }) => id);
  }

  return {
    async send(plan: Plan): Promise<Answer> {
      const { operation, params, query, headers, body, contentType } = plan;
      // A segment of dots alone is resolved by every client before it is sent: it never gets here.
      const part = (text: string) => encodeURIComponent(fill(text).toWellFormed()).replace(/^\.{1,2}$/, 'dots');
      const pathOf = (text: (name: string) => string) => operation.path.replace(/\{(\w+)\}/g, (_, name) => text(name));
      const secret = part(params['secretId'] ?? '');
      // The tokens that it holds are filled in once.
      const search = query.map(([name, value]) => `${part(name)}=${part(value)}`).join('&');
      const [, inQuery] = /(?:^|&)secretId=([^&]*)/.exec(search) ?? [];
      const approvalId = part(params['approvalId'] ?? '');
      const findingId = part(params['findingId'] ?? '');
      const named = (name: string) => ({ secretId: inQuery ?? secret, approvalId, findingId })[name] ?? 'x';
      await lookUp(plan, pathOf(named));
      const path = pathOf((name) => ({ secretId: secret, approvalId, findingId })[name] ?? part(params[name] ?? ''));
      const filled = Object.entries(headers).map(([name, value]) => [name, fill(value)]);
      const request = {
        method: operation.method as 'GET',
        url: search === '' ? path : `${path}?${search}`,
        headers: {
          ...Object.fromEntries(filled),
          ...(contentType !== undefined && { 'content-type': contentType }),
          ...credentials[plan.caller],
        },
        ...(body !== undefined && { payload: fill(body, inJson) }),
      };
      return inject(app, request, isEndless(operation));
    },
    learn(answer: Answer): void {
      if (answer.statusCode >= 300 || !/json/.test(String(answer.headers['content-type'])) || answer.body === '')
        return;
      const json = answer.headers['content-type']?.toString().includes('ndjson') ? {} : answer.json();
      remember('{change}', json.changeId);
      remember('{etag}', json.etag);
      remember('{cursor}', json.nextCursor);
      remember('{approval}', json.approvalId);
      if (json.counts !== undefined) remember('{operation}', json.id);
      if (json.asked !== undefined) remember('{incident}', json.id);
      if (json.sequence !== undefined) remember('{event}', json.id);
      for (const item of Array.isArray(json.items) ? json.items.slice(0, 3) : []) {
        if (item?.sequence !== undefined) remember('{event}', item.id);
        if (item?.mend !== undefined) remember('{finding}', item.id);
      }
    },
    /** The policies as AWS has them. */
    policies: (): string =>
      JSON.stringify(SECRETS.map((secret) => owner('GetResourcePolicy', secret)['ResourcePolicy'] ?? null)),
    /** Somebody else detaches everything but a statement of theirs; then there is one entry of each kind again. */
    async reset(): Promise<void> {
      // Who is evicted is let in by nobody until that is lifted.
      const { items } = await look('/v1/incidents');
      for (const { id, status } of items) if (status !== 'lifted') await this.lift(id);
      for (const secret of SECRETS) owner('DeleteResourcePolicy', secret);
      for (const secret of SHAREABLE) owner('PutResourcePolicy', secret, { ResourcePolicy: JSON.stringify(THEIRS) });
      for (const secret of SHAREABLE) {
        for (const [collection, payload] of Object.entries(ENTRIES)) {
          const url = `${SECRET_PATH}${encodeURIComponent(secret)}/${collection}`;
          const { statusCode, body } = await app.inject({ method: 'POST', url, headers: credentials.admin, payload });
          if (statusCode !== 201) throw new Error(body);
        }
      }
    },
    async lift(incident: string): Promise<void> {
      const url = `/v1/incidents/${incident}/lift`;
      const answer = await app.inject({ method: 'POST', url, headers: credentials.admin, payload: {} });
      const { lift } = answer.json();
      if (lift) await this.untilDone(lift.id);
    },
    /** What waits to be decided, lifted, or acknowledged: seldom there by chance when it is asked for. */
    async prepare(): Promise<void> {
      await this.reset();
      const [secretId, frozen] = SHAREABLE;
      const post = async (url: string, payload: object) => {
        const answer = await app.inject({ method: 'POST', url, headers: credentials.admin, payload });
        if (answer.statusCode >= 300) throw new Error(answer.body);
        return answer.json();
      };
      const restriction = {
        boundary: { organization: 'o-local00001' },
        exceptPrincipals: [MARY],
        reason: 'to be approved',
      };
      const held = await post(`${SECRET_PATH}-/restrictions?secretId=${secretId}`, restriction);
      const request = { secretId, principal: MARY, expiresIn: '30d', reason: 'to be answered' };
      // Nobody may have more than a few that wait: by chance there are as many already.
      asked ??= (await requestThatWaits()) ?? (await post('/v1/access-requests', request));
      const { id, operation } = await post('/v1/incidents', {
        freeze: { secretIds: [frozen] },
        reason: 'to be lifted',
      });
      await this.untilDone(operation.id);
      // A share that can't be used: the key is the default one.
      owner('PutResourcePolicy', 'demo/default-key', { ResourcePolicy: JSON.stringify(THEIRS) });
      await this.untilDone((await post('/v1/estate/surveys', {})).id);
      const { items } = await look('/v1/findings');
      known['{approval}'] = [held.approvalId, asked?.approvalId ?? ''];
      known['{finding}'] = items.map((finding: { id: string }) => finding.id).slice(0, 3);
      known['{incident}'] = [id];
    },
    /** The newest event that says that this service changed a policy. */
    async lastApplied(): Promise<string | null> {
      const { items } = await look('/v1/audit-events?outcome=applied&limit=20');
      return items.find(({ action }: { action: string }) => !NO_CHANGE.includes(action))?.id ?? null;
    },
    /** A bulk operation goes on in the background. */
    async untilDone(id: string): Promise<void> {
      await until(async () => ['done', 'cancelled'].includes((await look(`/v1/operations/${id}`)).status));
    },
  };
}

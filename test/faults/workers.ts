import { setTimeout as sleep } from 'node:timers/promises';
import { type PolicyDocument, statementsOf } from '../../src/policy/document.ts';
import { timesNamed } from './bed.ts';
import { type Insisted, insist, pathOf, type Request } from './client.ts';
import type { Random } from './random.ts';

/** One client of the service, that does one change after another and knows what must be so in the policy. */
export type Worker = {
  /** Works until told to stop; rejects at an answer that must not be. */
  run(): Promise<void>;
  stop(): void;
  /** How many changes were answered. */
  readonly answered: number;
  /** The changes that were answered with `changed: true`. */
  readonly changeIds: string[];
  /** What is wrong with a policy, by what was answered so far. What is asked for just now may be so or not. */
  faultsOf(policy: PolicyDocument | null): string[];
};

type Place = {
  base: () => string;
  random: Random;
  /** Whether what was answered may be forgotten, or undone and told: requests are then answered by what stands. */
  forgets?: () => boolean;
};

const REST_MS = 20;

/** Loops over `step`, which makes one change. */
function workerOf(random: Random, step: () => Promise<Insisted>, faultsOf: Worker['faultsOf']): Worker {
  let stopped = false;
  let answered = 0;
  const changeIds: string[] = [];
  return {
    async run() {
      while (!stopped) {
        const answer = await step();
        answered += 1;
        if (answer.json?.changed === true) changeIds.push(answer.json.changeId);
        await sleep(random.int(REST_MS));
      }
    },
    stop: () => {
      stopped = true;
    },
    get answered() {
      return answered;
    },
    changeIds,
    faultsOf,
  };
}

let keys = 0;
const newKey = () => ({ 'idempotency-key': `key-${process.pid}-${++keys}` });

function expectStatus(answer: Insisted, request: Request, statuses: readonly number[]): void {
  if (statuses.includes(answer.status)) return;
  throw new Error(
    `${request.method} ${request.path} ${JSON.stringify(request.headers ?? {})}, attempt ${answer.attempts} (${answer.lost} lost): ` +
      `${answer.status} instead of ${statuses.join(' or ')}: ${answer.text.slice(0, 300)}`,
  );
}

/** Shares with, denies, and revokes for one account that is its own. `keyed`: with Idempotency-Keys. */
export function accessWorker(
  { base, random, forgets = () => false }: Place,
  secret: string,
  account: string,
  keyed: boolean,
): Worker {
  /** By kind, the id of what stands; null when nothing does. */
  const standing: Record<'share' | 'denial', string | null> = { share: null, denial: null };
  let asking: 'share' | 'denial' | null = null;

  async function step(): Promise<Insisted> {
    const kind = random.chance(0.7) ? 'share' : 'denial';
    const id = standing[kind];
    asking = kind;
    const headers = keyed ? newKey() : {};
    const request: Request =
      id === null
        ? {
            method: 'POST',
            path: pathOf(secret, `${kind}s`),
            body: { principal: account, ...(kind === 'share' && { acknowledgeUnreadable: true }) },
            headers,
          }
        : { method: 'DELETE', path: pathOf(secret, `${kind}s/${id}`), headers };
    const answer = await insist(base, request);
    const isOnce = !forgets() && (keyed || answer.lost === 0);
    if (id === null) expectStatus(answer, request, isOnce ? [201] : [200, 201]);
    else expectStatus(answer, request, isOnce ? [200] : [200, 404]);
    if (id === null && typeof answer.json[kind]?.id !== 'string') throw new Error(`No ${kind} in ${answer.text}`);
    standing[kind] = id === null ? answer.json[kind].id : null;
    asking = null;
    return answer;
  }

  return workerOf(random, step, (policy) =>
    (['share', 'denial'] as const).flatMap((kind) => {
      const times = timesNamed(policy, kind === 'share' ? 'Allow' : 'Deny', account);
      const expected = standing[kind] === null ? 0 : 1;
      if (times === expected || (asking === kind && times <= 1)) return [];
      return [`the ${kind} of ${account} stands ${times} times instead of ${expected}`];
    }),
  );
}

/** Replaces the whole policy of a secret that nobody else changes, each time with If-Match and an Idempotency-Key. */
export function documentWorker({ base, random }: Place, secret: string): Worker {
  const nameOf = (generation: number) => `Generation${generation}`;
  let generation = 0;
  let etag: string | null = null;
  let asking = false;

  async function step(): Promise<Insisted> {
    const statement = {
      Sid: nameOf(generation + 1),
      Effect: 'Allow',
      Principal: { AWS: 'arn:aws:iam::222222222222:root' },
      Action: 'secretsmanager:GetSecretValue',
      Resource: '*',
    };
    const request: Request = {
      method: 'PUT',
      path: pathOf(secret, 'policy'),
      body: { Version: '2012-10-17', Statement: [statement] },
      headers: { ...newKey(), ...(etag === null ? { 'if-none-match': '*' } : { 'if-match': etag }) },
    };
    asking = true;
    const answer = await insist(base, request);
    expectStatus(answer, request, [200]);
    generation += 1;
    etag = answer.headers.get('etag');
    asking = false;
    return answer;
  }

  return workerOf(random, step, (policy) => {
    const names = statementsOf(policy).map(({ Sid }) => Sid);
    const now = generation === 0 ? [] : [nameOf(generation)];
    const next = [nameOf(generation + 1)];
    if (String(names) === String(now) || (asking && String(names) === String(next))) return [];
    return [`the document is ${names} instead of ${now}`];
  });
}

/** Asks again and again for what AWS refuses, so that batches are split. */
export function refusedWorker({ base, random }: Place, secret: string): Worker {
  const nobody = 'arn:aws:iam::222222222222:role/nobody';
  const step = async () => {
    await sleep(random.int(1_500));
    const request: Request = { method: 'POST', path: pathOf(secret, 'shares'), body: { principal: nobody } };
    const answer = await insist(base, request);
    expectStatus(answer, request, [422]);
    return answer;
  };
  return workerOf(random, step, (policy) =>
    JSON.stringify(policy).includes(nobody) ? ['what AWS refuses is in the policy'] : [],
  );
}

/** Shares with accounts of its own in bulk, and takes it all away again in bulk, over and over. */
export function bulkWorker({ base, random }: Place, secret: string, accounts: readonly string[]): Worker {
  /** Whether all was taken away, by an operation that has ended. */
  let isOver = true;

  const ended = async (location: string): Promise<void> => {
    for (;;) {
      const { status, json } = await insist(base, { method: 'GET', path: location });
      // A restored database does not know it.
      if (status === 404 || typeof json?.finishedAt === 'string') return;
      await sleep(100);
    }
  };
  const start = async (kind: 'shares' | 'revocations', items: object[]): Promise<Insisted> => {
    const request = { method: 'POST', path: `/v1/bulk/${kind}`, body: { items }, headers: newKey() } as const;
    const answer = await insist(base, request);
    expectStatus(answer, request, [202]);
    await ended(String(answer.headers.get('location')));
    return answer;
  };
  const standing = async (): Promise<object[]> => {
    const { json } = await insist(base, { method: 'GET', path: pathOf(secret, 'shares') });
    const ours = json.items.filter((item: { principal: string }) => accounts.some((a) => item.principal.includes(a)));
    return ours.map(({ id }: { id: string }) => ({ secretId: secret, kind: 'share', id }));
  };

  async function step(): Promise<Insisted> {
    isOver = false;
    const answer = await start(
      'shares',
      accounts.map((principal) => ({ secretId: secret, principal })),
    );
    for (let items = await standing(); items.length > 0; items = await standing()) await start('revocations', items);
    isOver = true;
    await sleep(random.int(1_000));
    return answer;
  }

  return workerOf(random, step, (policy) =>
    isOver
      ? accounts
          .filter((account) => timesNamed(policy, 'Allow', account) > 0)
          .map((account) => `${account} was taken away by a bulk revocation, and is back`)
      : [],
  );
}

import type { Test } from 'tap';
import type { App } from '../../app.ts';
import type { ProblemCode } from '../../src/problems/table.ts';
import { type ApiOperation, deref, documentOf, operationsOf } from '../document.ts';
import type { Call as Request } from '../helper.ts';

/**
 * What the document says that an operation refuses with, and what it does refuse with, are held against each other: with
 * one thing wrong, each operation is called, and answers with the code of that if, and only if, the document says so.
 */

type Body = Record<string, unknown>;

/** How each operation is called: by its first example, on what is there, but for what is said here. */
export type How<Name extends string> = {
  as?: Name;
  /** One after another: changes of one secret that come at once are planned each on what those before it leave. */
  inTurn?: boolean;
  params?: Record<string, string>;
  /** Null sends no If-Match. */
  ifMatch?: string | null;
  body?(operationId: string, example: Body): Body;
  query?(operationId: string): string | undefined;
};

/** What there is to name, and who asks unless it is said. */
type World<Name extends string> = {
  app: App;
  as(name: Name): { call: Request };
  params: Record<string, string>;
  asker: Name;
  etag: string;
  changeId: string;
  /** Before each comparison: what looks remember is too old then. */
  later(): void;
};

/** What would go on in the background. */
const REHEARSED = /^bulk|^beginIncident$|^applyManifest$/;
const EXPORTED = '?secretId=demo%2Fdatabase';
/** What surveys saw needs AWS only where it is asked for as of now. */
const SEEN = /^list(?:EstateSecrets|SecretsOfPrincipal|Findings)$/;

export function playOperations<Name extends string>(world: World<Name>) {
  const document = documentOf(world.app);
  const operations = operationsOf(world.app);

  async function call({ operationId, method, path, requestBody }: ApiOperation, how: How<Name>) {
    const { as = world.asker, ifMatch = world.etag } = how;
    const params = { ...world.params, ...how.params };
    const url = path.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(params[name] ?? missing(name)));
    const schema = requestBody?.content['application/json']?.schema;
    const example = schema && (deref(schema, document).examples?.[0] as Body | undefined);
    const body = example && {
      ...example,
      ...(operationId === 'rollBackPolicy' && { changeId: world.changeId }),
      ...(operationId === 'checkAuthorization' && { secretId: params['secretId'] }),
    };
    const query = how.query?.(operationId) ?? queryOf(operationId, params['secretId'] ?? '');
    const said = body && (how.body?.(operationId, body) ?? body);
    const headers = ifMatch === null ? {} : { 'if-match': ifMatch };
    return world.as(as).call(method as 'GET', `${url}${query}`, said, headers);
  }

  return {
    operations,
    /** Calls some operations, while what `code` tells is so. */
    async compare(t: Test, code: ProblemCode, some: readonly ApiOperation[], how: How<Name> = {}) {
      world.later();
      const answer = async (operation: ApiOperation) => ({ operation, ...(await call(operation, how)) });
      const answers = how.inTurn ? await Array.fromAsync(some, answer) : await Promise.all(some.map(answer));
      for (const { operation, status, json } of answers) {
        t.equal(
          json?.code === code,
          documented(operation).includes(code),
          `${operation.operationId} answers ${status} ${json?.code ?? ''}`,
        );
      }
    },
  };
}

function missing(name: string): never {
  throw new Error(`No ${name} in the world.`);
}

function queryOf(operationId: string, secretId: string): string {
  if (operationId === 'exportManifest') return EXPORTED;
  if (SEEN.test(operationId)) return `?secret=${encodeURIComponent(secretId)}&fresh=true`;
  return REHEARSED.test(operationId) ? '?dryRun=true' : '';
}

const documented = ({ responses }: ApiOperation): ProblemCode[] =>
  Object.values(responses).flatMap(({ content = {} }) =>
    Object.values(content).flatMap((media) => media['x-problem-codes'] ?? []),
  );

import type { FastifyRequest, RouteOptions } from 'fastify';
import fp from 'fastify-plugin';
import Type, { type TObject } from 'typebox';
import { wrongField } from '../../src/problems/wrong-field.ts';
import { IN_QUERY, lostInPath } from '../../src/secret-url.ts';

const InQuery = {
  secretId: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 2048,
      description:
        'Names the secret where the path says `-`: the only way for a name with a dot segment, an empty segment, or a slash ' +
        'at either end, which proxies change in a path.',
    }),
  ),
};

/**
 * Every call on a secret may name it in the query instead of the path: `/v1/secrets/-/policy?secretId=%2Flead`. What proxies
 * change in a path is refused there, so that a share of `/lead` never lands on `lead`.
 */
export default fp(
  async (app) => {
    const extended = new Map<TObject, TObject>();
    const withSecret = (query: TObject): TObject => {
      const known =
        extended.get(query) ?? Type.Object({ ...query.properties, ...InQuery }, { additionalProperties: false });
      extended.set(query, known);
      return known;
    };
    app.addHook('onRoute', (route: RouteOptions) => {
      if (!isOnSecret(route.url)) return;
      route.schema = { ...route.schema, querystring: withSecret(route.schema?.querystring as TObject) };
    });
    // After who calls is known, and before anything is asked about the secret.
    app.addHook('onRequest', async (request) => {
      if (isOnSecret(request.routeOptions.url ?? '')) nameSecret(request);
    });
  },
  { name: 'secret-in-query', dependencies: ['problems', 'identity', 'strict-input'] },
);

const isOnSecret = (url: string): boolean => url.startsWith('/v1/secrets/:secretId');

/** @throws DomainError validation-failed */
function nameSecret(request: FastifyRequest): void {
  const params = request.params as { secretId: string };
  const { secretId } = request.query as { secretId?: unknown };
  if (params.secretId !== IN_QUERY) {
    if (secretId !== undefined)
      throw wrongField('/querystring/secretId', 'is for paths that say - in the secret’s place');
    const lost = lostInPath(params.secretId);
    const instead = `proxies change it: ask /v1/secrets/${IN_QUERY}/…?secretId=`;
    if (lost !== null) throw wrongField('/params/secretId', `has ${lost} in the path, where ${instead}`);
  } else if (secretId === undefined)
    throw wrongField('/querystring/secretId', 'must name the secret, since the path says -');
  // Given twice, it is refused by its schema.
  else if (typeof secretId === 'string') params.secretId = secretId;
}

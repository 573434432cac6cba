import fp from 'fastify-plugin';
import type { VisibleSecrets } from '../src/access/guard/visible-secrets.ts';

/** Whoever names a secret in a path is asked for the right to its account first, before AWS is asked or anything written. */
export default fp<{ visible: Pick<VisibleSecrets, 'assertMayUse'> }>(
  async (app, { visible }) => {
    app.addHook('preHandler', async (request) => {
      if (request.routeOptions.config.public === true) return;
      const { secretId } = request.params as { secretId?: string };
      if (secretId !== undefined) await visible.assertMayUse(request.identity, secretId);
    });
  },
  { name: 'account-guard', dependencies: ['problems', 'identity'] },
);

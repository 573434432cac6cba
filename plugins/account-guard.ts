import fp from 'fastify-plugin';
import type { Authorizer, GuardedAction } from '../src/access/guard/authorizer.ts';
import { guardLook } from '../src/access/guard/guard-change.ts';
import type { VisibleSecrets } from '../src/access/guard/visible-secrets.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What the guardrails are asked of the caller before its body is read, where that takes nothing of the body. */
    asksFirst?: GuardedAction;
  }
}

/**
 * Before a body is read, AWS asked or anything written, the guardrails are asked about the caller: whoever names a secret in a path,
 * about the right to its account.
 */
export default fp<{ visible: Pick<VisibleSecrets, 'assertMayUse'>; authorizer: Authorizer }>(
  async (app, { visible, authorizer }) => {
    app.addHook('preParsing', async ({ routeOptions: { config }, identity, params }) => {
      if (config.public === true) return;
      if (config.asksFirst !== undefined) guardLook(authorizer, identity, config.asksFirst);
      const { secretId } = params as { secretId?: string };
      if (secretId !== undefined) await visible.assertMayUse(identity, secretId);
    });
  },
  { name: 'account-guard', dependencies: ['problems', 'identity', 'secret-in-query'] },
);

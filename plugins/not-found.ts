import fp from 'fastify-plugin';
import { DomainError } from '../src/problems/problem.ts';

/** 404 where nothing is, 405 with Allow where the method is the only thing wrong; both before a body is read. */
export default fp(
  async (app) => {
    const paths = new Map<string, { pattern: RegExp; methods: Set<string> }>();
    app.addHook('onRoute', ({ url, method }) => {
      const pattern = new RegExp(`^${url.replace(/[.]/g, '\\.').replace(/:\w+/g, '[^/]+').replace('*', '.*')}$`);
      const path = paths.get(url) ?? { pattern, methods: new Set() };
      paths.set(url, path);
      for (const each of [method].flat()) path.methods.add(each);
    });
    app.addHook('onRequest', async (request, reply) => {
      if (!request.is404) return;
      const path = request.url.replace(/\?.*$/s, '');
      const here = [...paths.values()].filter(({ pattern }) => pattern.test(path));
      if (here.length === 0) throw new DomainError('route-not-found');
      const allowed = [...new Set(here.flatMap(({ methods }) => [...methods]))].sort().join(', ');
      reply.header('allow', allowed);
      throw new DomainError('method-not-allowed', { allowed });
    });
    // For handlers that find out by themselves, as the one for the files of Swagger UI does.
    app.setNotFoundHandler(() => {
      throw new DomainError('route-not-found');
    });
  },
  { name: 'not-found', dependencies: ['identity'] },
);

import fp from 'fastify-plugin';
import { nearest } from '../src/problems/nearest.ts';
import { DomainError } from '../src/problems/problem.ts';

/** 404 where nothing is, 405 with Allow where the method is the only thing wrong; both before a body is read. */
export default fp(
  async (app) => {
    const paths = new Map<string, Known & { methods: Set<string> }>();
    app.addHook('onRoute', ({ url, method }) => {
      const pattern = new RegExp(`^${url.replace(/[.]/g, '\\.').replace(/:\w+/g, '[^/]+').replace('*', '.*')}$`);
      const path = paths.get(url) ?? { url, pattern, methods: new Set() };
      paths.set(url, path);
      for (const each of [method].flat()) path.methods.add(each);
    });
    app.addHook('onRequest', async (request, reply) => {
      if (!request.is404) return;
      const path = request.url.replace(/\?.*$/s, '');
      const here = [...paths.values()].filter(({ pattern }) => pattern.test(path));
      if (here.length === 0) throw new DomainError('route-not-found', meantBy(path, [...paths.values()]));
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

type Known = { url: string; pattern: RegExp };
type Meant = { meant?: string; slash?: boolean };

/** What of a secret is misspelt; or a secret's name with its slashes as they are: the shortest name that leads somewhere. */
function meantBy(path: string, known: readonly Known[]): Meant {
  const [, rest] = /^\/v1\/secrets\/([^?]{1,2048})$/.exec(path) ?? [];
  if (rest === undefined) return resourceMeantBy(path, known);
  const parts = rest?.split('/') ?? [];
  if (parts.length > MOST_PARTS || parts.some((part) => !/^[\w+=.@!:%-]+$/.test(part))) return {};
  const [name = '', part = '', ...more] = parts;
  const spelt = nearest(part, partsOfSecrets(known));
  const misspelt = ['/v1/secrets', name, spelt, ...more].join('/');
  if (spelt !== undefined && known.some(({ pattern }) => pattern.test(misspelt))) return { meant: misspelt };
  for (let slashes = 1; slashes < parts.length; slashes += 1) {
    const name = parts.slice(0, slashes + 1).join('%2F');
    const meant = ['/v1/secrets', name, ...parts.slice(slashes + 1)].join('/');
    if (known.some(({ pattern }) => pattern.test(meant))) return { meant, slash: true };
  }
  return {};
}

/** The resource itself is misspelt: `/v1/secret/…`. */
function resourceMeantBy(path: string, known: readonly Known[]): Meant {
  const [, resource = '', rest = ''] = /^\/v1\/([\w-]{1,40})(\/[\w+=.@!:%/-]{1,2048})?$/.exec(path) ?? [];
  const resources = new Set(known.flatMap(({ url }) => /^\/v1\/([\w-]+)/.exec(url)?.[1] ?? []));
  const spelt = nearest(resource, [...resources]);
  if (spelt === undefined || spelt === resource) return {};
  const meant = `/v1/${spelt}${rest}`;
  if (known.some(({ pattern }) => pattern.test(meant))) return { meant };
  return spelt === 'secrets' ? meantBy(meant, known) : {};
}

const MOST_PARTS = 12;

/** `shares`, `policy` and the rest. */
const partsOfSecrets = (known: readonly Known[]): string[] => [
  ...new Set(known.flatMap(({ url }) => /^\/v1\/secrets\/:secretId\/([\w-]+)/.exec(url)?.[1] ?? [])),
];

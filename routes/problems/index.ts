import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import { DomainError } from '../../src/problems/problem.ts';
import { isRetryable, type ProblemCode, problemCodes, problems } from '../../src/problems/table.ts';
import { addressOfFile } from '../console/index.ts';
import { text } from '../responses.ts';

/** What `type` of a problem document leads to: a page for people. All of its text is ours, none is the caller's. */
export const problemRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get(
    '/problems',
    {
      config: { public: true, page: true },
      schema: {
        tags: ['Run'],
        operationId: 'listProblemPages',
        summary: 'What can go wrong',
        description: 'An HTML page that lists the codes of problem documents.',
        response: { 200: text('text/html', 'The page.') },
      },
    },
    async (_, reply) => {
      reply.type('text/html; charset=utf-8');
      return page('What can go wrong', listOfAll());
    },
  );

  app.get(
    '/problems/:code',
    {
      config: { public: true, page: true, refuses: ['route-not-found'] },
      schema: {
        tags: ['Run'],
        operationId: 'getProblemPage',
        summary: 'What a problem means, and what to do',
        description: 'An HTML page for each code of a problem document.',
        params: Type.Object({
          code: Type.String({
            maxLength: 100,
            description: 'The `code` of a problem document.',
            examples: ['principal-not-found'],
          }),
        }),
        response: { 200: text('text/html', 'The page.') },
      },
    },
    async (request, reply) => {
      const code = problemCodes.find((known) => known === request.params.code);
      if (code === undefined) throw new DomainError('route-not-found', { why: 'No problem has this code. See /docs.' });
      reply.type('text/html; charset=utf-8');
      return pageFor(code);
    },
  );

  // Whoever comes by with a browser.
  app.get('/', { config: { public: true }, schema: { hide: true } }, async (_, reply) => reply.redirect('/docs'));
};

function pageFor(code: ProblemCode): string {
  const { title, status, what, todo } = problems[code];
  return page(
    title,
    `<p><code>${code}</code> · HTTP ${status}${isRetryable(code) ? ' · may succeed later' : ''}</p>
<h2>What happened</h2><p class="lead">${what}</p><h2>What to do</h2><p class="lead">${todo}</p><p><a href="/problems">All problems</a></p>`,
  );
}

function listOfAll(): string {
  const byStatus = problemCodes.toSorted((one, other) => problems[one].status - problems[other].status);
  const rows = byStatus.map(
    (code) =>
      `<li>${problems[code].status} <a href="/problems/${code}"><code>${code}</code></a>: ${problems[code].title}</li>`,
  );
  return `<p>By HTTP status. Each page says what happened, and what to do.</p><ul>
${rows.join('\n')}</ul>`;
}

const LOGO = addressOfFile('look/logo.svg');
const STYLES = ['tokens', 'base', 'shell'].map((name) => addressOfFile(`look/${name}.css`));

const page = (title: string, text: string): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>${title}</title>
<link rel="icon" type="image/svg+xml" href="${LOGO}">
${STYLES.map((href) => `<link rel="stylesheet" href="${href}">`).join('\n')}</head>
<body><header><a class="name" href="/docs"><img src="${LOGO}" alt="">Secret access</a>
<a href="/console">Console</a><a href="/docs">API</a></header>
<main><h1>${title}</h1>${text}</main></body></html>
`;

import { readFileSync } from 'node:fs';
import t from 'tap';
import { examplesAmiss } from '../../scripts/openapi/examples/check.ts';
import { playExamples } from '../../scripts/openapi/examples/play.ts';
import { type Document, documentOf, operationsOf } from '../document.ts';

const read = (file: string) => JSON.parse(readFileSync(new URL(`../../openapi/${file}`, import.meta.url), 'utf8'));
const openapi = { swagger: () => read('openapi.json') };

t.test('what the document shows as answers is what the service answers', async (t) => {
  t.strictSame(await playExamples(t), read('examples.json'), 'npm run openapi:examples && npm run openapi');
});

t.test('an answer that says yes has an example, which its schema holds for', async (t) => {
  const document: Document = documentOf(openapi);
  t.strictSame(examplesAmiss(operationsOf(openapi), document), []);
  const amiss = (value?: unknown) => {
    const operations = operationsOf(openapi).filter(({ operationId }) => operationId === 'livez');
    for (const { responses } of operations)
      for (const media of Object.values(responses['200']?.content ?? {}))
        media.examples = value === undefined ? {} : { answered: { value } };
    return examplesAmiss(operations, document);
  };
  t.match(amiss(), ['livez 200 application/json: has no example']);
  t.match(amiss({ status: 'dead' }), [/^livez 200 .*allowed values/]);
  t.match(amiss({ status: 'alive', more: 1 }), [/^livez 200 .*additional properties/]);
});

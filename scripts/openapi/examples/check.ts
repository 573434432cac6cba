import { readFileSync } from 'node:fs';
import { createSchemaCheck } from '../../../test/answer-check.ts';
import { type ApiOperation, type Document, documentOf, operationsOf } from '../../../test/document.ts';

/** Which answers that are no problems show nothing that was answered, or what is no longer answered so. */
export function examplesAmiss(operations: readonly ApiOperation[], document: Pick<Document, 'components'>): string[] {
  const check = createSchemaCheck(document);
  return operations.flatMap(({ operationId, responses }) =>
    Object.entries(responses).flatMap(([status, { content = {} }]) =>
      Object.entries(content).flatMap(([type, { schema, examples }]) => {
        if (type === 'application/problem+json') return [];
        const example = examples?.['answered'];
        const wrong = example === undefined ? 'has no example' : check(schema, example.value);
        return wrong === undefined ? [] : [`${operationId} ${status} ${type}: ${wrong}`];
      }),
    ),
  );
}

if (import.meta.main) {
  const file = new URL('../../../openapi/openapi.json', import.meta.url);
  const openapi = { swagger: () => JSON.parse(readFileSync(file, 'utf8')) };
  const amiss = examplesAmiss(operationsOf(openapi), documentOf(openapi));
  if (amiss.length > 0) {
    console.error(`${amiss.join('\n')}\nRun: npm run openapi:examples && npm run openapi`);
    process.exitCode = 1;
  }
}

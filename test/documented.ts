import { readFileSync } from 'node:fs';
import { createAnswerCheck } from './answer-check.ts';
import { type ApiOperation, documentOf, isEndless, operationsOf } from './document.ts';

type Answer = { statusCode: number; headers: Record<string, unknown>; body: string };

const file = new URL('../openapi/openapi.json', import.meta.url);
const openapi = { swagger: () => JSON.parse(readFileSync(file, 'utf8')) };
const amiss = createAnswerCheck(documentOf(openapi));
const operations = operationsOf(openapi).map((operation) => ({
  operation,
  path: new RegExp(`^${operation.path.replace(/\{[^}]+\}/g, '[^/?]+')}(\\?|$)`),
}));

/** Of several that fit, the one with fewest parameters. */
function operationOf(method: string, url: string): ApiOperation | undefined {
  const fitting = operations.filter(({ operation, path }) => operation.method === method && path.test(url));
  const parameters = ({ path }: ApiOperation) => path.split('{').length;
  return fitting.map(({ operation }) => operation).toSorted((a, b) => parameters(a) - parameters(b))[0];
}

/** Whether what is asked for goes on until nobody reads it any more. */
export function goesOn(method: string, url: string): boolean {
  const operation = operationOf(method, url);
  return operation !== undefined && isEndless(operation);
}

/** @throws Error for an answer to one of our operations that openapi.json does not describe */
export function insistDocumented(method: string, url: string, answer: Answer): void {
  const operation = operationOf(method, url);
  const wrong = operation && amiss(operation, answer);
  if (wrong) throw new Error(`${method} ${url} (openapi.json is of this code?): ${wrong}; got ${answer.body}`);
}

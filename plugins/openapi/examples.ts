import { readFileSync } from 'node:fs';
import { exampleOf } from '../../src/problems/document.ts';
import type { ProblemCode } from '../../src/problems/table.ts';
import type { Content, Document } from './document.ts';

/** By operation, status and media type. scripts/openapi/examples plays the operations and writes it. */
type Answers = Record<string, Record<string, Record<string, unknown>>>;
const FILE = new URL('../../openapi/examples.json', import.meta.url);

/**
 * Gives every answer that says yes what was answered once. It is read when somebody asks for the document: a process whom
 * nobody asks keeps none of it.
 */
export function addAnswers({ paths }: Document): void {
  const answers = JSON.parse(readFileSync(FILE, 'utf8')) as Answers;
  for (const { operationId, responses } of Object.values(paths).flatMap((path) => Object.values(path))) {
    for (const [status, response] of Object.entries(responses)) {
      const content = '$ref' in response ? {} : (response.content ?? {});
      for (const [type, media] of Object.entries(content)) {
        const example = answers[operationId]?.[status]?.[type];
        // Answers share their schemas' objects: each gets one of its own. A named one does not swell the client's types.
        if (example !== undefined) content[type] = { ...media, examples: { answered: { value: example } } };
      }
    }
  }
}

/**
 * Gives every problem answer real documents instead of ones that are made up from the schema, and every body that has
 * several examples a list to choose from, named by their reason or by what they set.
 */
export function addExamples({ paths, components }: Document): void {
  const codes = new Set<ProblemCode>();
  for (const operation of Object.values(paths).flatMap((path) => Object.values(path))) {
    for (const response of Object.values(operation.responses)) {
      for (const code of '$ref' in response ? [] : addProblems(response.content)) codes.add(code);
    }
    for (const media of Object.values(operation.requestBody?.content ?? {})) {
      const name = media.schema?.$ref?.split('/').at(-1) ?? '';
      const examples = components.schemas[name]?.examples ?? [];
      if (examples.length > 1) media.examples = namedByReason(examples);
    }
  }
  components.examples = Object.fromEntries([...codes].sort().map(asExample));
}

/** @returns the codes that it gave examples of */
function addProblems(content: Content = {}): readonly ProblemCode[] {
  const media = content['application/problem+json'];
  const codes = media?.['x-problem-codes'] ?? [];
  if (media === undefined || codes.length === 0) return [];
  media.examples = Object.fromEntries(codes.map((code) => [code, { $ref: `#/components/examples/${code}` }]));
  return codes;
}

function asExample(code: ProblemCode) {
  const value = exampleOf(code);
  return [code, { summary: value.title, value }] as const;
}

const namedByReason = (examples: readonly Record<string, unknown>[]) =>
  Object.fromEntries(
    examples.map((value, index) => [
      `example${index + 1}`,
      { summary: value['reason'] ?? `With ${Object.keys(value).join(', ')}`, value },
    ]),
  );

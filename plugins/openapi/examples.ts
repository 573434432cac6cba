import { problemExamples } from '../../src/problems/examples.ts';
import type { Content, Document } from './document.ts';

/**
 * Gives every problem answer real documents instead of ones that are made up from the schema, and every body that has
 * several examples a list to choose from, named by their reason
 * or by what they set.
 */
export function addExamples({ paths, components }: Document): void {
  for (const operation of Object.values(paths).flatMap((path) => Object.values(path))) {
    for (const response of Object.values(operation.responses)) {
      if (!('$ref' in response)) addProblems(response.content);
    }
    for (const media of Object.values(operation.requestBody?.content ?? {})) {
      const name = media.schema?.$ref?.split('/').at(-1) ?? '';
      const examples = components.schemas[name]?.examples ?? [];
      if (examples.length > 1) media.examples = namedByReason(examples);
    }
  }
  components.examples = problemExamples;
}

function addProblems(content: Content = {}): void {
  const media = content['application/problem+json'];
  const codes = media?.['x-problem-codes'];
  if (media === undefined || codes === undefined) return;
  const known = codes.filter((code) => code in problemExamples);
  media.examples = Object.fromEntries(known.map((code) => [code, { $ref: `#/components/examples/${code}` }]));
}

const namedByReason = (examples: readonly Record<string, unknown>[]) =>
  Object.fromEntries(
    examples.map((value, index) => [
      `example${index + 1}`,
      { summary: value['reason'] ?? `With ${Object.keys(value).join(', ')}`, value },
    ]),
  );

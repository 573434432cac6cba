import type { SwaggerTransformObject } from '@fastify/swagger';
import { problemExamples } from '../../src/problems/examples.ts';

type Media = { schema?: { $ref?: string }; example?: unknown; examples?: Record<string, unknown>; codes?: string[] };
type Content = Record<string, Media>;
type Operation = { requestBody?: { content: Content }; responses: Record<string, { content?: Content }> };
type Document = {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, { examples?: Record<string, unknown>[] }>; examples?: unknown };
};

/**
 * Gives every problem answer real documents instead of ones that are made up from the schema, and every body that has
 * several examples a list to choose from, named by their reason
 * or by what they set.
 */
export const withExamples: SwaggerTransformObject = (given) => {
  if (!('openapiObject' in given)) return given.swaggerObject;
  const document = given.openapiObject as Document;
  for (const operation of Object.values(document.paths).flatMap((path) => Object.values(path))) {
    for (const { content = {} } of Object.values(operation.responses)) nameProblems(content);
    for (const media of Object.values(operation.requestBody?.content ?? {})) {
      const name = media.schema?.$ref?.split('/').at(-1) ?? '';
      const examples = document.components.schemas[name]?.examples ?? [];
      if (examples.length > 1) media.examples = namedByReason(examples);
    }
  }
  document.components.examples = problemExamples;
  return given.openapiObject;
};

function nameProblems(content: Content): void {
  const media = content['application/problem+json'];
  if (media?.codes === undefined) return;
  media.examples = Object.fromEntries(media.codes.map((code) => [code, { $ref: `#/components/examples/${code}` }]));
  delete media.codes;
}

const namedByReason = (examples: readonly Record<string, unknown>[]) =>
  Object.fromEntries(
    examples.map((value, index) => [
      `example${index + 1}`,
      { summary: value['reason'] ?? `With ${Object.keys(value).join(', ')}`, value },
    ]),
  );

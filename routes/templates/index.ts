import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type, { type TObject } from 'typebox';
import type { Authorizer } from '../../src/access/guard/authorizer.ts';
import { guardLook } from '../../src/access/guard/guard-change.ts';
import { pageOf } from '../../src/page.ts';
import { statementsOf } from '../../src/policy/document.ts';
import { compile, EMPTY_POLICY } from '../../src/policy/entries/compile.ts';
import { addEntry } from '../../src/policy/entries/edit.ts';
import { templateNamed, templates } from '../../src/policy/entries/templates/index.ts';
import type { AnyTemplate } from '../../src/policy/entries/templates/kinds/template.ts';
import { DomainError } from '../../src/problems/problem.ts';
import { anyObject, EntryKind } from '../fields.ts';
import { PagingQuery } from '../parameters.ts';
import { answers } from '../responses.ts';
import { page, ref } from '../schemas.ts';

const TemplateName = Type.Enum(
  templates.map(({ name }) => name),
  { description: 'Never changes.' },
);

/** Each template's parameters are a component of their own, so that a template that is added shows in OpenAPI by itself. */
const parameterComponents = templates.map((template) => ({
  ...template.parameters,
  $id: `${template.name.replace(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase())}Parameters`,
  title: template.title,
  description: template.description,
}));

const Template = Type.Object(
  {
    name: TemplateName,
    kind: EntryKind,
    title: Type.String({ description: 'In a few words.' }),
    description: Type.String({ description: 'What it is for.' }),
    parameters: Type.Unsafe<TObject>({
      type: 'object',
      additionalProperties: true,
      description: 'JSON Schema of the parameters.',
    }),
    example: Type.Unsafe<Record<string, unknown>>({
      anyOf: parameterComponents.map(({ $id }) => ({ $ref: `${$id}#` })),
      description: 'Parameters that work. Of a new template they have a form of their own.',
      'x-extensible': true,
    }),
    statements: Type.Array(anyObject('A statement.'), { description: 'What the example renders.' }),
  },
  { $id: 'Template', description: 'One kind of statement that this service writes.' },
);
const TemplatePage = page(ref(Template), 'TemplatePage');

export const templateRoutes: FastifyPluginAsyncTypebox<{ authorizer: Authorizer }> = async (app, { authorizer }) => {
  for (const schema of [...parameterComponents, Template, TemplatePage]) app.addSchema(schema);

  app.get(
    '/v1/templates',
    {
      config: { refuses: ['forbidden'] },
      schema: {
        tags: ['Look'],
        operationId: 'listTemplates',
        summary: 'The statement templates',
        description:
          'Every kind of statement that this service writes: its parameters, an example and what that renders.',
        querystring: PagingQuery,
        response: answers(ref(TemplatePage)),
      },
    },
    async (request) => {
      guardLook(authorizer, request.identity, 'readTemplates');
      return pageOf(templates.map(show), ({ name }) => name, request.query);
    },
  );

  app.get(
    '/v1/templates/:templateName',
    {
      config: { refuses: ['forbidden', 'template-not-found'] },
      schema: {
        tags: ['Look'],
        operationId: 'getTemplate',
        summary: 'One template',
        description: 'Its parameters as JSON Schema, an example, and the statement that the example renders.',
        params: Type.Object({
          templateName: Type.String({
            maxLength: 100,
            description: 'The `name` of a template of the list.',
            examples: ['share-with-principal'],
          }),
        }),
        response: answers(ref(Template)),
      },
    },
    async (request) => {
      guardLook(authorizer, request.identity, 'readTemplates');
      const template = templateNamed(request.params.templateName);
      if (template === undefined) {
        throw new DomainError('template-not-found', { names: templates.map(({ name }) => name) });
      }
      return show(template);
    },
  );
};

function show(template: AnyTemplate) {
  const { name, kind, title, description, parameters, example } = template;
  const { view } = addEntry(EMPTY_POLICY, template, example, 'aws');
  return { name, kind, title, description, parameters, example, statements: [...statementsOf(compile(view))] };
}

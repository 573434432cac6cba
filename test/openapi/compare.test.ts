import { readFileSync } from 'node:fs';
import t from 'tap';
import { type Document, incompatibilities } from '../../scripts/openapi/compare.ts';
import type { Schema } from '../../scripts/openapi/compare-schemas.ts';

const text = { type: 'string' } as const;
const nothing = { type: 'null' } as const;
const object = (properties: Record<string, Schema>, more: Schema = {}): Schema => ({
  type: 'object',
  properties,
  ...more,
});

type ApiOperation = Document['paths'][string][string];
const operation = (more: Partial<ApiOperation> = {}): ApiOperation => ({ operationId: 'do', responses: {}, ...more });
const documentOf = (post: ApiOperation, components: Document['components'] = {}): Document => ({
  info: { version: '1.0.0' },
  paths: { '/things': { post } },
  components,
});
const json = (schema: Schema) => ({ content: { 'application/json': { schema } } });

/** Of a schema before and after: what is told where it is a body's, and where it is an answer's. */
const SCHEMAS: [name: string, before: Schema, after: Schema, request: string[], response: string[]][] = [
  ['the same', object({ a: text }), object({ a: text }), [], []],
  ['a new field', object({}), object({ a: text }), [], []],
  ['a field that is gone', object({ a: text }), object({}), ['/a is gone'], ['/a is gone']],
  ['a new required field', object({}), object({ a: text }, { required: ['a'] }), ['/a is required'], []],
  [
    'a field that is required now',
    object({ a: text }),
    object({ a: text }, { required: ['a'] }),
    ['/a is required'],
    [],
  ],
  [
    'a field that is no longer required',
    object({ a: text }, { required: ['a'] }),
    object({ a: text }),
    [],
    ['/a may be missing'],
  ],
  [
    'a required field that is gone is told of once',
    object({ a: text }, { required: ['a'] }),
    object({}),
    ['/a is gone'],
    ['/a is gone'],
  ],
  ['a new value', { enum: ['a'] }, { enum: ['a', 'b'] }, [], []],
  [
    'a value that is gone',
    { enum: ['a', 'b'] },
    { enum: ['a'] },
    [': the value "b" is gone'],
    [': the value "b" is gone'],
  ],
  ['values of a text', text, { ...text, enum: ['a'] }, [' takes certain values only'], []],
  ['any text for values', { ...text, enum: ['a'] }, text, [], [' is no longer one of certain values']],
  ['another type', text, { type: 'integer' }, [' takes no string'], [' may be integer']],
  ['a number for an integer', { type: 'integer' }, { type: 'number' }, [], [' may be number']],
  ['null besides', text, { anyOf: [text, nothing] }, [], [': may have another form']],
  ['null no longer', { anyOf: [text, nothing] }, text, [': a form of it is gone'], []],
  [
    'a form besides, of what gets new ones',
    { anyOf: [object({})] },
    { anyOf: [object({}), text], 'x-extensible': true },
    [],
    [],
  ],
  ['a form that has a new field', { oneOf: [object({}), text] }, { oneOf: [object({ a: text }), text] }, [], []],
  [
    'narrower bounds',
    { ...text, minLength: 1, maxLength: 9 },
    { ...text, minLength: 2, maxLength: 8 },
    [': minLength is higher', ': maxLength is lower'],
    [],
  ],
  ['wider bounds', { ...text, minLength: 1, maxLength: 9 }, text, [], []],
  ['a new pattern', text, { ...text, pattern: '^a' }, [': pattern is another'], []],
  ['a format that is gone', { ...text, format: 'date-time' }, text, [], [': format is another']],
  [
    'no other fields',
    object({}, { additionalProperties: true }),
    object({}, { additionalProperties: false }),
    [' takes no other fields'],
    [],
  ],
  ['items', { items: text }, { items: { type: 'integer' } }, ['[] takes no string'], ['[] may be integer']],
  [
    'values of a map',
    { type: 'object', additionalProperties: text },
    { type: 'object', additionalProperties: { type: 'integer' } },
    ['/* takes no string'],
    ['/* may be integer'],
  ],
];

for (const [name, before, after, request, response] of SCHEMAS) {
  t.test(name, async (t) => {
    const told = (make: (schema: Schema) => ApiOperation) =>
      incompatibilities(documentOf(make(before)), documentOf(make(after)));
    const asBody = told((schema) => operation({ requestBody: json(schema) }));
    const asAnswer = told((schema) => operation({ responses: { 200: json(schema) } }));
    t.strictSame(
      [asBody, asAnswer],
      [request.map((what) => `POST /things: the body${what}`), response.map((what) => `POST /things: 200${what}`)],
    );
  });
}

const parameter = (more: object = {}) => ({ in: 'query', name: 'a', schema: text, ...more });
const ok = { 200: json(text) };
const OPERATIONS: [name: string, before: Partial<ApiOperation>, after: Partial<ApiOperation>, told: string[]][] = [
  ['a new parameter', {}, { parameters: [parameter()] }, []],
  ['a new required one', {}, { parameters: [parameter({ required: true })] }, ['the query parameter a is required']],
  ['one that is gone, where others are refused', { parameters: [parameter()] }, {}, ['the query parameter a is gone']],
  [
    'another name in the path',
    { parameters: [parameter({ in: 'path', required: true })] },
    { parameters: [parameter({ in: 'path', name: 'b', required: true })] },
    [],
  ],
  ['a body that is needed', {}, { requestBody: { required: true, ...json(text) } }, ['the body is required']],
  ['credentials', { security: [] }, {}, ['takes credentials']],
  ['another operation id', {}, { operationId: 'done' }, ['is called done']],
  ['a new refusal', { responses: ok }, { responses: { ...ok, 409: json(text) } }, []],
  ['a refusal that is gone', { responses: { ...ok, 409: json(text) } }, { responses: ok }, []],
  ['another way to succeed', { responses: ok }, { responses: { ...ok, 202: json(text) } }, ['may succeed with 202']],
  ['a way to succeed that is gone', { responses: { ...ok, 202: {} } }, { responses: ok }, ['the answer 202 is gone']],
  [
    'a content type that is gone',
    { responses: ok },
    { responses: { 200: { content: { 'text/plain': { schema: text } } } } },
    ['200 application/json is gone'],
  ],
  [
    'a header that is gone',
    { responses: { 200: { headers: { ETag: {} } } } },
    { responses: { 200: {} } },
    ['the header ETag of 200 is gone'],
  ],
];

for (const [name, before, after, told] of OPERATIONS) {
  t.test(name, async (t) => {
    t.strictSame(
      incompatibilities(documentOf(operation(before)), documentOf(operation(after))),
      told.map((what) => `POST /things: ${what}`),
    );
  });
}

t.test('a component is told of by its name, once, and may hold itself', async (t) => {
  const use = (name: string) => ({ $ref: `#/components/schemas/${name}` });
  const components = (leaf: Schema) => ({ schemas: { Tree: object({ leaf, branch: use('Tree') }) } });
  const post = operation({ responses: { 200: json(use('Tree')), 201: json(use('Tree')) } });
  const before = documentOf(post, components(text));
  t.strictSame(incompatibilities(before, before), []);
  t.strictSame(incompatibilities(before, documentOf(post, components({ type: 'integer' }))), [
    'POST /things: Tree/leaf may be integer',
  ]);
});

t.test(
  'of the document of the product: nothing by itself; what many operations use is told of in one line',
  async (t) => {
    const file = readFileSync(new URL('../../openapi/openapi.json', import.meta.url), 'utf8');
    const before = JSON.parse(file) as Document;
    t.strictSame(incompatibilities(before, JSON.parse(file)), []);
    const without = (name: string) => JSON.parse(file, (key, value) => (key === name ? undefined : value)) as Document;
    t.match(incompatibilities(before, without('etag')), [
      / and \d+ more: Change\/etag is gone$/,
      / and \d+ more: PendingChange\/etag is gone$/,
      /AttachedPolicy\/etag/,
      /ApproveRequest\/etag/,
    ]);
    t.strictSame(incompatibilities(before, without('/v1/operations')), ['GET /v1/operations: is gone']);
  },
);

import { readFileSync } from 'node:fs';
import t from 'tap';

/** What readers of the document may rely on, wherever it is. `npm run openapi:check` holds the file to the routes. */

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
type Members = { [name: string]: Json };
type Found = { at: string; value: Members };

const document = JSON.parse(readFileSync(new URL('../../openapi/openapi.json', import.meta.url), 'utf8')) as Members;
const isObject = (value: Json | undefined): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const membersOf = (value: Json | undefined): [string, Members][] =>
  isObject(value) ? Object.entries(value).filter((entry): entry is [string, Members] => isObject(entry[1])) : [];

/** Everything in the document, except what is data: examples and defaults. */
function walk(value: Json, at: string, visit: (found: Found) => void): void {
  if (Array.isArray(value)) for (const [index, item] of value.entries()) walk(item, `${at}/${index}`, visit);
  if (!isObject(value)) return;
  visit({ at, value });
  for (const [name, inner] of Object.entries(value)) {
    if (!['example', 'examples', 'default', 'enum'].includes(name)) walk(inner, `${at}/${name}`, visit);
  }
}

const objects: Found[] = [];
walk(document, '#', (found) => objects.push(found));
const fields = objects.flatMap(({ at, value }) =>
  membersOf(value['properties']).map(([name, field]) => ({ at: `${at}/${name}`, name, value: field })),
);
const parameters = objects.filter(({ value }) => typeof value['in'] === 'string' && 'schema' in value);
const components = isObject(document['components']) ? document['components'] : {};

t.test('every component, field, parameter and header says what it is', async (t) => {
  const schemas = membersOf(components['schemas']).map(([at, value]) => ({ at, value }));
  const headers = objects.flatMap(({ at, value }) =>
    membersOf(value['headers']).map(([name, header]) => ({ at: `${at}/${name}`, value: header })),
  );
  for (const some of [schemas, fields, parameters, headers]) t.ok(some.length > 20, 'they were found');
  const silent = [...schemas, ...fields, ...parameters, ...headers]
    .filter(({ value }) => !('$ref' in value) && !value['description'])
    .map(({ at }) => at);
  t.strictSame(silent, []);
});

t.test('whatever is not public takes a token or a key', async (t) => {
  t.strictSame(document['security'], [{ bearer: [] }, { apiKey: [] }]);
});

t.test('a field that is a time says that it is one', async (t) => {
  const isTime = (name: string) => /(At|Answer)$|^(time|from|to)$/.test(name);
  const named = [
    ...fields.filter(({ name, at }) => isTime(name) && !at.includes('/PatchOperation/')),
    ...parameters.filter(({ value }) => isTime(String(value['name']))),
  ];
  t.ok(named.length > 15, 'they were found');
  const silent = named.filter(({ value }) => !JSON.stringify(value).includes('"format":"date-time"'));
  t.strictSame(
    silent.map(({ at }) => at),
    [],
  );
});

t.test('a path parameter has one name, after what it names', async (t) => {
  const names = new Map<string, Set<string>>();
  for (const path of Object.keys(isObject(document['paths']) ? document['paths'] : {})) {
    for (const [, collection = '', name = ''] of path.matchAll(/\/([a-z-]+)\/\{(\w+)\}/g)) {
      names.set(collection, (names.get(collection) ?? new Set()).add(name));
    }
  }
  t.strictSame(Object.fromEntries([...names].map(([collection, of]) => [collection, [...of]])), {
    findings: ['findingId'],
    incidents: ['incidentId'],
    secrets: ['secretId'],
    shares: ['shareId'],
    denials: ['denialId'],
    restrictions: ['restrictionId'],
    statements: ['statementHash'],
    approvals: ['approvalId'],
    'access-requests': ['accessRequestId'],
    templates: ['templateName'],
    'audit-events': ['eventId'],
    operations: ['operationId'],
    principals: ['principal'],
    problems: ['code'],
  });
});

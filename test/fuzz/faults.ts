import fc from 'fast-check';
import type { ApiOperation, Parameter } from '../document.ts';
import { nastyHeader, nastyJson, nastyText, nastyType } from './nasty.ts';
import type { Plan } from './requests.ts';

type Fault = (plan: Plan) => Plan;

const HEADERS = [
  'if-match',
  'if-none-match',
  'idempotency-key',
  'accept',
  'x-request-id',
  'traceparent',
  'x-forwarded-for',
];

/** One thing wrong, in any part of a request. */
export function fault({ parameters, requestBody }: ApiOperation): fc.Arbitrary<Fault> {
  const names = (where: Parameter['in']) =>
    parameters.filter((parameter) => parameter.in === where).map(({ name }) => name);
  const inPath = fc.tuple(fc.constantFrom(...names('path'), 'none'), nastyText).map(
    ([name, text]): Fault =>
      (plan) => ({ ...plan, params: { ...plan.params, [name]: text } }),
  );
  const inQuery = fc.tuple(fc.oneof(fc.constantFrom('dryRun', 'limit', ...names('query')), nastyText), nastyText).map(
    ([name, text]): Fault =>
      (plan) => ({ ...plan, query: [...plan.query, [name, text]] }),
  );
  const inHeader = fc.tuple(fc.constantFrom(...HEADERS), nastyHeader).map(
    ([name, text]): Fault =>
      (plan) => ({ ...plan, headers: { ...plan.headers, [name]: text } }),
  );
  const inBody = fc.tuple(nastyText, nastyJson, fc.nat()).map(
    ([name, value, at]): Fault =>
      (plan) => ({ ...plan, body: breakJson(plan.body ?? '{}', name, value, at) }),
  );
  const another = fc.tuple(fc.oneof(nastyText, fc.json()), fc.oneof(nastyType, fc.constant(undefined))).map(
    ([text, contentType]): Fault =>
      (plan) => ({ ...plan, body: text, contentType }),
  );
  return requestBody === undefined
    ? fc.oneof(inPath, inQuery, inHeader, another)
    : fc.oneof(inPath, inQuery, inHeader, another, inBody, inBody, inBody, inBody);
}

/** Adds a member, puts another value in a member’s place, or takes it away. */
function breakJson(text: string, name: string, value: unknown, at: number): string {
  const json: unknown = JSON.parse(text);
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return JSON.stringify(value);
  const members = Object.keys(json);
  const chosen = members[at % (members.length + 1)];
  if (chosen === undefined) return JSON.stringify({ ...json, [name]: value });
  const { [chosen]: _, ...rest } = json as Record<string, unknown>;
  return JSON.stringify(at % 3 === 0 ? rest : { ...rest, [chosen]: value });
}

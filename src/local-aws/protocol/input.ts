import Type, { type Static, type TSchema } from 'typebox';
import { Compile } from 'typebox/schema';
import { AwsError, validationError } from './errors.ts';

/** One operation of a service: checks the shape of its input, then runs. Unknown members are ignored, as AWS does. */
export type AwsOperation<C> = (call: C, input: unknown) => object;

export function operation<C, S extends TSchema>(shape: S, run: (call: C, input: Static<S>) => object): AwsOperation<C> {
  const compiled = Compile(shape);
  return (call, input) => {
    if (!compiled.Check(input)) throw shapeError(compiled.Errors(input)[1][0]);
    return run(call, input);
  };
}

/** A text of `min` to `max` characters. */
export const text = (min: number, max: number, pattern?: string) =>
  Type.String({ minLength: min, maxLength: max, ...(pattern === undefined ? {} : { pattern }) });
export const optional = Type.Optional;

type ShapeError = { keyword: string; instancePath: string; params: object; message: string };

/** AWS's wording for a value that leaves its shape; the value itself is not repeated, it may be a secret. */
function shapeError(error: ShapeError | undefined): AwsError {
  if (error === undefined) return validationError('The input does not fit the operation.');
  const params = error.params as Record<string, unknown>;
  const path = error.instancePath.slice(1).split('/').filter(Boolean).flatMap(memberOf);
  if (error.keyword === 'type') {
    return new AwsError('SerializationException', `${path.join('.') || 'The body'} ${error.message}`);
  }
  if (error.keyword === 'required') path.push(String(asList(params['requiredProperties'])[0]));
  const rule = RULES[error.keyword]?.(params) ?? error.message;
  const value = error.keyword === 'required' ? 'Value null' : 'Value';
  return validationError(
    `1 validation error detected: ${value} at '${path.map(lowerFirst).join('.')}' failed to satisfy constraint: Member must ${rule}`,
  );
}

const RULES: Record<string, (params: Record<string, unknown>) => string> = {
  required: () => 'not be null',
  minLength: ({ limit }) => `have length greater than or equal to ${limit}`,
  maxLength: ({ limit }) => `have length less than or equal to ${limit}`,
  minItems: ({ limit }) => `have length greater than or equal to ${limit}`,
  maxItems: ({ limit }) => `have length less than or equal to ${limit}`,
  minimum: ({ limit }) => `have value greater than or equal to ${limit}`,
  maximum: ({ limit }) => `have value less than or equal to ${limit}`,
  pattern: ({ pattern }) => `satisfy regular expression pattern: ${pattern}`,
  enum: ({ allowedValues }) => `satisfy enum value set: [${asList(allowedValues).join(', ')}]`,
};

/** Members of a list are counted from one: `filters.1.member.key`. */
const memberOf = (name: string): string[] => (/^\d+$/.test(name) ? [String(Number(name) + 1), 'member'] : [name]);

const asList = (value: unknown): unknown[] => (Array.isArray(value) ? value : [value]);
const lowerFirst = (name: string): string => name.charAt(0).toLowerCase() + name.slice(1);

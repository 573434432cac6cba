import type { FastifySchemaValidationError } from 'fastify/types/schema.js';
import type { FieldError } from '../../src/problems/row.ts';

/** What a schema refused, field by field. Where there is a choice of forms, what fits none of them is said once. */
export function fieldErrors(errors: readonly FastifySchemaValidationError[], prefix: string): FieldError[] {
  const choices = errors.filter(({ keyword }) => keyword === 'oneOf').map(({ instancePath }) => instancePath);
  const hasChoice = ({ instancePath, schemaPath }: FastifySchemaValidationError) =>
    schemaPath.includes('/oneOf/') && choices.some((path) => instancePath.startsWith(path));
  const isMisfit = (error: FastifySchemaValidationError) => SHAPE.includes(error.keyword) && hasChoice(error);
  const misfits = errors.filter(isMisfit);
  const others = errors.filter((error) => !isMisfit(error) && error.keyword !== 'oneOf');
  const unsaid = choices.filter((path) => !others.some(({ instancePath }) => instancePath.startsWith(path)));
  return [
    ...others.map((error) => fieldError(error, prefix)),
    ...unsaid.map((path) => ({
      path: `${prefix}${path}`,
      message: choiceOf(misfits.filter(({ instancePath }) => instancePath === path)),
    })),
  ];
}

/** They say only that a value is not of this one form. */
const SHAPE = ['required', 'additionalProperties', 'type', 'format'];

function choiceOf(misfits: readonly FastifySchemaValidationError[]): string {
  const names = new Set(misfits.map(({ params }) => params['missingProperty']).filter((name) => name !== undefined));
  const formats = misfits.flatMap(({ params }) => (typeof params['format'] === 'string' ? [params['format']] : []));
  if (formats.length > 0) return `must be a ${formats.join(' or a ')}`;
  return names.size > 0 ? `must have exactly one of ${[...names].join(', ')}` : (misfits[0]?.message ?? 'is not valid');
}

function fieldError({ instancePath, message = 'is not valid', params }: FastifySchemaValidationError, prefix: string) {
  const extra = params['additionalProperty'] ?? params['propertyName'];
  const allowed = params['allowedValues'] ?? params['allowedValue'];
  if (typeof extra === 'string') {
    return { path: `${prefix}${instancePath}/${extra.slice(0, 100)}`, message: 'is not known here' };
  }
  return {
    path: `${prefix}${instancePath}`,
    message: allowed === undefined ? message : `${message}: ${[allowed].flat().join(', ')}`,
  };
}

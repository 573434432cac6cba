import type { FastifySchemaValidationError } from 'fastify/types/schema.js';
import { nearest, nearestField } from '../../src/problems/nearest.ts';
import type { FieldError } from '../../src/problems/row.ts';
import { type Explained, faultInWords, typeInWords } from './in-words.ts';

/** What a schema refused, field by field. Where there is a choice of forms, what fits none of them is said once. */
export function fieldErrors(errors: readonly FastifySchemaValidationError[], prefix: string): FieldError[] {
  const choices = errors.filter(isChoice).map(({ instancePath }) => instancePath);
  const hasChoice = ({ instancePath, schemaPath }: FastifySchemaValidationError) =>
    CHOICES.some((keyword) => schemaPath.includes(`/${keyword}/`)) &&
    choices.some((path) => instancePath.startsWith(path));
  const isMisfit = (error: FastifySchemaValidationError) => SHAPE.includes(error.keyword) && hasChoice(error);
  const misfits = errors.filter(isMisfit);
  const others = errors.filter((error) => !isMisfit(error) && !isChoice(error));
  const unsaid = choices.filter((path) => !others.some(({ instancePath }) => instancePath.startsWith(path)));
  // What is misspelt is missing, too: the first says why.
  const told = [...others.filter(isUnknown), ...others.filter((error) => !isUnknown(error))];
  return [
    ...told.map((error) => fieldError(error, prefix)),
    ...unsaid.map((path) => ({
      path: `${prefix}${path}`,
      message: choiceOf(misfits.filter(({ instancePath }) => instancePath === path)),
    })),
  ];
}

const CHOICES = ['oneOf', 'anyOf'];
const isChoice = ({ keyword }: FastifySchemaValidationError): boolean => CHOICES.includes(keyword);

/** They say only that a value is not of this one form. */
const SHAPE = ['required', 'additionalProperties', 'type', 'format'];

const isUnknown = ({ keyword }: FastifySchemaValidationError): boolean => keyword === 'additionalProperties';

function choiceOf(misfits: readonly Explained[]): string {
  const known = misfits.flatMap(fieldsBeside);
  const extras = misfits.map(({ params }) => params['additionalProperty']).filter((name) => typeof name === 'string');
  const extra = extras.find((name) => !known.includes(name));
  const meant = extra === undefined ? undefined : nearestField(extra, known);
  if (meant !== undefined) return `has no ${extra?.slice(0, 100)}: did you mean ${meant}?`;
  const names = new Set(misfits.map(({ params }) => params['missingProperty']).filter((name) => name !== undefined));
  const formats = misfits.flatMap(({ params }) => (typeof params['format'] === 'string' ? [params['format']] : []));
  if (formats.length > 0)
    return `must be a ${formats.join(' or a ')}${formats.includes('date') ? '; for example 2030-01-31' : ''}`;
  if (names.size > 0) return `must have exactly one of ${[...names].join(', ')}`;
  const types = new Set(misfits.filter(({ keyword }) => keyword === 'type').map(({ params }) => typeInWords(params)));
  return types.size > 0 ? `must be ${[...types].join(' or ')}` : 'is not valid';
}

function fieldError(error: Explained, prefix: string): FieldError {
  const { instancePath, params, data } = error;
  const extra = params['additionalProperty'] ?? params['propertyName'];
  if (typeof extra === 'string') {
    const known = fieldsBeside(error);
    const path = `${prefix}${instancePath}/${extra.slice(0, 100)}`;
    if (takesNames(error)) return { path, message: 'is not of the form that a name takes here' };
    return { path, message: `is not known here${insteadOf(extra, known)}` };
  }
  const path = `${prefix}${instancePath}`;
  const allowed = [params['allowedValues'] ?? params['allowedValue'] ?? []].flat().map(String);
  if (allowed.length > 0) {
    const meant = typeof data === 'string' ? nearest(data, allowed) : undefined;
    return {
      path,
      message: `is not known here: ${meant === undefined ? `it takes ${allowed.join(', ')}` : `did you mean ${meant}?`}`,
    };
  }
  return { path, message: faultInWords(error) };
}

/** Few are told all, where none is like it. */
const FEW = 20;

function insteadOf(said: string, known: readonly string[]): string {
  const meant = nearestField(said, known);
  if (meant !== undefined) return `: did you mean ${meant}?`;
  return known.length > 0 && known.length <= FEW ? `: it takes ${known.join(', ')}` : '';
}

/** Whether its names are of a form, and not those of a list. */
const takesNames = ({ parentSchema }: Explained): boolean =>
  typeof parentSchema === 'object' && parentSchema !== null && 'patternProperties' in parentSchema;

/** What the schema knows there. */
const fieldsBeside = ({ parentSchema }: Explained): string[] =>
  Object.keys((parentSchema as { properties?: object } | undefined)?.properties ?? {});

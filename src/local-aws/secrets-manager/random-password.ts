import { randomInt } from 'node:crypto';
import Type from 'typebox';
import type { Call } from '../call.ts';
import { authorize } from '../enforcement/authorize.ts';
import { invalidParameter } from '../protocol/errors.ts';
import { type AwsOperation, operation, optional, text } from '../protocol/input.ts';

const Flag = optional(Type.Boolean());
const DIGITS = '0123456789';
const UPPERCASE = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
/** As the API Reference lists them. */
const PUNCTUATION = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~';

/** Source: Secrets Manager API Reference, GetRandomPassword. */
export const randomPasswordOperations: Record<string, AwsOperation<Call>> = {
  GetRandomPassword: operation(
    Type.Object({
      PasswordLength: optional(Type.Integer({ minimum: 1, maximum: 4096 })),
      ExcludeCharacters: optional(text(0, 4096)),
      ExcludeNumbers: Flag,
      ExcludePunctuation: Flag,
      ExcludeUppercase: Flag,
      ExcludeLowercase: Flag,
      IncludeSpace: Flag,
      RequireEachIncludedType: Flag,
    }),
    (call: Call, input) => {
      authorize(call, call.action, { arn: '*', account: call.caller.account, policy: null });
      const included = [
        ...(input.ExcludeNumbers ? [] : [DIGITS]),
        ...(input.ExcludePunctuation ? [] : [PUNCTUATION]),
        ...(input.ExcludeUppercase ? [] : [UPPERCASE]),
        ...(input.ExcludeLowercase ? [] : [UPPERCASE.toLowerCase()]),
      ];
      const excluded = new Set(input.ExcludeCharacters ?? '');
      const types = included.map((type) => [...type].filter((one) => !excluded.has(one)).join(''));
      const { PasswordLength: length = 32, RequireEachIncludedType: each = true } = input;
      const space = input.IncludeSpace && !excluded.has(' ') ? ' ' : '';
      return { RandomPassword: randomPassword(types, length, each, space) };
    },
  ),
};

/**
 * @param besides characters that may be there, but are no type that has to
 * @throws AwsError InvalidParameterException when there is nothing to choose from, or no room for each type
 */
export function randomPassword(types: readonly string[], length: number, each: boolean, besides = ''): string {
  const all = types.join('') + besides;
  if (all === '') throw invalidParameter('You must leave at least one type of characters included.');
  if (each && types.includes('')) {
    throw invalidParameter('You excluded every character of a type that RequireEachIncludedType wants.');
  }
  if (each && length < types.length) {
    throw invalidParameter('Password length is too short based on the required types.');
  }
  const characters = Array.from({ length }, (_, index) => oneOf((each ? types[index] : undefined) ?? all));
  return shuffled(characters).join('');
}

const oneOf = (characters: string): string => characters.charAt(randomInt(characters.length));

function shuffled(items: readonly string[]): string[] {
  const result = [...items];
  for (let last = result.length - 1; last > 0; last -= 1) {
    const other = randomInt(last + 1);
    [result[last], result[other]] = [result[other] ?? '', result[last] ?? ''];
  }
  return result;
}

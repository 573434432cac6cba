import Type, { type TSchema } from 'typebox';

/** Fields that several components have. */

export const nullable = <T extends TSchema>(schema: T, description: string) =>
  Type.Union([schema, Type.Null()], { description });

export const moment = (description: string) => Type.String({ format: 'date-time', description });
export const momentOrNull = (description: string) => nullable(Type.String({ format: 'date-time' }), description);

/** For queries: people write days. */
export const momentOrDay = (description: string) =>
  Type.Unsafe<string>({
    anyOf: [
      { type: 'string', format: 'date-time' },
      { type: 'string', format: 'date' },
    ],
    description,
  });

export const count = (description: string) => Type.Integer({ description });

export const textOrNull = (description: string) => nullable(Type.String(), description);

export const anyObject = (description: string) =>
  Type.Unsafe<Record<string, unknown>>({ type: 'object', additionalProperties: true, description });

export const NamedSecret = Type.Object(
  { arn: Type.String({ description: 'Its full ARN.' }), name: Type.String({ description: 'Its name.' }) },
  { description: 'The secret that it is about.' },
);

export const EntryKind = Type.Enum(['share', 'denial', 'restriction'], { description: 'What it does.' });

export const Caller = Type.Object(
  {
    subject: Type.String({ description: 'Of the token, or of the API key.' }),
    issuer: textOrNull('Who issued the token; null for an API key.'),
    method: Type.Enum(['jwt', 'apiKey', 'none', 'system'], {
      description: 'How it was known. `system` is the service itself, or, for drift, whoever acted outside of it.',
    }),
  },
  { description: 'Who asked.' },
);

/** What was asked for together with its reason: as the caller gave it. */
export const why = {
  reason: textOrNull('Why, as whoever asked said it.'),
  ticket: textOrNull('The ticket, as whoever asked said it.'),
};

/** Of an entry as it is listed and read: the change that made it. A change says the same of itself. */
export const origin = {
  by: Type.Optional(
    nullable(
      Caller,
      'Who made it; null where the audit log does not know, and for who may read neither that nor made it. This and what follows is left out in changes.',
    ),
  ),
  at: Type.Optional(momentOrNull('When; null as above.')),
  reason: Type.Optional(textOrNull('Why, as whoever made it said; null where nothing was said, too.')),
  ticket: Type.Optional(textOrNull('The ticket, likewise.')),
  changeId: Type.Optional(textOrNull('The change that made it: the audit log has all about it under this id.')),
};

/** A problem that is told of inside another answer. */
export const ToldProblem = Type.Object({
  code: Type.String({ description: 'As in a problem document: /problems/{code} says more.' }),
  detail: Type.String({ description: 'What happened, in plain words.' }),
});

/** A warning, likewise. */
export const ToldWarning = Type.Object({
  code: Type.String({ description: 'What kind of warning.' }),
  message: Type.String({ description: 'The warning, in plain words.' }),
});

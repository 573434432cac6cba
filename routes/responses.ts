import type { Readable } from 'node:stream';
import Type, { type TSchema } from 'typebox';
import { PendingChange } from './approvals/schemas.ts';
import { Change, ref } from './schemas.ts';

/**
 * What routes answer when all is well. The schemas keep their types, so that the type checker compares what a handler
 * returns with them. What a route refuses with stands in `config.refuses` (refusals.ts), and only the document shows it.
 */

type Headers = Readonly<Record<string, { type: 'string'; description: string }>>;

export const json = <Schema extends TSchema>(description: string, schema: Schema, headers: Headers = {}) => ({
  description,
  content: { 'application/json': { schema } },
  headers,
});

/** An answer that is no JSON, whole or as a stream. @param endless one that goes on until nobody reads it any more */
export const text = <const MediaType extends string>(mediaType: MediaType, description: string, endless = false) => ({
  description,
  content: content(mediaType, Type.Unsafe<string | Readable>({ type: 'string', description }), endless),
});

const content = <const MediaType extends string, Schema extends TSchema>(
  mediaType: MediaType,
  schema: Schema,
  endless: boolean,
) => ({ [mediaType]: { schema, ...(endless && { 'x-endless': true }) } }) as Record<MediaType, { schema: Schema }>;

export const answers = <Schema extends TSchema>(schema: Schema, headers: Headers = {}) => ({
  200: json('OK', schema, headers),
});

export const ETAG: Headers = { ETag: { type: 'string', description: 'Of the policy: for If-Match.' } };
const location = (description: string): Headers => ({ Location: { type: 'string', description } });

const waits = json(
  'A guardrail wants a second person: it waits in /v1/approvals',
  ref(PendingChange),
  location('The approval.'),
);

/** The answers of a mutation (reply.answerChange, plugins/change-reply.ts). */
export const changes = () => ({ 200: json('Done', ref(Change), ETAG), 202: waits });

/** Those of a mutation that makes a share, denial or restriction. */
export const creates = () => ({
  200: json('It was so already, or a dry run', ref(Change), ETAG),
  201: json('Made', ref(Change), { ...ETAG, ...location('The new resource.') }),
  202: waits,
});

/** The answer of a call that begins what goes on in the background. */
export const begins = <Schema extends TSchema>(schema: Schema) => ({
  202: json('Begun', schema, location('Where it says how far it is.')),
});

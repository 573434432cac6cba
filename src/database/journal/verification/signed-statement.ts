import { type KeyObject, sign, verify } from 'node:crypto';
import { sha256 } from '../../../hash.ts';
import { canonicalJson } from '../../../json/canonical-json.ts';
import type { CheckpointRow } from '../../schema.ts';

/** Of a link of the chain: that it was there (`audit-checkpoint`), or that all up to it was archived (`audit-archive`). */
type Kind = 'audit-checkpoint' | 'audit-archive';
type Statement = Pick<CheckpointRow, 'sequence' | 'hash' | 'time'>;

/** @param privateKey Ed25519 @returns base64url */
export const signStatement = (kind: Kind, statement: Statement, privateKey: KeyObject): string =>
  sign(null, textOf(kind, statement), privateKey).toString('base64url');

/** By any of these keys: they change over the years. */
export const isSigned = (kind: Kind, statement: CheckpointRow, publicKeys: readonly KeyObject[]): boolean =>
  publicKeys.some((key) => verify(null, textOf(kind, statement), key, Buffer.from(statement.signature, 'base64url')));

/** Tells keys apart after a change of key: the start of the SHA-256 of the public key. */
export const keyIdOf = (publicKey: KeyObject): string =>
  sha256(publicKey.export({ type: 'spki', format: 'der' })).slice(0, 16);

const textOf = (kind: Kind, { sequence, hash, time }: Statement): Buffer =>
  Buffer.from(`${kind} ${canonicalJson({ sequence, hash, time })}`);

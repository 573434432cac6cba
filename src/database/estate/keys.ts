import type { KeyGrant } from '../../access/judge/key/keys.ts';
import type { EstateKeys, KeyFacts, KeyName } from '../../estate/survey/seen-keys.ts';
import { parseArn } from '../../policy/arn.ts';
import type { Database } from '../database.ts';
import { atTheEdge } from '../errors.ts';
import { prepared } from '../prepared.ts';

/** Keys as surveys saw them. */
export const createEstateKeys = ({ kysely }: Database): EstateKeys => ({
  putKey: (name, { facts, asOf }) =>
    atTheEdge(async () => {
      const row = { facts: JSON.stringify(facts), looked_at: asOf.getTime(), arn: facts.key?.arn ?? null };
      const insert = kysely.insertInto('estate_keys').values({ id: idOf(name), ...row });
      await insert
        .onConflict((conflict) =>
          conflict.column('id').doUpdateSet(row).where('estate_keys.looked_at', '<=', row.looked_at),
        )
        .execute();
    }),

  forgetKey: (name) =>
    atTheEdge(async () => {
      await kysely.deleteFrom('estate_keys').where('id', '=', idOf(name)).execute();
    }),

  findKey: (name) =>
    atTheEdge(async () => {
      const [row] = await selectKey(kysely, { id: idOf(name) });
      return row === undefined ? null : { facts: toFacts(row.facts), asOf: new Date(Number(row.looked_at)) };
    }),

  namesOf: (arn) =>
    atTheEdge(async () => {
      const ids = namesOfAlias(arn).map(idOf);
      const rows = await kysely
        .selectFrom('estate_keys')
        .select('id')
        .where(({ eb, or }) => or([eb('arn', '=', arn), ...ids.map((id) => eb('id', '=', id))]))
        .execute();
      return rows.map(({ id }) => nameIn(id));
    }),
});

/** Every secret of a look-up asks for its own. */
const selectKey = prepared<{ id: string }>()((kysely, value) =>
  kysely.selectFrom('estate_keys').selectAll().where('id', '=', value('id')),
);

/** A secret names it so or so; none for the ARN of a key. */
function namesOfAlias(arn: string): KeyName[] {
  const { account = '', region = '', resource = '' } = parseArn(arn) ?? {};
  return resource.startsWith('alias/') ? [resource, arn].map((keyId) => ({ account, region, keyId })) : [];
}

/** Of a row of `estate_keys`. */
export const idOf = ({ keyId, region, account }: KeyName): string => `${account}/${region}/${keyId}`;

/** The id of a key may have a "/" itself: of an alias, or an ARN. */
function nameIn(id: string): KeyName {
  const [account = '', region = '', ...keyId] = id.split('/');
  return { account, region, keyId: keyId.join('/') };
}

function toFacts(text: string): KeyFacts {
  const { grants, ...facts }: KeyFacts = JSON.parse(text);
  return { ...facts, ...(grants && { grants: grants.map(withTime) }) };
}

const withTime = (grant: KeyGrant): KeyGrant => ({
  ...grant,
  createdAt: grant.createdAt === null ? null : new Date(grant.createdAt),
});

import type { Static } from 'typebox';
import Type from 'typebox';
import type { FieldError } from '../../../../problems/row.ts';
import { ALL_ACTIONS, GET_SECRET_VALUE, READ_ACTIONS } from '../../../actions.ts';
import { asArray, type ConditionBlock } from '../../../document.ts';
import {
  actionsWithDefault,
  ExpiresAt,
  MatchTags,
  PrincipalTags,
  VersionStages,
  VpcEndpointIds,
} from './parameters.ts';
import type { Group, StatementBody } from './template.ts';

/** What every share takes: actions, and optional conditions, which stand in a statement's Condition element. */
export const shareParameters = {
  actions: actionsWithDefault(READ_ACTIONS),
  versionStages: Type.Optional(VersionStages),
  sourceVpcEndpoints: Type.Optional(VpcEndpointIds),
  principalTags: Type.Optional(PrincipalTags),
  matchTags: Type.Optional(MatchTags),
  expiresAt: Type.Optional(ExpiresAt),
};
const ShareParameters = Type.Object(shareParameters);
type ShareConditions = Omit<Static<typeof ShareParameters>, 'actions'>;

/** Said before a condition's value. */
const IN_WORDS: Readonly<Record<string, string>> = {
  versionStages: 'only the version stages',
  sourceVpcEndpoints: 'only through',
  principalTags: 'only with the tags',
  matchTags: 'only with the secret’s own value of the tags',
};

/** Conditions said to people. One that is not known here is said by its name. */
export const conditionsInWords = (conditions: Group): string[] =>
  Object.entries(conditions).map(([name, value]) => `${IN_WORDS[name] ?? name} ${valueInWords(value)}`);

/** A parameter's value said to people. */
export function valueInWords(value: unknown): string {
  if (Array.isArray(value)) return value.map(valueInWords).join(', ');
  if (typeof value !== 'object' || value === null) return String(value);
  return Object.entries(value)
    .map(([key, one]) => `${key}=${one}`)
    .join(', ');
}

const VERSION_STAGE = 'secretsmanager:VersionStage';
export const PRINCIPAL_TAG = 'aws:PrincipalTag/';
/** What a tag of the secret is when it is called for. */
export const ownTag = (key: string): string => `\${aws:ResourceTag/${key}}`;

/** A share's Allow: its actions for these principals, under these conditions. */
type Allow = {
  actions: readonly string[];
  principal: NonNullable<StatementBody['Principal']>;
  conditions: ShareConditions;
  /** What the principal alone can't say, for example the organization: what must be equal, and other conditions. */
  also?: Record<string, string | string[]>;
  further?: ConditionBlock;
};

/**
 * One statement; two where version stages are set, since `secretsmanager:VersionStage` exists in the context of
 * GetSecretValue only and would otherwise never let DescribeSecret through
 * (Secrets Manager User Guide, "Condition keys for AWS Secrets Manager").
 */
export function renderAllow({ actions, principal, conditions, also = {}, further = {} }: Allow): StatementBody[] {
  const { versionStages, sourceVpcEndpoints, principalTags = {}, matchTags = [], expiresAt } = conditions;
  const equals = {
    ...also,
    ...(sourceVpcEndpoints === undefined ? {} : { 'aws:SourceVpce': one(sourceVpcEndpoints) }),
    ...Object.fromEntries(Object.entries(principalTags).map(([key, value]) => [PRINCIPAL_TAG + key, value])),
    ...Object.fromEntries(matchTags.map((key) => [PRINCIPAL_TAG + key, ownTag(key)])),
  };
  const allow = (some: readonly string[], stages: Record<string, string | string[]>): StatementBody => ({
    Effect: 'Allow',
    Action: one(some),
    Principal: principal,
    Resource: '*',
    ...condition({ ...equals, ...stages }, further, expiresAt),
  });
  if (versionStages === undefined) return [allow(actions, {})];
  const others = actions.filter((action) => action !== GET_SECRET_VALUE);
  return [
    allow([GET_SECRET_VALUE], { [VERSION_STAGE]: one(versionStages) }),
    ...(others.length === 0 ? [] : [allow(others, {})]),
  ];
}

function condition(equals: ConditionBlock[string], further: ConditionBlock, expiresAt: string | undefined) {
  const block = {
    ...(Object.keys(equals).length === 0 ? {} : { StringEquals: equals }),
    ...further,
    ...(expiresAt === undefined ? {} : { DateLessThan: { 'aws:CurrentTime': expiresAt } }),
  };
  return Object.keys(block).length === 0 ? {} : { Condition: block };
}

/**
 * Stages narrow GetSecretValue and nothing else: `secretsmanager:*` beside them would let every stage through. A tag is compared with one
 * value; AWS compares the keys of tags without regard to case.
 */
export function conditionsConflict({
  actions,
  versionStages,
  principalTags,
  matchTags,
}: Group): FieldError | undefined {
  const keys = [...Object.keys(principalTags ?? {}), ...texts(matchTags)].map((key) => key.toLowerCase());
  if (new Set(keys).size < keys.length && matchTags !== undefined) {
    return { path: '/matchTags', message: 'must name each tag once, and none that principalTags has' };
  }
  const named = texts(actions);
  if (versionStages === undefined) return undefined;
  if (named.includes(GET_SECRET_VALUE) && !named.includes(ALL_ACTIONS)) return undefined;
  return {
    path: '/actions',
    message: `must contain ${GET_SECRET_VALUE}, and not ${ALL_ACTIONS}, where versionStages narrows what may be read`,
  };
}

/** Reads what renderAllow wrote. Conditions it does not know are left out: parse then finds that it does not match. */
export function readAllow(statements: readonly StatementBody[]): { actions: string[]; conditions: ShareConditions } {
  const blocks = statements.map((statement) => statement.Condition ?? {});
  const equals: ConditionBlock[string] = Object.assign({}, ...blocks.map((block) => block['StringEquals'] ?? {}));
  const expiresAt = asArray(blocks[0]?.['DateLessThan']?.['aws:CurrentTime'])[0];
  const stages = texts(equals[VERSION_STAGE]);
  const endpoints = texts(equals['aws:SourceVpce']);
  const tags = Object.entries(equals)
    .filter(([key]) => key.startsWith(PRINCIPAL_TAG))
    .map(([key, value]) => [key.slice(PRINCIPAL_TAG.length), String(asArray(value)[0])] as const);
  const matched = tags.filter(([key, value]) => value === ownTag(key)).map(([key]) => key);
  const given = tags.filter(([key]) => !matched.includes(key));
  return {
    actions: statements.flatMap((statement) => asArray(statement.Action)),
    conditions: {
      ...(stages.length === 0 ? {} : { versionStages: stages }),
      ...(endpoints.length === 0 ? {} : { sourceVpcEndpoints: endpoints }),
      ...(given.length === 0 ? {} : { principalTags: Object.fromEntries(given) }),
      ...(matched.length === 0 ? {} : { matchTags: matched.toSorted() }),
      ...(expiresAt === undefined ? {} : { expiresAt: String(expiresAt) }),
    },
  };
}

/** One value or a list of them as texts, however AWS spelled them. */
export const texts = (values: unknown): string[] => asArray(values).map(String);

/** AWS's own spelling of a list with one element. */
export const one = (values: readonly string[]): string | string[] =>
  values.length === 1 && values[0] !== undefined ? values[0] : [...values];

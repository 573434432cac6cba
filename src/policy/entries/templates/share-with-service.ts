import Type from 'typebox';
import { parseArn } from '../../arn.ts';
import { asArray } from '../../document.ts';
import { AccountId, ServiceName, SourceArn } from './kinds/parameters.ts';
import { shareTemplate } from './kinds/share.ts';
import { conditionsConflict, one, readAllow, renderAllow, shareParameters, texts } from './kinds/share-conditions.ts';
import type { Group } from './kinds/template.ts';

const { actions, versionStages, expiresAt } = shareParameters;
/** Services have no tags, and come through no VPC endpoint of ours. */
const conditions = { actions, versionStages, expiresAt };
const source = {
  sourceAccount: Type.Unsafe<string>({ ...AccountId, description: 'The account for which the service acts.' }),
  sourceArn: Type.Optional(SourceArn),
};

const Service = Type.Object(
  { name: ServiceName, ...source },
  {
    additionalProperties: false,
    description:
      'An AWS service that calls in its own name, and for whom it must act: without that anybody could have it read for them ' +
      '(the confused deputy).',
    examples: [{ name: 'appflow.amazonaws.com', sourceAccount: '222222222222' }],
  },
);

/** Source: IAM User Guide, "The confused deputy problem"; aws:SourceAccount and aws:SourceArn. */
export const shareWithService = shareTemplate({
  name: 'share-with-service',
  title: 'Share with an AWS service',
  description:
    'Lets an AWS service that calls in its own name use the secret, for one account, and for one resource of it where that is ' +
    'said. Most services call with a role instead: share with that.',
  parameters: Type.Object({ service: ServiceName, ...source, ...conditions }, { additionalProperties: false }),
  target: 'service',
  packs: 'service',
  example: {
    service: 'appflow.amazonaws.com',
    sourceAccount: '222222222222',
    actions: ['secretsmanager:GetSecretValue'],
  },
  request: { service: Service, ...conditions },
  accepts: ({ service, ...request }) => ({ ...parametersOf(service), ...request }),
  conflict: (parameters: Group) => sourceConflict(parameters) ?? conditionsConflict(parameters),
  render: ({ actions, sourceAccount, sourceArn, ...conditions }, members) =>
    renderAllow({
      actions,
      principal: { Service: one(members) },
      conditions,
      also: { 'aws:SourceAccount': sourceAccount },
      ...(sourceArn !== undefined && { further: { ArnLike: { 'aws:SourceArn': sourceArn } } }),
    }),
  read(statements) {
    const { Principal, Condition = {} } = statements[0] ?? {};
    const [sourceAccount] = texts(Condition['StringEquals']?.['aws:SourceAccount']);
    const [sourceArn] = texts(Condition['ArnLike']?.['aws:SourceArn']);
    if (Principal === undefined || Principal === '*' || sourceAccount === undefined) return undefined;
    const read = readAllow(statements);
    return {
      group: { actions: read.actions, sourceAccount, ...(sourceArn && { sourceArn }), ...read.conditions },
      members: asArray(Principal.Service),
    };
  },
  shows: { service: Service },
  show({ service, sourceAccount, sourceArn, actions: _, expiresAt: __, ...others }: Group) {
    return {
      service: { name: service, sourceAccount, ...(sourceArn !== undefined && { sourceArn }) },
      conditions: others,
    };
  },
  parametersOf: ({ service, conditions: others }) => ({ ...parametersOf(service), ...others }),
  subject: ({ service, sourceAccount }) => ({ service, account: sourceAccount }),
  reader: ({ service }) => service,
  who: ({ service, sourceAccount, sourceArn }) =>
    `the service ${service} for ${sourceArn === undefined ? `the account ${sourceAccount}` : sourceArn}`,
});

function parametersOf(service: unknown): Group {
  const { name, ...rest }: Group = { ...(typeof service === 'object' ? service : {}) };
  return { service: name, ...rest };
}

/** Buckets show no account in their ARNs: then sourceAccount alone says whose it is. */
function sourceConflict({ sourceAccount, sourceArn }: Group) {
  const account = parseArn(String(sourceArn ?? ''))?.account ?? '';
  if (account === '' || account === sourceAccount) return undefined;
  return { path: '/sourceArn', message: 'must be of the account that sourceAccount names' };
}

import Type, { type TSchema } from 'typebox';
import { GET_SECRET_VALUE } from '../../src/policy/actions.ts';
import { templates } from '../../src/policy/entries/templates/index.ts';
import { actionsWithDefault, ExceptPrincipals } from '../../src/policy/entries/templates/parameters.ts';
import { reason, ticket } from '../schemas.ts';

/** One boundary for each template of the kind: a template that is added shows here by itself. */
const boundaries = templates
  .filter(({ kind }) => kind === 'restriction')
  .map(({ title, description, parameters }) => {
    const { actions: _, exceptPrincipals: __, ...boundary } = parameters.properties as Record<string, TSchema>;
    return Type.Object(boundary, { title, description, additionalProperties: false });
  });

const Boundary = Type.Unsafe<Record<string, string | string[]>>({
  type: 'object',
  minProperties: 1,
  maxProperties: 1,
  oneOf: boundaries,
  description: 'Whoever is inside is not touched; everyone else is denied.',
});

export const RestrictionRequest = Type.Object(
  {
    boundary: Boundary,
    exceptPrincipals: Type.Optional(ExceptPrincipals),
    actions: Type.Optional(actionsWithDefault([GET_SECRET_VALUE])),
    reason,
    ticket,
  },
  {
    $id: 'RestrictionRequest',
    additionalProperties: false,
    description: 'The boundary, who is excepted, and what is denied outside.',
    examples: [
      { boundary: { organization: 'o-local00001' }, reason: 'Only our own accounts' },
      {
        boundary: { vpcEndpoints: ['vpce-0123456789abcdef0'] },
        exceptPrincipals: ['arn:aws:iam::111111111111:user/owner'],
        reason: 'Only from within our network',
      },
    ],
  },
);

import type { Static, TObject } from 'typebox';
import Type from 'typebox';
import { GET_SECRET_VALUE } from '../../../actions.ts';
import { AccountId, actionsWithDefault, PrincipalName } from './parameters.ts';
import type { Group, Template } from './template.ts';

const MATCHES = ['principal', 'arn'];

/** Filled in for every DenialRequest: what only a condition can find takes it too, and there it says nothing. */
export const match = Type.Optional(
  Type.Enum(MATCHES, {
    default: 'principal',
    description:
      '`principal`: the form of the AWS guide; lapses when the principal is deleted and made again. `arn`: by condition; does not.',
  }),
);

/** The members of a DenialRequest that these templates share: `match` tells which of them is meant. */
const request = {
  principal: PrincipalName,
  account: AccountId,
  actions: actionsWithDefault([GET_SECRET_VALUE]),
  match,
};

/** Whom such a request is about; undefined when it is about none that these templates know. */
export function targetOf({ principal, account }: Group): string | undefined {
  const target = principal ?? account;
  return target === undefined ? undefined : String(target);
}

/** What a denial says of itself; the rest is the same for all. A template of another shape says that differently too. */
type Denial<P extends TObject, Packed extends keyof Static<P> & string> = Pick<
  Template<P, Packed>,
  'name' | 'title' | 'description' | 'parameters' | 'example' | 'render' | 'read' | 'accepts'
> &
  Partial<Template<P, Packed>> & {
    packs: Packed;
    match: 'principal' | 'arn';
  };

/** Denials of a principal or an account. */
export function denialTemplate<P extends TObject, Packed extends keyof Static<P> & string>({
  match,
  ...denial
}: Denial<P, Packed>): Template<P, Packed> {
  const { packs } = denial;
  const whom = (parameters: Group) => String(parameters[packs]);
  return {
    kind: 'denial',
    principals: [],
    request,
    chosenBy: ['/principal', '/account'],
    shows: {
      ...Object.fromEntries(Object.entries(request).filter(([name]) => name === packs)),
      match: Type.Enum(MATCHES, { description: 'How the statement finds whom it denies.' }),
    },
    show(parameters: Group) {
      const { [packs]: target, actions: _, expiresAt: __, ...conditions } = parameters;
      return { [packs]: target, match, conditions };
    },
    parametersOf: ({ [packs]: target, conditions }) => ({ [packs]: target, ...conditions }),
    subject: (parameters: Group) => ({ principal: whom(parameters) }),
    words: (parameters: Group) => ({ who: whom(parameters), conditions: [] }),
    ...denial,
  };
}

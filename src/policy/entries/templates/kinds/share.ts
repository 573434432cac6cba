import type { Static, TObject } from 'typebox';
import { conditionsConflict, conditionsInWords } from './share-conditions.ts';
import type { Group, Template } from './template.ts';

/** What a share says of itself; the rest is the same for all. One of another shape says that differently too. */
type Share<P extends TObject, Packed extends string> = Pick<
  Template<P, Packed>,
  'name' | 'title' | 'description' | 'parameters' | 'packs' | 'example' | 'render' | 'read' | 'subject'
> &
  Partial<Template<P, Packed>> & {
    /** The parameter that says whom it is for; in a ShareRequest and in the entry, it bears the same name. */
    target: keyof Static<P> & string;
    /** Whom it is for, in words; without, as the request said it. */
    who?(parameters: Group): string;
  };

/** Shares: each is chosen by its own member of a ShareRequest, and takes the optional conditions (share-conditions.ts). */
export function shareTemplate<P extends TObject, Packed extends keyof Static<P> & string = never>({
  target,
  who = (parameters) => String(parameters[target]),
  ...share
}: Share<P, Packed>): Template<P, Packed> {
  return {
    kind: 'share',
    principals: [],
    request: share.parameters.properties,
    chosenBy: [`/${target}`],
    accepts: (request) => request,
    conflict: conditionsConflict,
    shows: Object.fromEntries(Object.entries(share.parameters.properties).filter(([name]) => name === target)),
    show(parameters: Group) {
      const { [target]: whom, actions: _, expiresAt: __, ...conditions } = parameters;
      return { [target]: whom, conditions };
    },
    parametersOf: ({ [target]: whom, conditions }) => ({ [target]: whom, ...conditions }),
    words(parameters: Group) {
      const { [target]: _, actions: __, expiresAt: ___, ...conditions } = parameters;
      return { who: who(parameters), conditions: conditionsInWords(conditions) };
    },
    warnings: ({ versionStages }: Group) =>
      versionStages === undefined
        ? []
        : [
            {
              code: 'version-stage-required',
              message: 'The reader must name the stage in its call (--version-stage), also for AWSCURRENT.',
            },
          ],
    ...share,
  };
}

import Type from 'typebox';
import { type ItemStatus, itemStatuses } from '../../src/access/bulk/operation.ts';
import {
  anyObject,
  count,
  moment,
  momentOrNull,
  nullable,
  ToldProblem,
  ToldWarning,
  textOrNull,
  why,
} from '../fields.ts';
import { page, ref } from '../schemas.ts';

export const Operation = Type.Object(
  {
    id: Type.String({ description: 'Names it in the paths under /v1/operations. UUIDv7: ids sort by time.' }),
    action: Type.Enum(['share', 'deny', 'revoke', 'applyManifest', 'freeze', 'evict', 'lift', 'survey'], {
      description: 'What is done to each secret; `survey`: in each account and Region.',
    }),
    status: Type.Enum(['running', 'cancelling', 'cancelled', 'done'], {
      description:
        '`cancelling`: what runs is finished, the rest is not begun. `done` says nothing of how items ended.',
    }),
    dryRun: Type.Boolean({ description: 'Then `applied` means: it would be.' }),
    requestedBy: Type.String({ description: 'The subject of who asked for it.' }),
    ...why,
    createdAt: moment('When it was asked for.'),
    finishedAt: momentOrNull('When the last item ended; null while some have not.'),
    counts: Type.Object(
      {
        total: count('All items.'),
        pending: count('Not begun.'),
        running: count('Begun.'),
        applied: count('Done: the policy was changed.'),
        unchanged: count('It was so already.'),
        awaitingApproval: count('A second person must approve them: /v1/approvals.'),
        failed: count('Refused, or failed: the item’s `result` says why.'),
        cancelled: count('Not begun, and never will be.'),
      } satisfies Record<'total' | ItemStatus, Type.TInteger>,
      { description: 'How many items are how far.' },
    ),
  },
  { $id: 'Operation', description: 'A bulk operation or a survey, and how far it is.' },
);

export const OperationItem = Type.Object(
  {
    position: Type.Integer({ description: 'Its place in the request, from 0.' }),
    secretId: Type.String({
      description: 'As the request named it; of a survey `arn:…:secret:*` for all secrets of an account and Region.',
    }),
    request: anyObject('What was asked for, without `secretId`.'),
    status: Type.Enum([...itemStatuses], { description: 'How far it is: as the `counts` of the operation.' }),
    changeId: textOrNull('Finds what the audit log has of it.'),
    result: nullable(
      Type.Object({
        entryId: Type.Optional(
          Type.String({ description: 'The share, denial or restriction that it made, or took back.' }),
        ),
        who: Type.Optional(Type.String({ description: 'Whom that is about, in words.' })),
        approvalId: Type.Optional(Type.String({ description: 'What it waits for: /v1/approvals/{approvalId}.' })),
        problem: Type.Optional({ ...ToldProblem, description: 'Why it was refused, or failed.' }),
        warnings: Type.Optional(Type.Array(ToldWarning, { description: 'What to know of it, as of a change.' })),
      }),
      'What became of it; null before it ends.',
    ),
  },
  { $id: 'OperationItem', description: 'One of the changes of a bulk operation.' },
);
export const OperationPage = page(ref(Operation), 'OperationPage');
export const OperationItemPage = page(ref(OperationItem), 'OperationItemPage');

import { problem, usually } from '../row.ts';

/** What is asked for by an id: entries of a policy, and what this service keeps. */

const entryNotFound = (kind: 'share' | 'denial' | 'restriction') =>
  problem({
    status: 404,
    title: `No such ${kind}`,
    what: `The attached policy has no ${kind} with this id.`,
    todo: `List the ${kind}s.`,
    detail: ({ id }: { id: string }) => `The attached policy has no ${kind} with the id ${id}.`,
    example: { id: '9f2b6d0c5a1e4b7f' },
  });

export const recordProblems = {
  'share-not-found': entryNotFound('share'),
  'denial-not-found': entryNotFound('denial'),
  'restriction-not-found': entryNotFound('restriction'),
  'statement-not-found': problem({
    status: 404,
    title: 'No such statement',
    what: 'The attached policy has no statement of others with this hash.',
    todo: 'See `foreignStatements` of GET …/policy.',
    detail: ({ hash }: { hash: string }) => `The attached policy has no statement of others with the hash ${hash}.`,
    example: { hash: '9f2b6d0c5a1e4b7f9f2b6d0c' },
  }),
  'change-not-found': problem({
    status: 404,
    title: 'No such change',
    what: 'The audit log has no change with this id for this secret.',
    todo: 'Find the change in GET /v1/audit-events?secret=….',
    detail: ({ changeId }: { changeId: string }) => `The audit log has no applied change ${changeId} of this secret.`,
    example: { changeId: '0199b2c4-6f0e-7cc1-9b0a-2f6f1d3c5a77' },
  }),
  'template-not-found': problem({
    status: 404,
    title: 'No such template',
    what: 'There is no template of this name.',
    todo: 'See GET /v1/templates.',
    detail: ({ names }: { names: readonly string[] }) => `There is no such template. There are: ${names.join(', ')}.`,
    example: { names: ['share-with-principal', 'deny-principal'] },
  }),
  'event-not-found': problem({
    status: 404,
    title: 'No such event',
    what: 'The audit log has no event with this id.',
    todo: 'See GET /v1/audit-events.',
    detail: () => 'The audit log has no event with this id.',
    example: {},
  }),
  'operation-not-found': problem({
    status: 404,
    title: 'No such operation',
    what: 'There is no bulk operation with this id.',
    todo: 'Start one anew.',
    detail: () => 'There is no bulk operation with this id.',
    example: {},
  }),
  'finding-not-found': problem({
    status: 404,
    title: 'No such finding',
    what: 'Nothing of this id is wrong: it has been mended, or never was.',
    todo: 'List the findings.',
    detail: () => 'There is no finding with this id.',
    example: {},
  }),
  'finding-changed': problem({
    status: 412,
    title: 'The finding is no longer what you saw',
    what: 'Somebody else came to it, or it is about others, since you read it: what you say of it was not meant for those.',
    todo: 'List the findings again, look at it, and acknowledge it with its etag.',
    detail: (_: { etag: string }) => 'It is about others than those whom you saw. Look at it again, and send its etag.',
    members: ({ etag }) => ({ etag }),
    example: { etag: '"2f6c1d0e9b8a7f65"' },
  }),
  'incident-not-found': problem({
    status: 404,
    title: 'No such incident',
    what: 'There is no incident with this id.',
    todo: 'List the incidents.',
    detail: () => 'There is no incident with this id.',
    example: {},
  }),
  'incident-not-confirmed': problem({
    status: 428,
    title: 'Say that you know how much it is',
    what: 'An incident of many secrets is begun with the token of a dry run, which says how many they are and who is hit.',
    todo: 'Send it with dryRun=true, look at the answer, and send it again with its token.',
    detail: ({ secrets, max, stale = false }: { secrets: number; max: number; stale?: boolean }) =>
      stale
        ? `The token is of another dry run: by now these are ${secrets} secrets. Send it with dryRun=true again.`
        : `These are ${secrets} secrets. For more than ${max} send it with dryRun=true first, and then its token.`,
    example: { secrets: 412, max: 20 },
  }),
  'incident-running': problem({
    status: 409,
    title: 'It is still being carried out',
    what: 'Some secrets of the incident are being changed right now. Nothing more of it is begun.',
    todo: 'Lift it again in a few seconds.',
    retry: 'perhaps',
    detail: () => 'What is under way of it has not ended yet; nothing more is begun. Lift it again in a few seconds.',
    example: {},
  }),
  'approval-not-found': problem({
    status: 404,
    title: 'No such approval',
    what: 'There is no pending change with this id.',
    todo: 'List the approvals.',
    detail: () => 'No change with this id waits, or waited, for approval.',
    example: {},
  }),
  'approval-closed': problem({
    status: 409,
    title: 'Already decided',
    what: 'The pending change has been approved, rejected, or has expired.',
    todo: 'Ask for the change again if it is still wanted.',
    detail: ({ status, ...how }: { status: string } & ({ by: string; at: string } | { expiresAt: string })) =>
      'by' in how
        ? `The change is ${status} already: ${how.by} decided at ${how.at}.`
        : `The change is ${status} already: nobody decided before ${how.expiresAt}.`,
    example: { status: 'applied', by: 'ann@example.com', at: '2026-01-31T09:00:00.000Z' },
  }),
  'stored-command-refused': problem({
    status: 409,
    title: 'Not carried out',
    what: 'What was asked for earlier, to be done later, is not done: the database holds something else than what was asked for, its last moment has passed, or it was done before.',
    todo: 'Ask for it again if it is still wanted. An operator finds `refuseStored` in the audit log where somebody changed what the database holds.',
    detail: usually('What was asked for can’t be carried out any more.'),
    example: {},
  }),
};

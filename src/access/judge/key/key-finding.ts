import { TOO_MUCH_WORK } from '../../../policy/evaluate/evaluation.ts';
import type { KeyUse } from '../../../policy/key-use.ts';
import { TOO_MUCH } from '../dependency.ts';
import type { Leg } from '../legs/leg.ts';
import { isPrincipal, type Reader } from '../reader.ts';
import { VERSION_KEY } from './grant-statement.ts';
import type { KeyVerdict } from './judge-key.ts';
import type { KeyView } from './view-key.ts';

/** `pastable`: a statement in the key's policy would help. */
export type KeyFinding = Pick<Leg, 'status' | 'detail'> & { pastable?: boolean; settlesAt?: Date };

/** What a key does for a reader, and what it takes if it does not. */
export function findingOf(view: KeyView, reader: Reader, verdicts: readonly KeyVerdict[]): KeyFinding {
  const isOwn = reader.caller.account === view.place.account;
  switch (view.is) {
    case 'notNeeded':
      return {
        status: 'notNeeded',
        detail: view.place.replica === null ? 'This takes no key.' : 'None of this is done with a replica.',
      };
    case 'default':
      return isOwn ? DEFAULT_KEY.own : view.place.replica === null ? DEFAULT_KEY.other : DEFAULT_KEY.replica;
    case 'disabled':
      return { status: 'missing', detail: `The key ${view.key.arn} is disabled.` };
    case 'elsewhere':
      return {
        status: 'unknown',
        detail: 'The key is in a third account, whose key policy can’t be seen from here.',
        pastable: true,
      };
    case 'unseen':
      return { status: 'unknown', detail: `The key can’t be looked at: ${view.why}`, pastable: true };
    case 'seen':
      return findingOfSeen(view, verdicts, { isOwn, mayBeGranted: isPrincipal(reader) });
  }
}

const DEFAULT_KEY = {
  own: {
    status: 'notNeeded',
    detail:
      'The AWS managed key aws/secretsmanager decrypts for every principal of this account that may read the secret.',
  },
  other: {
    status: 'missing',
    detail:
      'The AWS managed key aws/secretsmanager never decrypts for another account: give the secret a customer managed key.',
  },
  replica: {
    status: 'missing',
    detail:
      'The replica is under the AWS managed key aws/secretsmanager of its Region, which never decrypts for another ' +
      'account: remove it, and replicate the secret to that Region again with a customer managed key (KmsKeyId).',
  },
} as const satisfies Record<string, KeyFinding>;

/** @param reader `mayBeGranted`: KMS makes grants for whom a principal names, and for no others */
function findingOfSeen(
  view: KeyView,
  verdicts: readonly KeyVerdict[],
  { isOwn, mayBeGranted }: { isOwn: boolean; mayBeGranted: boolean },
): KeyFinding {
  const failing = verdicts.filter(({ decision }) => decision !== 'allowed');
  const isLost = ({ use, decision }: KeyVerdict) => decision !== 'unknown' && view.uses.asked.includes(use);
  const denied = failing.find(({ decision }) => decision === 'explicitlyDenied');
  if (failing.length === 0) return allowed(view, verdicts, isOwn);
  const status = failing.some(isLost) ? 'missing' : 'unknown';
  if (denied !== undefined) {
    return {
      status,
      detail: `${sourceOf(denied)} denies the reader ${denied.use}: no grant, and no further statement, helps.`,
    };
  }
  const helps = !failing.some(({ because }) => because.some(({ effect }) => effect === 'Deny'));
  const open = [...new Set(failing.flatMap(dependenciesOf))];
  const lacking = keyUsesInWords(failing.map(({ use }) => use));
  if (status === 'missing') {
    const grant = mayBeGranted ? ', or repeat the share with grantKey: true' : '';
    const todo = `Add this statement to the key’s policy${grant}.`;
    return { status, detail: `The key does not let the reader ${lacking}. ${todo}`, pastable: true };
  }
  const hangs = open.length > 0 ? `depends on ${open.join(', ')}` : 'AWS’s documents do not say for sure';
  if (open.includes(TOO_MUCH_WORK))
    return { status, detail: `Whether the key lets the reader ${lacking} is not known: the policy’s ${TOO_MUCH}.` };
  return {
    status,
    detail: `Whether the key lets the reader ${lacking} ${hangs}.${open.includes(VERSION_KEY) ? ONE_VERSION : ''}${helps ? ' This statement makes it certain.' : ''}`,
    pastable: helps,
  };
}

const ONE_VERSION = ' A grant for one version of the secret ends to hold with the next one.';

function allowed(view: KeyView, verdicts: readonly KeyVerdict[], isOwn: boolean): KeyFinding {
  const done = `The key lets the reader ${keyUsesInWords(verdicts.map(({ use }) => use))}.`;
  if (!isOwn && isNamedInVain(view)) return { status: 'unknown', detail: `${done} ${NAMED_IN_VAIN}` };
  const last = Math.max(...verdicts.map(({ settlesAt }) => settlesAt?.getTime() ?? 0));
  return last === 0
    ? { status: 'done', detail: done }
    : { status: 'done', detail: `${done} ${SETTLING}`, settlesAt: new Date(last) };
}

export const SETTLING =
  'It does so by a grant made just now, which AWS may not know everywhere for some minutes, usually less than five.';

/**
 * Secrets Manager looks up a key that is not given by its ARN in the account of who writes (API Reference, UpdateSecret,
 * KmsKeyId: "To use a KMS key in a different account, use the key ARN or the alias ARN").
 */
export const isNamedInVain = ({ place, uses }: Pick<KeyView, 'place' | 'uses'>): boolean =>
  uses.asked.includes('kms:GenerateDataKey') && place.kmsKeyId !== null && !place.kmsKeyId.startsWith('arn:');

const NAMED_IN_VAIN =
  'But the secret does not name it by its ARN, and AWS looks for it in the account of who writes: whether it is found there is not known.';

const WORDS: Record<KeyUse, string> = {
  'kms:Decrypt': 'decrypt',
  'kms:GenerateDataKey': 'encrypt (kms:GenerateDataKey)',
};
export const keyUsesInWords = (uses: readonly KeyUse[]): string => uses.map((use) => WORDS[use]).join(' and ');

const sourceOf = ({ because }: KeyVerdict): string => {
  const sid = because.find(({ effect }) => effect === 'Deny')?.statement.Sid;
  return sid === undefined ? 'A statement of the key’s policy' : `The statement ${sid} of the key’s policy`;
};

/** What an undecided verdict hangs on. */
const dependenciesOf = ({ decision, because }: KeyVerdict): string[] =>
  decision === 'unknown' ? because.flatMap(({ dependsOn }) => dependsOn) : [];

import type { Authorizer } from '../../guard/authorizer.ts';
import { LOOK } from '../../guard/guard-change.ts';
import type { Identity } from '../../identity.ts';
import type { Reader } from '../reader.ts';
import type { OwnSide } from './own-policies.ts';
import type { OwnSideViewer } from './view-own-side.ts';

/** What of a reader's own side somebody may be told. */
export type GuardedOwnSide = (reader: Reader, toldTo: Identity) => Promise<OwnSide>;

/** The guardrails are asked about the reader's account before IAM is: what stands there is another team's to tell. */
export const guardOwnSide =
  (authorizer: Authorizer, viewer: OwnSideViewer): GuardedOwnSide =>
  async (reader, toldTo) => {
    const { account } = reader.caller;
    if (account === '' || mayReadIdentity(authorizer, toldTo, account)) return viewer(reader);
    return {
      is: 'unseen',
      why: `The guardrails do not let you know what account ${account} says of it (readIdentity).`,
    };
  };

const mayReadIdentity = (authorizer: Authorizer, identity: Identity, account: string): boolean =>
  authorizer.decide({ identity, action: 'readIdentity', secret: null, ofAccount: { account }, context: LOOK }).allowed;

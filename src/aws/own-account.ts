import { GetCallerIdentityCommand, type STSClient } from '@aws-sdk/client-sts';
import type { Call } from './call.ts';

/** The account of our own credentials. */
export type OwnAccount = {
  /** Asked of STS once; a failure is not remembered. */
  ask(): Promise<string>;
  /** Undefined as long as STS has not said. */
  readonly known: string | undefined;
};

/** @param known where it is given, STS is never asked */
export function createOwnAccount({ sts, call }: { sts: STSClient; call: Call }, known?: string): OwnAccount {
  let asked: Promise<string> | undefined;

  async function askSts(): Promise<string> {
    const command = new GetCallerIdentityCommand({});
    const facts = { action: 'sts:GetCallerIdentity', resource: 'the role of this service' };
    const { Account = '' } = await call(facts, command, (limits) => sts.send(command, limits));
    known = Account;
    return Account;
  }

  return {
    get known() {
      return known;
    },
    async ask() {
      if (known !== undefined) return known;
      asked ??= askSts().finally(() => {
        asked = undefined;
      });
      return asked;
    },
  };
}

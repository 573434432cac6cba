import { GetCallerIdentityCommand, type STSClient } from '@aws-sdk/client-sts';
import type { Call } from './calls/call.ts';

/** The account of our own credentials. */
export type OwnAccount = {
  /** Asked of STS once; a failure is not remembered. */
  ask(): Promise<string>;
  /** The ARN of who we are, as STS says it. The same. */
  who(): Promise<string>;
  /** Undefined as long as STS has not said. */
  readonly known: string | undefined;
};

type Identified = { account: string; arn: string };

/** @param known where it is given, STS is never asked */
export function createOwnAccount({ sts, call }: { sts: STSClient; call: Call }, known?: string): OwnAccount {
  let asked: Promise<Identified> | undefined;
  let identified: Identified | undefined;

  async function askSts(): Promise<Identified> {
    const command = new GetCallerIdentityCommand({});
    const facts = { action: 'sts:GetCallerIdentity', resource: 'the role of this service' };
    const { Account = '', Arn = '' } = await call(facts, command, () => sts.send(command));
    identified = { account: Account, arn: Arn };
    return identified;
  }

  async function identity(): Promise<Identified> {
    if (identified !== undefined) return identified;
    asked ??= askSts().finally(() => {
      asked = undefined;
    });
    return asked;
  }

  return {
    get known() {
      return known ?? identified?.account;
    },
    ask: async () => known ?? (await identity()).account,
    who: async () => (await identity()).arn,
  };
}

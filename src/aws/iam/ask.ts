import type {
  $Command,
  IAMClient,
  IAMClientResolvedConfig,
  ServiceInputTypes,
  ServiceOutputTypes,
} from '@aws-sdk/client-iam';
import { DomainError } from '../../problems/problem.ts';
import type { Call } from '../calls/call.ts';
import type { Pace } from '../calls/pace.ts';

type Command<Input extends ServiceInputTypes, Output extends ServiceOutputTypes> = $Command<
  Input,
  Output,
  IAMClientResolvedConfig,
  ServiceInputTypes,
  ServiceOutputTypes
>;

/** Asks IAM of an account. @param action as IAM names it: `GetRole`. It @throws DomainError aws-… */
export type Ask = <Input extends ServiceInputTypes, Output extends ServiceOutputTypes>(
  action: string,
  command: Command<Input, Output>,
) => Promise<Output>;

/** @param resource whom it is all about */
export const createAsk =
  ({ iam, call, pace }: { iam: IAMClient; call: Call; pace: Pace }, resource: string): Ask =>
  (action, command) =>
    call({ action: `iam:${action}`, resource, pace }, command, () => iam.send(command));

/** Of one list: pages that are read. */
const MOST_PAGES = 3;

/** As IAM pages its lists. */
export type Paged = { IsTruncated?: boolean | undefined; Marker?: string | undefined };

/** All of a list. @throws DomainError aws-error for a longer one than is read, and as `ask` does */
export async function allOf<Page extends Paged, One>(
  ask: (marker: string | undefined) => Promise<Page>,
  itemsOf: (page: Page) => readonly One[],
): Promise<One[]> {
  const found: One[] = [];
  let marker: string | undefined;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const answer = await ask(marker);
    found.push(...itemsOf(answer));
    marker = answer.IsTruncated === true ? answer.Marker : undefined;
    if (marker === undefined) return found;
  }
  throw new DomainError('aws-error', { why: 'A list of IAM is longer than is read here.' });
}

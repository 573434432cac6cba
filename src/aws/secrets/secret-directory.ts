import { ListSecretsCommand, type SecretListEntry } from '@aws-sdk/client-secrets-manager';
import type { SecretDirectory, SecretSummary } from '../../access/looks/secret-directory.ts';
import { secretsIn } from '../../policy/arn.ts';
import type { AwsClients } from '../clients.ts';
import { customerKey, tagsOf } from './secret-facts.ts';

/** The most that ListSecrets gives at once (API Reference, ListSecrets, MaxResults). */
const PAGE = 100;
/** A “!” is of names that AWS services give (`rds!…`), and never comes first. */
const NAME_PREFIX = /^(?!!)[A-Za-z0-9/_+=.@!-]*$/;

/** The secrets of an account and Region, those scheduled for deletion among them. */
export function createSecretDirectory({ clientsFor, call }: AwsClients): SecretDirectory {
  return {
    async list({ namePrefix = '', limit, cursor, place }) {
      // No name has other characters, and AWS takes a leading "!" for "not".
      if (!NAME_PREFIX.test(namePrefix)) return { items: [], nextCursor: null };
      const { secretsManager } = clientsFor(place === undefined ? '' : secretsIn(place));
      const items: SecretSummary[] = [];
      let next = cursor;
      do {
        const command = new ListSecretsCommand({
          MaxResults: Math.min(PAGE, limit - items.length),
          IncludePlannedDeletion: true,
          NextToken: next,
          Filters: namePrefix === '' ? undefined : [{ Key: 'name', Values: [namePrefix] }],
        });
        const facts = {
          action: 'secretsmanager:ListSecrets',
          resource: place === undefined ? 'this account and Region' : secretsIn(place),
        };
        const page = await call(facts, command, () => secretsManager.send(command));
        items.push(...(page.SecretList ?? []).map(toSummary));
        next = page.NextToken;
      } while (next !== undefined && items.length < limit);
      return { items, nextCursor: next ?? null };
    },
  };
}

const toSummary = (entry: SecretListEntry): SecretSummary => ({
  arn: entry.ARN ?? '',
  name: entry.Name ?? '',
  description: entry.Description ?? null,
  kmsKeyId: customerKey(entry.KmsKeyId),
  owningService: entry.OwningService ?? null,
  deletedAt: entry.DeletedDate?.toISOString() ?? null,
  primaryRegion: entry.PrimaryRegion ?? null,
  tags: tagsOf(entry.Tags),
});

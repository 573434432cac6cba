import { ListSecretVersionIdsCommand } from '@aws-sdk/client-secrets-manager';
import type { EncryptedVersion, SecretVersions } from '../../access/judge/key/keys.ts';
import type { AwsClients } from '../clients.ts';

/** The labelled versions of a secret; those without a label, which AWS removes in time, it leaves out. */
export const createSecretVersions = ({ clientsFor, call }: AwsClients): SecretVersions => ({
  async versions(secretArn) {
    const { secretsManager } = clientsFor(secretArn);
    const versions: EncryptedVersion[] = [];
    let next: string | undefined;
    do {
      const command = new ListSecretVersionIdsCommand({ SecretId: secretArn, MaxResults: 100, NextToken: next });
      const facts = { action: 'secretsmanager:ListSecretVersionIds', resource: secretArn };
      const page = await call(facts, command, () => secretsManager.send(command));
      for (const { VersionStages: stages = [], KmsKeyIds: keyIds = [] } of page.Versions ?? []) {
        versions.push({ stages, keyIds });
      }
      next = page.NextToken;
    } while (next !== undefined);
    return versions;
  },
});

import type { SecretPlace } from '../secret.ts';

/** How the reader reads the value, by each tool. */
export type Commands = { cli: string; javascript: string; python: string };

type Reading = { place: Pick<SecretPlace, 'arn' | 'region'>; stage: string | undefined };

/**
 * The stage is named where the share is for some stages only: `secretsmanager:VersionStage` is in the context of a call that names it
 * (Secrets Manager User Guide, "Condition keys for AWS Secrets Manager").
 */
export function commandsFor({ place: { arn, region }, stage }: Reading): Commands {
  const ofStage = (text: (stage: string) => string): string => (stage === undefined ? '' : text(stage));
  return {
    cli:
      `aws secretsmanager get-secret-value --secret-id ${inShell(arn)} --region ${inShell(region)}` +
      `${ofStage(stageInShell)} --query SecretString --output text`,
    javascript: `import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';

const client = new SecretsManagerClient({ region: ${quoted(region)} });
const { SecretString } = await client.send(
  new GetSecretValueCommand({ SecretId: ${quoted(arn)}${ofStage((named) => `, VersionStage: ${quoted(named)}`)} }),
);`,
    python: `import boto3

client = boto3.client("secretsmanager", region_name=${quoted(region)})
value = client.get_secret_value(SecretId=${quoted(arn)}${ofStage((named) => `, VersionStage=${quoted(named)}`)})["SecretString"]`,
  };
}

/** The AWS CLI reads an argument such as `file://…` from there, in quotes too; never what stands inside of JSON. */
const stageInShell = (stage: string): string =>
  /^[\w+=.@][\w+=.@/-]*$/.test(stage)
    ? ` --version-stage ${stage}`
    : ` --cli-input-json ${inShell(JSON.stringify({ VersionStage: stage }))}`;

const quoted = (text: string): string => JSON.stringify(text);

/** What needs no quotes has none. */
const inShell = (text: string): string => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

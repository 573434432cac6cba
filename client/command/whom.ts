import { type Command, InvalidArgumentError } from 'commander';
import type { Schemas } from './call.ts';

/** Whom a command is about beside principals, and under which conditions, as people type it. */

type PermissionSet = NonNullable<Schemas['ShareRequest']['permissionSet']>;
type Tag = [key: string, value: string];
type Boundary = {
  organization?: string;
  vpcEndpoint?: string[];
  vpc?: string[];
  ip?: string[];
  principal?: string[];
  matchTag?: string;
};
type Exceptions = { except?: string[]; exceptPermissionSet?: PermissionSet[] };
type Whom = { organization?: string; unit?: string; permissionSet?: PermissionSet };
type Conditions = { stage?: string[]; vpcEndpoint?: string[]; tag?: Tag[]; matchTag?: string[] };

export const whomOptions = (command: Command): Command =>
  command
    .option('--organization <id>', 'everybody in an organization, in the place of a principal')
    .option('--unit <path>', 'everybody in an organizational unit: o-…/r-…/ou-…')
    .option('--permission-set <name@account>', 'whoever signs in with a permission set of IAM Identity Center', setOf);

export const whomOf = (principal: string | undefined, { organization, unit, permissionSet }: Whom) => ({
  ...(principal !== undefined && { principal }),
  ...(organization !== undefined && { organization }),
  ...(unit !== undefined && { organizationalUnit: unit }),
  ...(permissionSet !== undefined && { permissionSet }),
});

export const conditionOptions = (command: Command): Command =>
  command
    .option('--stage <name...>', 'only these version stages')
    .option('--vpc-endpoint <id...>', 'only through these VPC endpoints')
    .option('--tag <key=value...>', 'only principals with these tags', each(tagOf))
    .option('--match-tag <key...>', 'only principals whose tag equals the secret’s own');

export const conditionsOf = ({ stage, vpcEndpoint, tag, matchTag }: Conditions) => ({
  ...(stage && { versionStages: stage }),
  ...(vpcEndpoint && { sourceVpcEndpoints: vpcEndpoint }),
  ...(tag && { principalTags: Object.fromEntries(tag) }),
  ...(matchTag && { matchTags: matchTag }),
});

export const boundaryOptions = (command: Command): Command =>
  command
    .option('--organization <id>')
    .option('--vpc-endpoint <id...>')
    .option('--vpc <id...>')
    .option('--ip <range...>')
    .option('--principal <arn...>')
    .option('--match-tag <key>', 'whose tag equals the secret’s own')
    .option('--except <arn...>', 'those who stay allowed')
    .option('--except-permission-set <name@account...>', 'whoever signs in with it stays allowed', each(setOf));

/** As it was said: the service tells what is wrong with none, or several. */
export const boundaryOf = ({ organization, vpcEndpoint, vpc, ip, principal, matchTag }: Boundary) => ({
  ...(organization !== undefined && { organization }),
  ...(vpcEndpoint && { vpcEndpoints: vpcEndpoint }),
  ...(vpc && { vpcs: vpc }),
  ...(ip && { sourceIps: ip }),
  ...(principal && { principals: principal }),
  ...(matchTag !== undefined && { matchTag }),
});

export const exceptionsOf = ({ except, exceptPermissionSet }: Exceptions) => ({
  ...(except && { exceptPrincipals: except }),
  ...(exceptPermissionSet && { exceptPermissionSets: exceptPermissionSet }),
});

/** An option that can be said several times, or with several values. */
function each<T>(read: (text: string) => T) {
  return (text: string, before: readonly T[] = []): T[] => [...before, read(text)];
}

/** The account stands after the last `@`: names of sets may have some. @throws InvalidArgumentError */
function setOf(text: string): PermissionSet {
  const [, name, account] = /^(.+)@(\d{12})$/.exec(text) ?? [];
  if (name === undefined || account === undefined) {
    throw new InvalidArgumentError(`“${text}” is no permission set in an account: say Ops@222222222222.`);
  }
  return { name, account };
}

function tagOf(text: string): Tag {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError(`“${text}” is no tag: say team=payments.`);
  return [text.slice(0, at), text.slice(at + 1)];
}

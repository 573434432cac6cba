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
type Exceptions = {
  except?: string[];
  exceptPermissionSet?: PermissionSet[];
  exceptService?: string[];
  exceptServiceLinkedRoles?: boolean;
};
type Service = NonNullable<Schemas['ShareRequest']['service']>;
type Whom = { organization?: string; unit?: string; permissionSet?: PermissionSet; service?: Service };
type Conditions = { stage?: string[]; vpcEndpoint?: string[]; tag?: Tag[]; matchTag?: string[] };

export const setOption = (command: Command): Command =>
  command.option(
    '--permission-set <name@account>',
    'whoever signs in with a permission set of IAM Identity Center',
    setOf,
  );

export const whomOptions = (command: Command): Command =>
  setOption(
    command
      .option('--organization <id>', 'everybody in an organization, in the place of a principal')
      .option('--unit <path>', 'everybody in an organizational unit: o-…/r-…/ou-…')
      .option('--service <name@account>', 'an AWS service when it acts for an account', serviceOf),
  );

export const whomOf = (principal: string | undefined, { organization, unit, permissionSet, service }: Whom) => ({
  ...(principal !== undefined && { principal }),
  ...(organization !== undefined && { organization }),
  ...(unit !== undefined && { organizationalUnit: unit }),
  ...(permissionSet !== undefined && { permissionSet }),
  ...(service !== undefined && { service }),
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
    .option('--organization <id>', 'inside is who is of this organization')
    .option('--vpc-endpoint <id...>', 'who comes through these')
    .option('--vpc <id...>', 'who comes from these')
    .option('--ip <range...>', 'who comes from these: 203.0.113.0/24')
    .option('--principal <arn...>', 'these users and roles')
    .option('--match-tag <key>', 'whose tag equals the secret’s own')
    .option('--except <arn...>', 'those who stay allowed')
    .option('--except-permission-set <name@account...>', 'whoever signs in with it stays allowed', each(setOf))
    .option('--except-service <name...>', 'the roles that this AWS service has of its own stay allowed')
    .option('--except-service-linked-roles', 'of a network: roles that AWS services have of their own stay allowed');

/** As it was said: the service tells what is wrong with none, or several. */
export const boundaryOf = ({ organization, vpcEndpoint, vpc, ip, principal, matchTag }: Boundary) => ({
  ...(organization !== undefined && { organization }),
  ...(vpcEndpoint && { vpcEndpoints: vpcEndpoint }),
  ...(vpc && { vpcs: vpc }),
  ...(ip && { sourceIps: ip }),
  ...(principal && { principals: principal }),
  ...(matchTag !== undefined && { matchTag }),
});

export const exceptionsOf = ({ except, exceptPermissionSet, exceptService, exceptServiceLinkedRoles }: Exceptions) => ({
  ...(except && { exceptPrincipals: except }),
  ...(exceptPermissionSet && { exceptPermissionSets: exceptPermissionSet }),
  ...(exceptService && { exceptServices: exceptService }),
  ...(exceptServiceLinkedRoles && { exceptServiceLinkedRoles }),
});

/** An option that can be said several times, or with several values. */
function each<T>(read: (text: string) => T) {
  return (text: string, before: readonly T[] = []): T[] => [...before, read(text)];
}

const setOf = (text: string): PermissionSet => inAccount(text, 'permission set in an account', 'Ops@222222222222');

function serviceOf(text: string): Service {
  const { name, account } = inAccount(text, 'service for an account', 'appflow.amazonaws.com@222222222222');
  return { name, sourceAccount: account };
}

/** The account stands after the last `@`: names of sets may have some. @throws InvalidArgumentError */
function inAccount(text: string, what: string, example: string): { name: string; account: string } {
  const [, name, account] = /^(.+)@(\d{12})$/.exec(text) ?? [];
  if (name === undefined || account === undefined)
    throw new InvalidArgumentError(`“${text}” is no ${what}: say ${example}.`);
  return { name, account };
}

function tagOf(text: string): Tag {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError(`“${text}” is no tag: say team=payments.`);
  return [text.slice(0, at), text.slice(at + 1)];
}

import type { Secret } from '../secret.ts';
import type { Warning } from './change.ts';

/** Warnings where somebody else looks after a secret, who may undo a change, or whose next run fails by it. */
export function managedElsewhere({ owningService, tags }: Pick<Secret, 'owningService' | 'tags'>): Warning[] {
  const said = [
    ...(owningService === null
      ? []
      : [
          `The AWS service ${owningService} manages this secret: it may restrict what others change, and change it itself.`,
        ]),
    ...managersIn(tags).map(
      (tag) =>
        `The tag ${tag} says that another tool manages this secret: if it has the policy too, its next run undoes this.`,
    ),
  ];
  return said.map((message) => ({ code: 'managed-elsewhere', message }));
}

/**
 * Tags by which tools mark what is theirs: CloudFormation (User Guide, "Resource tags": the prefix `aws:` is AWS's own), and the
 * usual ones of Terraform, Pulumi and the like. One is enough.
 */
function managersIn(tags: Readonly<Record<string, string>>): string[] {
  const stack = tags['aws:cloudformation:stack-name'];
  if (stack !== undefined) return [`aws:cloudformation:stack-name=${stack}`];
  const found = Object.entries(tags).find(
    ([key, value]) =>
      (/^(?:managed[-_ ]?by|provisioner)$/i.test(key) && TOOLS.test(value)) ||
      (TOOLS.test(key) && /^(?:true|yes|1)$/i.test(value)),
  );
  return found === undefined ? [] : [found.join('=')];
}

const TOOLS = /^(?:terraform|opentofu|pulumi|cloudformation|cdk|crossplane|ansible|terragrunt)$/i;

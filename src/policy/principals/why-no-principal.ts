/** Why a text is no principal that a policy can name, and what would be. It goes on after the name of the field. */
export function whyNoPrincipal(text: string): string {
  const digits = text.replace(/[\s-]/g, '');
  if (text === '*')
    return 'can’t be everybody: name an account or a principal, or an organization in its own field (organization: o-local00001)';
  if (/^o-[a-z0-9]+/.test(text)) return `can’t be ${text.includes('/') ? UNIT : ORGANIZATION}`;
  if (/^\d+$/.test(digits) && digits !== text && digits.length === 12) return `is written in one: ${digits}`;
  if (/^\d+$/.test(digits) && digits.length !== 12)
    return `must have 12 digits where it is an account: this has ${digits.length}; for example 222222222222`;
  if (!text.startsWith('arn:'))
    return 'must be an account (12 digits), or a user or role by its whole ARN; for example arn:aws:iam::123456789999:user/Mary';
  return 'must be a 12-digit account id, arn:PARTITION:iam::ACCOUNT:root, or the ARN of a user, role, assumed-role session or federated user';
}

const ORGANIZATION = 'an organization: a share takes one in its own field (organization: o-local00001)';
const UNIT =
  'an organizational unit: a share takes one in its own field (organizationalUnit: o-local00001/r-root/ou-root-workload)';

/** The groups of Swagger UI, by task, in its order. */
export const tags = [
  { name: 'Share', description: 'Let an account, a principal or an organization use a secret.' },
  { name: 'Deny', description: 'Make sure that somebody can never read a secret, whatever else allows it.' },
  {
    name: 'Restrict',
    description: 'Deny everyone outside a boundary: an organization, VPC endpoints, addresses, principals.',
  },
  { name: 'Policy', description: 'The whole policy: see it, replace it, detach it, go back.' },
  { name: 'Look', description: 'Secrets, who can read them, and the templates that make statements.' },
  { name: 'Approve', description: 'Changes that a guardrail holds until a second person says yes.' },
  { name: 'Estate', description: 'All secrets, over accounts and Regions.' },
  { name: 'Incidents', description: 'Freeze secrets, or evict somebody from all of them, at once; and undo it.' },
  { name: 'Manifests', description: 'Desired state: all entries of each secret, planned and applied.' },
  { name: 'Bulk', description: 'Share, deny or revoke on up to 1,000 secrets at once.' },
  { name: 'Audit', description: 'Who changed what, when and why; and whether the log is whole.' },
  { name: 'Run', description: 'For those who run the service.' },
];

/** What people read first. The links with `#` open a call of this page. @param signsIn whether there is anything to authorize */
export const landing = (
  signsIn: boolean,
): string => `Share AWS Secrets Manager secrets with other accounts, and make sure that somebody can never read them.
Every change is recorded before it is made, other people’s statements are never touched, and the value of a secret is never read.

### Your first share

Everything below works as it stands in local mode (\`npm start\`): each call is filled in, press **Execute**.

1. [Share \`demo/database\` with Mary](#/Share/createShare), a user of another account. The answer shows the policy, what
   changed in it, and in \`legs\` what else reading across accounts takes, with the JSON to paste.
2. [See who can read it](/console/secrets/demo%2Fdatabase), in the console.
3. [Deny Mary](#/Deny/createDenial). A deny beats every allow, so she can’t read it any more, although the share is still there.
   The console shows that too.
4. [Get it wrong](#/Share/createShare): write \`user/Mry\` for \`user/Mary\`. The answer is a problem that says what
   happened and what to do; its \`type\` leads to a page with more.
5. [See who did what](#/Audit/listAuditEvents): the intent and the outcome of each change, refused ones too.
6. [Take the share back](#/Share/revokeShare): its \`id\` is in the answer to 1, and filled in.

### Good to know

- \`dryRun=true\` says what a change would do, and AWS’s own check is asked. Nothing is written.
- \`reason\` and \`ticket\` land in the audit log. Repeating a request changes nothing.
- A secret’s name or its full ARN will do: \`demo/database\`.
- In a terminal, end any address with \`?pretty\`: JSON comes in lines that can be read (up to a million characters).${signsIn ? '\n- Press **Authorize** first: each call says who you are.' : ''}`;

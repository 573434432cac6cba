/**
 * What the stand-in does and leaves out, in words: docs/local-aws.md is made of this and of the table of operations
 * (`npm run local-aws:page`). A behaviour that changes changes its row.
 */
export const BEHAVIOURS: readonly { of: string; rows: readonly string[] }[] = [
  {
    of: 'Who may',
    rows: [
      'Every call is judged: identity policies, the resource’s policy, permissions boundary, session policy, service and resource control policies. A Deny of any beats every Allow.',
      'Within an account either side may allow; across accounts both must. Key policies and trust policies must let the account in before its identity policies count.',
      'Service control policies must allow on every level, root, units and account; they bind neither the management account nor service-linked roles. Resource control policies bind secrets, keys and roles, but no keys that AWS manages.',
      'NotPrincipal excepts nobody who has a permissions boundary.',
      'A boundary or a session policy only denies where a policy of the same account names the user, or the session, itself.',
      'Policies are inline, or managed and attached, also to a user’s groups; of those that AWS manages there are `AdministratorAccess` and `IAMReadOnlyAccess` alone.',
      'Users and roles are kept by their unique id: deleted, they show as `AIDA…` or `AROA…`, and one made again under the name is another.',
      'Condition keys: those of the caller (tags of role and session, organization and its path, unique id, MFA, time of issue, source identity, OIDC and SAML), of the network, of the resource (tags, account, organization), and each service’s own.',
      'DescribeOrganization answers every member, all else of the organization (accounts, units, control policies) the management account alone. A control policy, which code attaches, is called by its first statement. An account shows its `State`; `Status`, which AWS has retired, and `Paths` are not there.',
      'DescribeRegions shows the Regions that an account has enabled: those that all have by default, unless code (`accounts.setRegions`) says others. No call is refused for its Region.',
      'Refusals are worded as AWS words them, and name the kind of policy that denies or does not allow.',
    ],
  },
  {
    of: 'Secrets',
    rows: [
      'A secret is found by name, ARN, or ARN without its suffix, in the Region of the call. What ends in a hyphen and six characters is taken for a complete ARN.',
      'CreateSecret with tags or replicas asks for TagResource or ReplicateSecretToRegions too. A tag key is given once.',
      'Versions and stages move as AWS moves them; the same ClientRequestToken with the same value is the same request.',
      'A deletion can be restored for 7 to 30 days; a forced one succeeds where nothing is.',
      'Replicas show value, tags and policy of their primary, have a key of their own, and can be promoted or removed.',
      'Rotation invokes no function: the calls of AWS’s rotation templates are made by a session of the function’s role, and judged; testSecret alone where nothing is to be rotated at once. Nothing rotates by itself.',
      'A policy comes back normalised; principals and services in it must exist; BlockPublicPolicy refuses what is public. ValidateResourcePolicy makes AWS’s three checks, under names of our own.',
    ],
  },
  {
    of: 'Keys',
    rows: [
      'Values are not encrypted, but every read and write asks the key: kms:Decrypt or kms:GenerateDataKey, through Secrets Manager, with the encryption context `SecretARN` and `SecretVersionId`.',
      'The AWS managed key never works across accounts. Keys are enabled, disabled, or pending deletion, and refuse accordingly.',
      'Grants have every constraint, retiring principals, delegation and DryRun.',
    ],
  },
  {
    of: 'Queues',
    rows: [
      'Standard queues: long polling, visibility, delays, retention, batches, and a dead-letter queue for what was received too often. Queues and messages survive a restart.',
      'The queue’s policy is judged as that of a secret. The Region is that of the call; the host of a queue’s URL is not looked at.',
      'A waiting ReceiveMessage is judged with each look. It ends when its client hangs up.',
      'At most 1,000 queues of an account and Region, 10,000 messages and 16 MiB in each: more is refused as OverLimit.',
    ],
  },
  {
    of: 'Events',
    rows: [
      'Each call that changes a secret or a key, or tries to, is sent to the queue `secret-access-events` as EventBridge sends what CloudTrail records: `aws sqs receive-message --endpoint-url http://127.0.0.1:4566 --queue-url http://127.0.0.1:4566/111111111111/secret-access-events` (version 1 of the AWS CLI heeds no `AWS_ENDPOINT_URL` for SQS). Its policy lets one rule in.',
      'Requests are shown as the caller wrote them (a secret by name or ARN), without values of secrets. Of answers only what samples of AWS show is there; of a key always its ARN.',
      'Across accounts the owner’s account has a record too, without the caller’s name, and none of a refusal. Accounts outside of the queue’s organization send nothing.',
      'The calls that a rotation makes are no events of their own, nor is what replication does in other Regions.',
      'LookupEvents tells these records of an account in a Region, and those of reading a secret’s value, 90 days back and at once: `aws cloudtrail lookup-events`. Other reads are not recorded. `Resources` names keys only; a session’s user name is its own.',
      'The newest 10,000 records of all accounts are kept. They survive a restart.',
    ],
  },
  {
    of: 'Time',
    rows: [
      'Everything is seen at once, unless `LOCAL_AWS_LAG_MS` says how long a secret’s policy, a new grant or the end of one stays unseen.',
      'Temporary credentials end; a role’s longest session is held; chained roles have one hour.',
    ],
  },
];

export const LEFT_OUT: readonly string[] = [
  'Signatures are not checked: who knows an access key id is its holder. It listens on loopback only, and refuses to start with NODE_ENV=production. Values are kept in clear text.',
  'A ClientRequestToken that is left out is made up; AWS refuses the call. Its SDKs and its CLI always send one.',
  'No quotas but those of sizes and numbers (policies, tags, versions, grants): nothing is throttled.',
  'No instance profiles. Control policies, organizations and SAML sessions are set in code (`accounts`, `directory`, `organizations`), not by calls.',
  'No key material: KMS encrypts, signs and derives nothing for its callers. No imported, multi-Region or custom-store keys.',
  'No FIFO queues, message attributes, tags or encryption of queues: refused as UnsupportedOperation or InvalidAttributeName.',
  'No VPC endpoints of its own: where a call comes from can be said in code only (`call`), over HTTP it is this machine.',
  'Signatures of web identity tokens are not checked either, and no provider needs to be made first.',
];

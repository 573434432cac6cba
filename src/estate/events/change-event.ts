import Type from 'typebox';
import { Compile } from 'typebox/schema';
import { MAX_POLICY_CHARACTERS } from '../../policy/document.ts';

const text = (maxLength: number) => Type.String({ minLength: 1, maxLength });
const orNull = <Schema extends Type.TSchema>(schema: Schema) => Type.Union([schema, Type.Null()]);
const RegionName = Type.String({ pattern: '^[a-z]{2}(?:-[a-z]+)+-\\d{1,2}$', maxLength: 32 });
const AccountNumber = Type.String({ pattern: '^\\d{12}$' });

/** Source: KMS API Reference, PutKeyPolicy. */
const MAX_KEY_POLICY_CHARACTERS = 131_072;

/** As much of it as counts here; AWS adds fields as it likes. Its source is EventBridge's word: nobody else may say "aws.". */
const ChangeEvent = Type.Object({
  source: Type.Enum(['aws.secretsmanager', 'aws.kms']),
  // The second: what a service does by itself. Source: EventBridge User Guide, "AWS service events delivered via AWS CloudTrail".
  'detail-type': Type.Enum(['AWS API Call via CloudTrail', 'AWS Service Event via CloudTrail']),
  account: AccountNumber,
  region: RegionName,
  detail: Type.Object({
    eventSource: text(128),
    eventName: text(128),
    eventID: text(64),
    eventTime: Type.String({ pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(?:\\.\\d+)?Z$', maxLength: 32 }),
    requestID: Type.Optional(text(128)),
    errorCode: Type.Optional(text(256)),
    userIdentity: Type.Object({ arn: Type.Optional(text(2048)), accountId: Type.Optional(AccountNumber) }),
    requestParameters: Type.Optional(
      orNull(
        Type.Object({
          secretId: Type.Optional(text(2048)),
          name: Type.Optional(text(512)),
          keyId: Type.Optional(text(2048)),
          aliasName: Type.Optional(text(256)),
          targetKeyId: Type.Optional(text(2048)),
          policy: Type.Optional(text(MAX_KEY_POLICY_CHARACTERS)),
          grantId: Type.Optional(text(128)),
          resourcePolicy: Type.Optional(text(MAX_POLICY_CHARACTERS)),
          addReplicaRegions: Type.Optional(orNull(Type.Array(Type.Object({ region: RegionName }), { maxItems: 100 }))),
          removeReplicaRegions: Type.Optional(orNull(Type.Array(RegionName, { maxItems: 100 }))),
        }),
      ),
    ),
    responseElements: Type.Optional(
      orNull(
        Type.Object({
          ...{ aRN: Type.Optional(text(2048)), arn: Type.Optional(text(2048)) },
          grantId: Type.Optional(text(128)),
        }),
      ),
    ),
    additionalEventData: Type.Optional(orNull(Type.Object({ grantId: Type.Optional(text(128)) }))),
    resources: Type.Optional(orNull(Type.Array(Type.Object({ ARN: Type.Optional(text(2048)) }), { maxItems: 100 }))),
  }),
});
export type Detail = Type.Static<typeof ChangeEvent>['detail'];
const event = Compile(ChangeEvent);

/** @returns undefined for what is none */
export function readChangeEvent(body: string): Type.Static<typeof ChangeEvent> | undefined {
  const read = readJson(body);
  return event.Check(read) ? read : undefined;
}

/** @returns undefined for what is none, which JSON never says */
export function readJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

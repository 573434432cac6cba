import t from 'tap';
import { chainStart, seal } from '../../src/audit/chain.ts';
import { auditActions, auditOutcomes, type EventDraft } from '../../src/audit/event.ts';
import { toOcsf } from '../../src/audit/ocsf.ts';
import { draft, outcome } from './draft.ts';

const eventOf = (content: EventDraft) => seal(content, chainStart, new Date('2026-01-02T03:04:05.678Z')).event;

t.test('an applied share is a successful Create of API Activity', async (t) => {
  const event = eventOf(outcome({ ticket: 'T-1' }));
  t.match(toOcsf(event), {
    metadata: { version: '1.3.0', profiles: ['cloud'], uid: event.id, correlation_uid: 'change-1', sequence: 1 },
    category_uid: 6,
    class_uid: 6003,
    activity_id: 1,
    type_uid: 600301,
    severity_id: 1,
    status_id: 1,
    time: Date.UTC(2026, 0, 2, 3, 4, 5, 678),
    actor: { user: { uid: 'alice', type_id: 1, domain: 'https://issuer.example' } },
    api: { operation: 'share', request: { uid: 'request-1' }, service: { name: 'secret-access-service' } },
    src_endpoint: { ip: '192.0.2.1' },
    http_request: { user_agent: 'curl/8' },
    cloud: { provider: 'AWS', account: { uid: '111111111111', type_id: 10 }, region: 'us-east-1' },
    resources: [{ uid: event.secret.arn, name: 'prod/db', cloud_partition: 'aws', region: 'us-east-1' }],
    unmapped: { hash: event.hash, ticket: 'T-1', phase: 'outcome' },
  });
});

t.test('a refusal is a failure with its code', async (t) => {
  const refused = outcome({ outcome: 'refused', error: { code: 'forbidden', message: 'A guardrail forbids it.' } });
  t.match(toOcsf(eventOf(refused)), {
    severity_id: 3,
    status_id: 2,
    status_code: 'forbidden',
    api: { response: { error: 'forbidden', error_message: 'A guardrail forbids it.' } },
  });
});

t.test('every action, phase and outcome gives the required attributes with values of the class', async (t) => {
  const nobody = { source: { ip: null, userAgent: null }, requestId: null } as const;
  const nowhere = { arn: null, name: 'x', account: null, region: null };
  for (const action of auditActions) {
    for (const result of [null, ...auditOutcomes]) {
      const event = eventOf(draft({ action, outcome: result, secret: nowhere, ...nobody }));
      const { activity_id, type_uid, severity_id, status_id, ...ocsf } = toOcsf(event);
      t.ok([1, 2, 3, 4].includes(Number(activity_id)), `${action} is an activity`);
      t.equal(type_uid, 600300 + Number(activity_id));
      t.ok([1, 2, 3, 4].includes(Number(severity_id)) && [0, 1, 2, 99].includes(Number(status_id)));
      t.match(ocsf, {
        api: { operation: action, request: { uid: 'change-1' } },
        src_endpoint: { svc_name: String },
        cloud: { provider: 'AWS' },
        actor: { user: { uid: String } },
        metadata: { product: { name: String, vendor_name: String }, version: String },
      });
    }
  }
});

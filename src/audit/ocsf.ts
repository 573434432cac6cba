import type { AuditAction, AuditEvent, AuditOutcome } from './event.ts';

const CATEGORY_APPLICATION = 6;
const CLASS_API_ACTIVITY = 6003;

const activities = { create: 1, update: 3, delete: 4 } as const;
const names = { 1: 'Create', 3: 'Update', 4: 'Delete' } as const;

const activityOf: Record<AuditAction, (typeof activities)[keyof typeof activities]> = {
  share: activities.create,
  deny: activities.create,
  restrict: activities.create,
  createGrant: activities.create,
  requestApproval: activities.create,
  replacePolicy: activities.update,
  rollback: activities.update,
  restoreDrift: activities.update,
  drift: activities.update,
  approve: activities.update,
  reject: activities.update,
  expireApproval: activities.update,
  refuseStored: activities.update,
  startOperation: activities.create,
  cancelOperation: activities.update,
  survey: activities.create,
  openFinding: activities.create,
  closeFinding: activities.delete,
  acknowledgeFinding: activities.update,
  freeze: activities.create,
  evict: activities.delete,
  lift: activities.update,
  revoke: activities.delete,
  deletePolicy: activities.delete,
  expire: activities.delete,
  prune: activities.delete,
  removeStatement: activities.delete,
  adopt: activities.update,
  applyManifest: activities.update,
  revokeGrant: activities.delete,
};

const severities = { informational: 1, low: 2, medium: 3, high: 4 } as const;
const statuses = { unknown: 0, success: 1, failure: 2, other: 99 } as const;

const outcomeMeans: Record<AuditOutcome, { status_id: number; severity_id: number }> = {
  applied: { status_id: statuses.success, severity_id: severities.informational },
  unchanged: { status_id: statuses.success, severity_id: severities.informational },
  refused: { status_id: statuses.failure, severity_id: severities.medium },
  failed: { status_id: statuses.failure, severity_id: severities.low },
  unknown: { status_id: statuses.unknown, severity_id: severities.high },
};
const intentMeans = { status_id: statuses.other, severity_id: severities.informational };

/**
 * An event as OCSF 1.3 API Activity (class 6003, profile cloud), for a SIEM. What OCSF has no word for is under
 * `unmapped`, so that nothing of the event is lost.
 * Source: https://schema.ocsf.io/1.3.0/classes/api_activity
 */
export const toOcsf = (event: AuditEvent): Record<string, unknown> => {
  const activity = activityOf[event.action];
  const { status_id, severity_id } = event.outcome === null ? intentMeans : outcomeMeans[event.outcome];
  const { secret, actor, source, error } = event;
  return {
    metadata: {
      version: '1.3.0',
      profiles: ['cloud'],
      product: { name: 'secret-access-service', vendor_name: 'secret-access-service' },
      log_name: 'audit',
      uid: event.id,
      correlation_uid: event.changeId,
      sequence: event.sequence,
      original_time: event.time,
    },
    category_uid: CATEGORY_APPLICATION,
    category_name: 'Application Activity',
    class_uid: CLASS_API_ACTIVITY,
    class_name: 'API Activity',
    activity_id: activity,
    activity_name: names[activity],
    type_uid: CLASS_API_ACTIVITY * 100 + activity,
    type_name: `API Activity: ${names[activity]}`,
    severity_id,
    status_id,
    status: event.outcome ?? event.phase,
    ...(error !== null && { status_code: error.code, status_detail: error.message }),
    time: Date.parse(event.time),
    message: `${event.action} ${secret.name}: ${event.outcome ?? event.phase}`,
    actor: {
      user: {
        uid: actor.subject,
        name: actor.subject,
        type_id: actor.method === 'system' ? 3 : 1,
        ...(actor.issuer !== null && { domain: actor.issuer }),
      },
    },
    api: {
      operation: event.action,
      service: { name: 'secret-access-service' },
      request: { uid: event.requestId ?? event.changeId, data: event.request },
      ...(error !== null && { response: { error: error.code, error_message: error.message } }),
    },
    src_endpoint: source.ip === null ? { svc_name: 'secret-access-service' } : { ip: source.ip },
    ...(source.userAgent !== null && { http_request: { user_agent: source.userAgent } }),
    cloud: {
      provider: 'AWS',
      ...(secret.account !== null && { account: { uid: secret.account, type_id: 10 } }),
      ...(secret.region !== null && { region: secret.region }),
    },
    resources: [
      {
        type: 'AWS::SecretsManager::Secret',
        name: secret.name,
        ...(secret.arn !== null && { uid: secret.arn, cloud_partition: secret.arn.split(':')[1] }),
        ...(secret.region !== null && { region: secret.region }),
      },
    ],
    unmapped: {
      phase: event.phase,
      method: actor.method,
      trace_id: event.traceId,
      reason: event.reason,
      ticket: event.ticket,
      policy: event.policy,
      ...(event.reportedBy !== undefined && { reported_by: event.reportedBy }),
      aws_request_id: event.awsRequestId,
      previous_hash: event.previousHash,
      hash: event.hash,
    },
  };
};

import Type from 'typebox';
import { parseArn } from '../../policy/arn.ts';
import type { Call } from '../call.ts';
import { authorize } from '../enforcement/authorize.ts';
import { sessionOf } from '../enforcement/credentials.ts';
import { AwsError, accessDenied } from '../protocol/errors.ts';
import { type AwsOperation, operation, text } from '../protocol/input.ts';
import { roleTarget } from './assume-role.ts';
import {
  assumedRoleUser,
  DurationSeconds,
  durationOf,
  issueCredentials,
  RoleArn,
  RoleSessionName,
  refuseUnsupported,
  SessionPolicy,
  sessionPolicies,
  Unsupported,
} from './session.ts';

/**
 * Whoever shows a token of an OpenID Connect provider that the role trusts (a service account of Kubernetes, a workflow).
 * The call bears no signature. The token's own is not checked, as no signature is here.
 * Source: STS API Reference, AssumeRoleWithWebIdentity; IAM User Guide, "Available keys for AWS OIDC federation".
 */
export const webIdentityOperations: Record<string, AwsOperation<Call>> = {
  AssumeRoleWithWebIdentity: operation(
    Type.Object({
      RoleArn,
      RoleSessionName,
      WebIdentityToken: text(4, 20_000),
      DurationSeconds,
      Policy: SessionPolicy,
      ...Unsupported,
    }),
    (call: Call, input) => {
      refuseUnsupported(input);
      const role = call.directory.find(input.RoleArn);
      if (role?.type !== 'role') throw accessDenied('Not authorized to perform sts:AssumeRoleWithWebIdentity');
      const claims = readToken(input.WebIdentityToken, call.now);
      const host = claims.iss.replace(/^https:\/\//, '');
      const provider = `arn:${role.partition}:iam::${role.account}:oidc-provider/${host}`;
      const keys = {
        'aws:FederatedProvider': provider,
        [`${host}:sub`]: claims.sub,
        [`${host}:aud`]: claims.aud,
        ...(claims.amr === undefined ? {} : { [`${host}:amr`]: claims.amr }),
      };
      // Nobody has signed: the role's trust policy alone says whether it is let in.
      const caller = sessionOf(role, input.RoleSessionName, 'web identity');
      const target = roleTarget(call, input.RoleArn, role);
      const context = { ...keys, 'sts:RoleSessionName': input.RoleSessionName };
      authorize({ ...call, caller: { ...caller, principal: { ...role, policies: [] } } }, call.action, target, context);
      const seconds = durationOf(role, false, input.DurationSeconds);
      const session = { ...sessionPolicies(input.Policy), keys };
      return {
        AssumedRoleUser: assumedRoleUser(role, input.RoleSessionName),
        Audience: claims.aud,
        Provider: parseArn(provider)?.resource.replace('oidc-provider/', ''),
        SubjectFromWebIdentityToken: claims.sub,
        Credentials: issueCredentials(call, role, input.RoleSessionName, seconds, session),
      };
    },
  ),
};

type Claims = { iss: string; sub: string; aud: string; amr?: string[] };

/** @throws AwsError InvalidIdentityToken, or ExpiredTokenException */
function readToken(token: string, now: Date): Claims {
  const claims = payloadOf(token);
  const { iss, sub, aud, exp, amr } = claims;
  const audience = Array.isArray(aud) ? aud[0] : aud;
  if (typeof iss !== 'string' || typeof sub !== 'string' || typeof audience !== 'string') {
    throw invalidToken('The token has no issuer, subject or audience.');
  }
  if (typeof exp === 'number' && exp * 1000 <= now.getTime()) {
    throw new AwsError('ExpiredTokenException', 'Token expired');
  }
  const methods = Array.isArray(amr) ? amr.filter((method) => typeof method === 'string') : undefined;
  return { iss, sub, aud: audience, ...(methods && { amr: methods }) };
}

function payloadOf(token: string): Record<string, unknown> {
  try {
    const payload: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    if (typeof payload === 'object' && payload !== null) return { ...payload };
  } catch {
    // Told below.
  }
  throw invalidToken('The web identity token that was passed is invalid.');
}

const invalidToken = (message: string): AwsError => new AwsError('InvalidIdentityToken', message);

import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import type { VisibleSecrets } from '../../src/access/guard/visible-secrets.ts';
import type { NearSecrets } from '../../src/access/looks/near-secrets.ts';
import { problemOf } from '../../src/problems/document.ts';
import { DomainError } from '../../src/problems/problem.ts';
import { type ProblemCode, problems } from '../../src/problems/table.ts';
import { fieldErrors } from './field-errors.ts';
import { Problem } from './schema.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Of the problem that it is answered with; null when there is none. */
    problemCode: ProblemCode | null;
  }
}

/** Every error leaves as a problem document (RFC 9457). A 5xx says nothing of the inside; the log does. */
export default fp<{ visible?: Pick<VisibleSecrets, 'asSeen'>; near?: NearSecrets }>(
  async (app, { visible, near }) => {
    app.addSchema(Problem);
    app.decorateRequest('problemCode', null);

    app.setErrorHandler(async (error: FastifyError | DomainError, request, reply) => {
      const domainError = toDomainError(error);
      const { code, facts } = domainError;
      const { status } = problems[code];
      const entry = { err: error, code };
      if (status >= 500) request.log.error(entry, 'request failed');
      // What a caller got wrong may be a secret in the wrong field: the log says where, not what.
      else
        request.log.info(
          { code, fields: facts.errors?.map(({ path }) => path), awsRequestId: facts.awsRequestId },
          'request refused',
        );
      return sendProblem(request, reply, await asSeen(request, domainError));
    });

    /** A secret that the caller may not know of is answered like one that there is not: to the letter. */
    async function asSeen(request: FastifyRequest, error: DomainError): Promise<DomainError> {
      const { secretId } = (request.params ?? {}) as { secretId?: string };
      const { identity, routeOptions } = request;
      const seen =
        !visible || secretId === undefined || identity === undefined || routeOptions.config.public
          ? error
          : await visible.asSeen(identity, secretId, error);
      const missing = seen.factsOf('secret-not-found');
      if (missing === undefined) return seen;
      const meant = identity === undefined ? undefined : await near?.(identity, missing.secretId);
      return new DomainError('secret-not-found', { secretId: missing.secretId, near: meant });
    }
  },
  { name: 'problems' },
);

/** Also for what fails before there is a route (frameworkErrors in app.ts), so that no hook has run. */
export function sendProblem(request: FastifyRequest, reply: FastifyReply, error: DomainError): FastifyReply {
  const { id: requestId, traceId, changeId } = request;
  const problem = problemOf(error, { requestId, ...(traceId && { traceId }), ...(changeId && { changeId }) });
  request.problemCode = error.code;
  if (error.retryAfter !== undefined) reply.header('retry-after', String(error.retryAfter));
  if (problem.status === 401) reply.header('www-authenticate', 'Bearer');
  return reply
    .code(problem.status)
    .header('content-type', 'application/problem+json; charset=utf-8')
    .header('x-request-id', request.id)
    .serializer(JSON.stringify)
    .send(problem);
}

/** Fastify's own errors, in our codes. */
function problemOfFramework(error: FastifyError): DomainError {
  const cause = error;
  switch (error.code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new DomainError('body-too-large', { cause });
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new DomainError('unsupported-media-type', { cause });
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return new DomainError('malformed-json', { why: 'The body is not as long as Content-Length says.', cause });
    case 'FST_ERR_BAD_URL':
      return new DomainError('validation-failed', { why: 'The address is not well percent-encoded.', cause });
    case 'FST_ERR_MAX_PARAM_LENGTH':
      return new DomainError('validation-failed', {
        why: 'A part of the address is longer than 2,048 characters.',
        cause,
      });
  }
  const { statusCode = 500 } = error;
  if (statusCode >= 400 && statusCode < 500) {
    return new DomainError('validation-failed', { why: 'The request can’t be read.', cause });
  }
  return new DomainError('internal-error', { cause });
}

export function toDomainError(error: FastifyError | DomainError): DomainError {
  if (error instanceof DomainError) return error;
  if (error.validation !== undefined) return validationProblem(error);
  return problemOfFramework(error);
}

const MAX_ERRORS = 20;

function validationProblem(error: FastifyError): DomainError {
  const part =
    error.validationContext === undefined || error.validationContext === 'body' ? '' : `/${error.validationContext}`;
  const errors = fieldErrors(error.validation ?? [], part).slice(0, MAX_ERRORS);
  return new DomainError('validation-failed', { errors, cause: error });
}

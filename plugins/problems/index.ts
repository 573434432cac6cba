import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import { catalogue } from '../../src/problems/catalogue.ts';
import { problemOf } from '../../src/problems/document.ts';
import { DomainError, type ProblemCode } from '../../src/problems/problem.ts';
import { fieldErrors } from './field-errors.ts';
import { Problem } from './schema.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Of the problem that it is answered with; null when there is none. */
    problemCode: ProblemCode | null;
  }
}

/** Every error leaves as a problem document (RFC 9457). A 5xx says nothing of the inside; the log does. */
export default fp(
  async (app) => {
    app.addSchema(Problem);
    app.decorateRequest('problemCode', null);

    app.setErrorHandler((error: FastifyError | DomainError, request, reply) => {
      const domainError = toDomainError(error);
      const { status } = catalogue[domainError.code];
      const entry = { err: error, code: domainError.code };
      if (status >= 500) request.log.error(entry, 'request failed');
      // What a caller got wrong may be a secret in the wrong field: the log says where, not what.
      else
        request.log.info(
          { code: domainError.code, fields: domainError.facts.errors?.map(({ path }) => path) },
          'request refused',
        );
      return sendProblem(request, reply, domainError);
    });
  },
  { name: 'problems' },
);

/** Also for what fails before there is a route (frameworkErrors in app.ts), so that no hook has run. */
export function sendProblem(request: FastifyRequest, reply: FastifyReply, error: DomainError): FastifyReply {
  const { id: requestId, traceId, changeId } = request;
  const problem = problemOf(error, { requestId, ...(traceId && { traceId }), ...(changeId && { changeId }) });
  request.problemCode = error.code;
  const { retryAfter } = error.facts;
  if (retryAfter !== undefined || problem.status === 503) reply.header('retry-after', String(retryAfter ?? 5));
  if (problem.status === 401) reply.header('www-authenticate', 'Bearer');
  return reply
    .code(problem.status)
    .header('content-type', 'application/problem+json; charset=utf-8')
    .header('x-request-id', request.id)
    .serializer(JSON.stringify)
    .send(problem);
}

/** Fastify's own errors, in our codes. */
const FRAMEWORK: Readonly<Record<string, [ProblemCode, string]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: ['body-too-large', 'The body is over the limit of this service.'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ['unsupported-media-type', 'Send JSON, with Content-Type: application/json.'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ['malformed-json', 'The body is not as long as Content-Length says.'],
  FST_ERR_CTP_INVALID_JSON_BODY: ['malformed-json', 'The body is not JSON.'],
  FST_ERR_CTP_EMPTY_JSON_BODY: ['malformed-json', 'The body is empty: send one JSON object.'],
  FST_ERR_BAD_URL: ['validation-failed', 'The address is not well percent-encoded.'],
  FST_ERR_MAX_PARAM_LENGTH: ['validation-failed', 'A part of the address is longer than 2,048 characters.'],
};

export function toDomainError(error: FastifyError | DomainError): DomainError {
  if (error instanceof DomainError) return error;
  if (error.validation !== undefined) return validationProblem(error);
  const known = FRAMEWORK[error.code];
  if (known !== undefined) return new DomainError(...known, { cause: error });
  if (error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500) {
    return new DomainError('validation-failed', 'The request can’t be read.', { cause: error });
  }
  return new DomainError('internal-error', 'Something broke in this service. The log knows more under the requestId.', {
    cause: error,
  });
}

const MAX_ERRORS = 20;

function validationProblem(error: FastifyError): DomainError {
  const part =
    error.validationContext === undefined || error.validationContext === 'body' ? '' : `/${error.validationContext}`;
  const errors = fieldErrors(error.validation ?? [], part).slice(0, MAX_ERRORS);
  return new DomainError('validation-failed', 'The request is not valid: `errors` says where.', {
    errors,
    cause: error,
  });
}

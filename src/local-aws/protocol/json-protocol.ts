import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Network } from '../call.ts';
import { type Credential, NOBODY, readCredential } from '../enforcement/credentials.ts';
import { AwsError } from './errors.ts';
import { JSON_SERVICES, jsonError } from './json-services.ts';
import { type QueryService, queryAnswer, queryError, queryService, readForm } from './query-protocol.ts';

/** A request as it came over the wire, whatever the protocol. */
export type WireCall = {
  service: 'secretsmanager' | 'kms' | 'sqs' | 'organizations' | 'cloudtrail' | QueryService;
  operation: string;
  input: unknown;
  credential: Credential;
  network: Network;
  userAgent: string;
  /** What the answer's x-amzn-RequestId is. */
  requestId: string;
};

/** Calls that bear no signature: what they show instead is in the call. */
const UNSIGNED: ReadonlySet<string> = new Set(['AssumeRoleWithWebIdentity']);

const MAX_BODY_BYTES = 1024 * 1024;

/** Serves one HTTP request: AWS JSON (Secrets Manager, KMS, SQS, Organizations, CloudTrail) or the query protocol (STS, IAM, EC2). Never throws. */
export async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  dispatch: (call: WireCall, client: ServerResponse) => object | Promise<object>,
): Promise<void> {
  const requestId = randomUUID();
  response.setHeader('x-amzn-RequestId', requestId);
  const { 'x-amz-target': target, 'content-type': type = '' } = request.headers;
  const isQuery = target === undefined && type.startsWith('application/x-www-form-urlencoded');
  const [prefix = '', operation = ''] = String(target ?? '')
    .split('.')
    .slice(-2);
  const json = JSON_SERVICES.get(prefix);
  let query: QueryService = 'sts';
  const contentType = `application/x-amz-json-${json?.version ?? '1.1'}`;
  const send = (status: number, contentType: string, body: string) =>
    response.writeHead(status, { 'content-type': contentType, 'content-length': Buffer.byteLength(body) }).end(body);
  try {
    refuseForeignHosts(request.headers.host);
    const body = await readBody(request, json?.maxBodyBytes);
    const form = isQuery ? readForm(body) : undefined;
    const named = form === undefined ? operation : String(form['Action']);
    const credential = UNSIGNED.has(named) ? NOBODY : readCredential(request.headers);
    query = queryService(credential.service);
    const service = isQuery ? query : json?.service;
    if (service === undefined) throw unknownOperation();
    const call: WireCall = {
      service,
      operation: named,
      input: form ?? parseJson(body),
      credential,
      network: { sourceIp: request.socket.remoteAddress?.replace('::ffff:', '') ?? '127.0.0.1' },
      userAgent: request.headers['user-agent'] ?? '',
      requestId,
    };
    const answer = await dispatch(call, response);
    if (isQuery) send(200, 'text/xml', queryAnswer(query, call.operation, answer, requestId));
    else send(200, contentType, JSON.stringify(answer));
  } catch (error) {
    if (request.destroyed && !request.complete) return; // The client hung up: nobody to answer.
    const { code, message, status } = error instanceof AwsError ? error : internalError(error);
    if (status === 413) response.setHeader('connection', 'close');
    if (isQuery) return void send(...queryError(query, code, message, status, requestId));
    const { headers, body } = jsonError(json, code, message, status);
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    send(status, contentType, body);
  }
}

export const unknownOperation = (): AwsError =>
  new AwsError('UnknownOperationException', 'The operation is not known.');

function internalError(error: unknown): AwsError {
  process.stderr.write(`local AWS: ${error instanceof Error ? error.stack : String(error)}\n`);
  return new AwsError('InternalServiceError', 'An error occurred on the server side.', 500);
}

/** A web page must not reach the stand-in through a name that it made resolve to this machine (DNS rebinding). */
function refuseForeignHosts(host = ''): void {
  if (!/^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/.test(host)) {
    throw new AwsError('AccessDeniedException', 'The local stand-in answers to loopback names only.', 403);
  }
}

async function readBody(request: IncomingMessage, maxBytes = MAX_BODY_BYTES): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  // Not destroyed on an early end: the refusal still has to go out on this connection.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) {
      throw new AwsError('RequestEntityTooLargeException', 'The request is too large.', 413);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** An explicit null means "absent" in the AWS JSON protocol. */
function parseJson(body: string): unknown {
  try {
    return body === '' ? {} : (JSON.parse(body, (_, value) => value ?? undefined) ?? {});
  } catch {
    throw new AwsError('SerializationException', 'The body is not JSON.');
  }
}

/** An error as AWS answers it: the name of the exception, AWS's own wording, the HTTP status. */
export class AwsError extends Error {
  readonly code: string;
  readonly status: number;

  constructor(code: string, message: string, status = 400) {
    super(message);
    this.name = 'AwsError';
    this.code = code;
    this.status = status;
  }
}

export const validationError = (message: string): AwsError => new AwsError('ValidationException', message);
export const invalidRequest = (message: string): AwsError => new AwsError('InvalidRequestException', message);
export const invalidParameter = (message: string): AwsError => new AwsError('InvalidParameterException', message);
export const malformedPolicy = (message: string): AwsError => new AwsError('MalformedPolicyDocumentException', message);
export const accessDenied = (message: string): AwsError => new AwsError('AccessDeniedException', message);

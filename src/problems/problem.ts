import type { Circumstances, None } from './row.ts';
import { type FactsByCode, type ProblemCode, problems } from './table.ts';

type Said<Code extends ProblemCode> = None extends FactsByCode[Code]
  ? [facts?: FactsByCode[Code] & Circumstances]
  : [facts: FactsByCode[Code] & Circumstances];

/**
 * A refusal or failure with a code that callers can act on. Its row (src/problems/codes) says which facts it takes and what
 * they are told: `message`, in plain words, without internals.
 */
export class DomainError<Code extends ProblemCode = ProblemCode> extends Error {
  readonly code: ProblemCode;
  readonly facts: Circumstances;
  /** Further members of the problem document. */
  readonly members: Record<string, unknown>;
  /** Whether the same request may succeed later. */
  readonly isRetryable: boolean;

  constructor(code: Code, ...said: Said<Code>) {
    // Only who needs no facts may leave them out.
    const [facts = {} as FactsByCode[Code] & Circumstances] = said;
    const { detail, members, retry, retryHelps } = problems[code];
    const { afterword, cause } = facts;
    super([detail(facts), afterword].filter(Boolean).join(' '), cause === undefined ? undefined : { cause });
    this.name = 'DomainError';
    this.code = code;
    this.facts = facts;
    this.members = members?.(facts) ?? {};
    this.isRetryable = retry !== undefined && (retryHelps?.(facts) ?? true);
  }

  /** What was said of it, if it is of this code. */
  factsOf<Wanted extends ProblemCode>(code: Wanted): FactsByCode[Wanted] | undefined {
    return this.code === (code as ProblemCode) ? (this.facts as FactsByCode[Wanted]) : undefined;
  }

  /** The same problem, with what is known besides by now. */
  with(more: Circumstances): DomainError {
    return new DomainError(this.code, { ...this.facts, ...more });
  }

  /** What is refused for good, if anything is: this document, or whatever would change this secret. */
  get refuses(): 'document' | 'secret' | undefined {
    return problems[this.code].refuses;
  }

  /** Seconds after which a retry makes sense; undefined for what does not pass by itself. */
  get retryAfter(): number | undefined {
    const { retry } = problems[this.code];
    return this.facts.retryAfter ?? (typeof retry === 'number' ? retry : undefined);
  }
}

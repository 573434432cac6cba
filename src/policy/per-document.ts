import type { PolicyDocument } from './document.ts';

/** Works out once what follows from a document, for as long as that document is about: documents never change. */
export function perDocument<Result extends object | string>(work: (document: PolicyDocument) => Result) {
  const known = new WeakMap<PolicyDocument, Result>();
  return (document: PolicyDocument): Result => {
    let result = known.get(document);
    if (result === undefined) {
      result = work(document);
      known.set(document, result);
    }
    return result;
  };
}

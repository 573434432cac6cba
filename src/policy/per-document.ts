import type { PolicyDocument, Statement } from './document.ts';

/** Works out once what follows from a document, for as long as that document is about: documents never change. */
export const perDocument = <Result extends object | string>(work: (document: PolicyDocument) => Result) =>
  perObject(work);

/** The same of a statement: documents of which each has some of the same statements share it. */
export const perStatement = <Result extends object | string | boolean>(work: (statement: Statement) => Result) =>
  perObject(work);

/** The same of a list that never changes. */
export const perList = <Item, Result extends object>(work: (list: readonly Item[]) => Result) => perObject(work);

function perObject<Of extends object, Result extends object | string | boolean>(work: (of: Of) => Result) {
  const known = new WeakMap<Of, Result>();
  return (of: Of): Result => {
    let result = known.get(of);
    if (result === undefined) {
      result = work(of);
      known.set(of, result);
    }
    return result;
  };
}

import { canonicalStatement } from './canonical.ts';
import { asArray, type PolicyDocument, type Statement, statementsOf } from './document.ts';
import { perDocument } from './per-document.ts';

/**
 * The statements of two documents that only one of them has, member by member: of a statement that names hundreds and gets
 * one more, that one only.
 */
export function changedStatements(before: PolicyDocument | null, after: PolicyDocument | null): PolicyDocument[] {
  const [had, has] = [membersOf(before), membersOf(after)];
  return [onlyIn(had, has, before), onlyIn(has, had, after)].filter((document) => statementsOf(document).length > 0);
}

type Members = ReadonlyMap<string, Statement>;

const membersOf = (document: PolicyDocument | null): Members => (document === null ? new Map() : explode(document));

/** Each statement once for every AWS principal that it names. */
const explode = perDocument((document): Members => {
  const found = new Map<string, Statement>();
  for (const statement of statementsOf(document)) {
    const { Sid: _, ...body } = statement;
    const { Principal } = body;
    // What variables mean depends on the version.
    const version = JSON.stringify(body).includes('${') ? (document.Version ?? '') : '';
    if (Principal === undefined || Principal === '*' || Object.keys(Principal).join() !== 'AWS') {
      found.set(`${version} ${canonicalStatement(body)}`, body);
      continue;
    }
    const rest = canonicalStatement({ ...body, Principal: { AWS: [] } });
    for (const name of asArray(Principal.AWS)) {
      const account = /^arn:aws[a-z-]*:iam::(\d{12}):root$/.exec(name)?.[1];
      found.set(`${version} ${rest} ${account ?? name}`, { ...body, Principal: { AWS: name } });
    }
  }
  return found;
});

function onlyIn(some: Members, others: Members, document: PolicyDocument | null): PolicyDocument {
  const Statement = [...some].flatMap(([key, statement]) => (others.has(key) ? [] : [statement]));
  return { ...(document?.Version && { Version: document.Version }), Statement };
}

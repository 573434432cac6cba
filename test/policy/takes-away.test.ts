import t from 'tap';
import { takesAway } from '../../src/policy/changes/takes-away.ts';
import type { PolicyDocument, Statement } from '../../src/policy/document.ts';

const of = (...statements: Statement[]): PolicyDocument => ({ Version: '2012-10-17', Statement: statements });
const allow: Statement = {
  Sid: 'A',
  Effect: 'Allow',
  Action: ['secretsmanager:GetSecretValue', 'secretsmanager:DescribeSecret'],
  Principal: { AWS: ['111111111111', '222222222222'], Service: 'rds.amazonaws.com' },
  Resource: '*',
};
const deny: Statement = { ...allow, Sid: 'D', Effect: 'Deny' };
const under = { StringEquals: { 'aws:PrincipalOrgID': 'o-local00001' } };
const spare = (AWS: string[]): Statement => ({ Effect: 'Allow', Action: '*', NotPrincipal: { AWS }, Resource: '*' });
const less = { AWS: 'arn:aws:iam::222222222222:root' };

t.test('what gives nobody anything is seen: less is allowed, more is denied', async (t) => {
  const pairs: [string, PolicyDocument | null, PolicyDocument | null][] = [
    ['nothing changes', of(allow, deny), of(deny, allow)],
    ['a Deny comes', of(allow), of(allow, deny)],
    ['an Allow goes', of(allow, deny), of(deny)],
    ['all of it goes', of(allow), null],
    ['fewer are allowed', of(allow), of({ ...allow, Sid: 'B', Principal: less })],
    ['less is allowed', of(allow), of({ ...allow, Action: 'secretsmanager:DescribeSecret' })],
    ['more are denied', of({ ...deny, Principal: less }), of(deny)],
    ['more is denied', of({ ...deny, Action: 'secretsmanager:DescribeSecret' }), of(deny)],
  ];
  for (const [name, before, after] of pairs) t.ok(takesAway(before, after), name);
});

t.test('whatever may give somebody something is not taken for that', async (t) => {
  const pairs: [string, PolicyDocument | null, PolicyDocument | null][] = [
    ['a policy comes', null, of(deny)],
    ['an Allow comes', of(deny), of(deny, allow)],
    ['a Deny goes', of(allow, deny), of(allow)],
    ['a Deny goes with all else', of(deny), null],
    ['more are allowed', of({ ...allow, Principal: less }), of(allow)],
    ['everybody is allowed', of(allow), of({ ...allow, Principal: '*' })],
    ['nobody is named', of(allow), of({ ...allow, Principal: { AWS: [] } })],
    ['more is allowed', of({ ...allow, Action: 'secretsmanager:DescribeSecret' }), of(allow)],
    ['a condition goes', of({ ...allow, Condition: under }), of(allow)],
    ['a condition comes to a Deny', of(deny), of({ ...deny, Condition: under })],
    ['fewer are denied', of(deny), of({ ...deny, Principal: less })],
    ['less is denied', of(deny), of({ ...deny, Action: 'secretsmanager:DescribeSecret' })],
    ['all but one is allowed', of(allow), of({ ...allow, Action: [], NotAction: 'secretsmanager:PutSecretValue' })],
    ['fewer are excepted', of(spare(['111111111111', '222222222222'])), of(spare(['111111111111']))],
    ['variables get a meaning', { Version: '2008-10-17', Statement: allow }, of(allow)],
  ];
  for (const [name, before, after] of pairs) t.notOk(takesAway(before, after), name);
});

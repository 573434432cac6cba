import t from 'tap';

type Case = [values: object, body: object, words: string];

/** Modules of the console that need no browser, as they are served. */
const load = (name: string) => import(new URL(`../../console/${name}.js`, import.meta.url).href);
const { askedFor } = await load('asked-for');
const { incidentOf, aboutWhat } = await load('incidents');
const { pairsOf } = await load('pasted');
const { endOf, listed, spanOf, whom } = await load('whom');
const { ACTIONS, dayOf, readable, shortName, when } = await load('words');

const MARY = 'arn:aws:iam::123456789999:user/team/Mary';

t.test('times are told for people, with the zone', async (t) => {
  t.equal(dayOf('2027-01-30T23:30:00-02:00'), '31 Jan 2027 UTC');
  t.equal(when('2027-01-30T09:05:59Z'), '30 Jan 2027, 09:05 UTC');
  t.equal(
    readable('Mary may read (until 2027-01-30T09:05:00Z; from 2026-12-01T00:00:00.000Z on), not 2027-01-30.'),
    'Mary may read (until 30 Jan 2027, 09:05 UTC; from 1 Dec 2026, 00:00 UTC on), not 2027-01-30.',
  );
  t.equal(
    readable('It may deny Mary. It is ours: DELETE /v1/secrets/a%2Fb/denials/87 takes it away. Or not.'),
    'It may deny Mary. It is ours: the secret’s page can revoke it. Or not.',
    'what is a call for programs is none for people',
  );
});

t.test('lines are read as a spreadsheet or a person writes them, and each that is wrong is named', (t) => {
  const good = { at: 2, secretId: 'demo/database', who: MARY };
  for (const [pasted, ...pairs] of [
    [`\ufeffsecretId,principal\r\n"demo/database" , "${MARY}",\r\n\r\n`, good],
    [`Secret\tWho\ndemo/database\t${MARY}\t\t\n`, good],
    [`\ndemo/database;${MARY}`, good],
    ['"a,""b""", 222222222222', { at: 1, secretId: 'a,"b"', who: '222222222222' }],
    [' \r\n\ufeff'],
  ] as const) {
    t.strictSame(pairsOf(pasted), { pairs, wrong: [] }, pasted);
  }
  const notAPair = 'must be a secret and who, with a comma between.';
  t.strictSame(pairsOf(`demo/one, ${MARY}\ndemo/two\n"demo/three,x\n,${MARY}\ndemo/four, Mary\na, b, c`), {
    pairs: [{ at: 1, secretId: 'demo/one', who: MARY }],
    wrong: [
      ...[2, 3, 4].map((at) => `Line ${at} ${notAPair}`),
      'Line 5: “Mary” is no account number, ARN or organization.',
      `Line 6 ${notAPair}`,
    ],
  });
  t.end();
});

t.test('who is read as the API takes it', async (t) => {
  for (const [typed, request] of [
    [' 222222222222 ', { principal: '222222222222' }],
    ['o-local00001', { organization: 'o-local00001' }],
    ['o-local00001/r-ab12/ou-ab12-1', { organizationalUnit: 'o-local00001/r-ab12/ou-ab12-1' }],
    [MARY, { principal: MARY }],
    ['Ops@222222222222', { permissionSet: { name: 'Ops', account: '222222222222' } }],
    ['Mary', { principal: 'Mary' }],
  ]) {
    t.strictSame(whom(typed).request, request);
  }
  t.strictSame(listed('a, b;c\n\n d'), ['a', 'b', 'c', 'd']);
  t.equal(shortName(MARY), 'Mary');
  t.equal(shortName('arn:aws:iam::222222222222:root'), '222222222222');
});

t.test('a day ends with it, in UTC, as it is sent', async (t) => {
  t.equal(endOf('date', '2027-01-31').toISOString(), '2027-01-31T23:59:59.000Z');
  t.strictSame(spanOf('date', '2027-01-31'), { expiresAt: '2027-01-31T23:59:59.000Z' });
  t.equal(endOf('7d', '', 0).getTime(), 7 * 86_400_000);
  t.equal(endOf('none', '2027-01-31'), null);
  t.strictSame(spanOf('none', '2027-01-31'), {});
});

t.test('what waits is titled by what was asked for, not by what it would do', async (t) => {
  const secret = { name: 'demo/database' };
  for (const [action, request, title] of [
    ['share', { principal: MARY }, 'Share demo/database with user/team/Mary of 123456789999'],
    ['share', { organization: 'o-local00001' }, 'Share demo/database with o-local00001'],
    [
      'share',
      { permissionSet: { name: 'Ops', account: '222222222222' } },
      'Share demo/database with Ops of 222222222222',
    ],
    ['deny', { principal: '222222222222' }, 'Deny 222222222222 reading demo/database'],
    ['restrict', { boundary: {} }, 'Restrict demo/database'],
    ['rollback', { changeId: 'x' }, 'Go back: demo/database'],
  ]) {
    t.equal(askedFor({ action, request, secret }), title);
  }
  t.ok(Object.values(ACTIONS).every(Boolean));
});

t.test('an incident is asked for by what its form shows, and nothing that stood there before', async (t) => {
  const except = `${MARY}\n`;
  const cases: Case[] = [
    [
      { action: 'freeze', scope: 'secrets', freeze: 'a b', except },
      { freeze: { secretIds: ['a', 'b'] }, except: [MARY] },
      'Freeze a and 1 secret more',
    ],
    [
      { action: 'freeze', scope: 'tag', freeze: 'team', tagValue: ' x ' },
      { freeze: { tag: { key: 'team', value: 'x' } } },
      'Freeze what is tagged team=x',
    ],
    [
      { action: 'freeze', scope: 'tag', freeze: 'team' },
      { freeze: { tag: { key: 'team' } } },
      'Freeze what is tagged team',
    ],
    [
      { action: 'freeze', scope: 'account', freeze: '111111111111' },
      { freeze: { account: '111111111111' } },
      'Freeze account 111111111111',
    ],
    [
      { action: 'evict', freeze: 'a', except, evict: '222222222222' },
      { evict: { account: '222222222222' } },
      'Evict 222222222222',
    ],
    [{ action: 'evict', evict: MARY }, { evict: { principal: MARY } }, 'Evict user/team/Mary of 123456789999'],
  ];
  for (const [values, body, words] of cases) {
    t.strictSame(incidentOf({ ...values, reason: 'Leaked' }), { ...body, reason: 'Leaked' });
    t.equal(aboutWhat({ asked: body }), words);
  }
});

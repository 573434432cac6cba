import type { Caller } from '../../src/policy/evaluate/evaluation.ts';

const session = (account: string, role: string, path = ''): Caller => ({
  type: 'assumedRole',
  arn: `arn:aws:iam::${account}:role/${path}${role}`,
  account,
  sessionArn: `arn:aws:sts::${account}:assumed-role/${role}/s1`,
});

/** The callers that the tables in test/cases name. The resources belong to 111111111111. */
export const callers = {
  owner: { type: 'user', arn: 'arn:aws:iam::111111111111:user/owner', account: '111111111111' },
  ownerRoot: { type: 'account', arn: 'arn:aws:iam::111111111111:root', account: '111111111111' },
  reader: session('111111111111', 'reader'),
  anyReader: { type: 'assumedRole', arn: 'arn:aws:iam::111111111111:role/reader', account: '111111111111' },
  federatedOwner: {
    type: 'federatedUser',
    arn: 'arn:aws:sts::111111111111:federated-user/bob',
    account: '111111111111',
    sessionArn: 'arn:aws:sts::111111111111:federated-user/bob',
  },
  mary: {
    type: 'user',
    arn: 'arn:aws:iam::123456789999:user/Mary',
    account: '123456789999',
    uniqueId: 'AIDAEXAMPLEMARY00001',
  },
  pathedUser: { type: 'user', arn: 'arn:aws:iam::123456789999:user/team/Zoe', account: '123456789999' },
  root: { type: 'account', arn: 'arn:aws:iam::123456789999:root', account: '123456789999' },
  federated: {
    type: 'federatedUser',
    arn: 'arn:aws:sts::123456789999:federated-user/Bob',
    account: '123456789999',
    sessionArn: 'arn:aws:sts::123456789999:federated-user/Bob',
  },
  app: { ...session('222222222222', 'app'), uniqueId: 'AROAEXAMPLEAPP000001' },
  pathed: session('222222222222', 'app', 'team/'),
  anySession: { type: 'assumedRole', arn: 'arn:aws:iam::222222222222:role/app', account: '222222222222' },
  china: { type: 'user', arn: 'arn:aws-cn:iam::333333333333:user/li', account: '333333333333' },
  lambda: { type: 'service', arn: '', account: '', service: 'lambda.amazonaws.com' },
  ownService: { type: 'service', arn: '', account: '111111111111', service: 'lambda.amazonaws.com' },
  someone: { type: 'someone', arn: '', account: '' },
  someoneOfAccount: { type: 'someone', arn: '', account: '123456789999' },
  othersOfAccount: {
    type: 'someone',
    arn: '',
    account: '222222222222',
    except: ['arn:aws:iam::222222222222:role/app'],
  },
  othersOfAnyAccount: { type: 'someone', arn: '', account: '', except: ['arn:aws:iam::222222222222:root'] },
  pathless: { ...session('222222222222', 'app'), anyPath: true },
  anonymous: { type: 'anonymous', arn: '', account: '' },
} satisfies Record<string, Caller>;

export type CallerName = keyof typeof callers;

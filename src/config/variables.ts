import { isSecureUrl } from '../secure-url.ts';

export type Env = Readonly<Record<string, string | undefined>>;

/** Says that a variable is not as it must be, and what it takes. */
export type Wrong = (name: string, takes: string) => void;

/** A role that is assumed. */
export type Role = { name: string; externalId?: string };

/** Reads what the environment sets. A value that is wrong is told of, and given all the same: nobody goes on with it. */
export type Variables = {
  wrong: Wrong;
  /** Undefined where it is empty. */
  text(name: string): string | undefined;
  required(name: string, takes: string): string;
  matching(name: string, pattern: RegExp, takes: string): string | undefined;
  integer(name: string, fallback: number, min: number, max: number): number;
  oneOf<T extends string>(name: string, fallback: T, choices: readonly T[]): T | undefined;
  /** Items between commas, each once. */
  list(name: string, isItem: (item: string) => boolean, takes: string): string[] | undefined;
  accounts(name: string, takes?: string): string[] | undefined;
  role(name: string, externalId: string): Role | undefined;
  url(name: string): string | undefined;
  /** @param what in front of what is said of its scheme */
  secureUrl(name: string, what: string): string | undefined;
};

/** The characters of a role's name with its path: https://docs.aws.amazon.com/IAM/latest/APIReference/API_Role.html */
export const ROLE_NAME = '[\\w+=,.@/-]{1,512}';
const ROLE = new RegExp(`^${ROLE_NAME}$`);

export function createVariables(env: Env, wrong: Wrong): Variables {
  const text: Variables['text'] = (name) => env[name] || undefined;

  const held = (name: string, isRight: (value: string) => boolean, takes: string): string | undefined => {
    const value = text(name);
    if (value !== undefined && !isRight(value)) wrong(name, takes);
    return value;
  };
  const matching: Variables['matching'] = (name, pattern, takes) => held(name, (value) => pattern.test(value), takes);
  const list: Variables['list'] = (name, isItem, takes) => {
    const value = held(name, (all) => itemsOf(all).every(isItem), takes);
    return value === undefined ? undefined : [...new Set(itemsOf(value))];
  };

  return {
    wrong,
    text,
    matching,
    list,
    required(name, takes) {
      const value = text(name);
      if (value === undefined) wrong(name, takes);
      return value ?? '';
    },
    integer(name, fallback, min, max) {
      const isRight = (value: string) => /^\d{1,10}$/.test(value) && Number(value) >= min && Number(value) <= max;
      return Number(held(name, isRight, `a whole number from ${min} to ${max}`) ?? fallback);
    },
    oneOf(name, fallback, choices) {
      const value = text(name) ?? fallback;
      const chosen = choices.find((choice) => choice === value);
      if (chosen === undefined) wrong(name, `one of ${choices.join(', ')}`);
      return chosen;
    },
    accounts: (name, takes = 'account numbers of 12 digits, separated by commas') =>
      list(name, (account) => /^\d{12}$/.test(account), takes),
    role(name, externalId) {
      const given = matching(name, ROLE, 'the name of an IAM role');
      const id = externalIdIn(text(externalId));
      return given === undefined ? undefined : { name: given, ...id };
    },
    url: (name) => held(name, isHttpUrl, 'an http(s) URL'),
    secureUrl: (name, what) => held(name, isSecureUrl, `${what}: https, or http on loopback`),
  };
}

export const externalIdIn = (externalId: string | undefined): Pick<Role, 'externalId'> =>
  externalId === undefined ? {} : { externalId };

const isHttpUrl = (value: string): boolean => /^https?:$/.test(URL.parse(value)?.protocol ?? '');
const itemsOf = (value: string): string[] => value.split(',').map((item) => item.trim());

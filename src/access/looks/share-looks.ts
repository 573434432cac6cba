import type { SecretPolicies } from '../write/secret-policies.ts';

/**
 * For looks only: those that come while one at the same policy is under way wait for the next, and share it, since AWS
 * counts calls. None gets an answer that was asked for before it came, so that whoever has changed a policy sees it.
 */
export function shareLooks(policies: SecretPolicies): SecretPolicies {
  const get = shareCalls(policies.get);
  return { ...policies, get };
}

function shareCalls<T>(call: (id: string) => Promise<T>): (id: string) => Promise<T> {
  const running = new Map<string, Promise<T>>();
  const next = new Map<string, Promise<T>>();

  function start(id: string): Promise<T> {
    const result = call(id).finally(() => {
      if (running.get(id) === result) running.delete(id);
    });
    running.set(id, result);
    return result;
  }

  function startAfter(current: Promise<T>, id: string): Promise<T> {
    const go = () => {
      next.delete(id);
      return start(id);
    };
    // How the one before ended is for those who asked for it.
    const result = current.then(go, go);
    next.set(id, result);
    return result;
  }

  return (id) => {
    const current = running.get(id);
    return current === undefined ? start(id) : (next.get(id) ?? startAfter(current, id));
  };
}

import { BASE, go } from './router.js';
import { signInNeeded, signInOnce } from './session.js';

/** @import { Issuer } from './issuer.js' */

/** The issuer that the service names in its page; null where people paste what they have. @type {Issuer | null} */
export const issuer = JSON.parse(document.querySelector('meta[name=sign-in]')?.getAttribute('content') ?? 'null');

/** Where stands what must be known when somebody comes back from the issuer. */
export const KEPT = 'secret-access.signing-in';

/** PKCE takes SHA-256, which browsers have for secure origins only. */
export const mayLeave = issuer !== null && isSecureContext;

/** Leaves for the issuer. */
export async function leave() {
  if (issuer === null) return;
  const { leaveFor } = await import('./issuer.js');
  await leaveFor(issuer).catch(failed);
}

/**
 * Takes the token of somebody who comes back from the issuer. The code is out of the address before it is used, and what
 * was kept is used up.
 * @param {string[]} parts of where they came to
 */
export async function comeBack([place]) {
  if (place !== 'signed-in') return;
  const answer = new URL(location.href);
  const kept = sessionStorage.getItem(KEPT);
  sessionStorage.removeItem(KEPT);
  go(BASE, { replace: true });
  if (issuer === null) return;
  try {
    const { sessionOf } = await import('./issuer.js');
    signInOnce(await sessionOf(issuer, answer, kept));
  } catch (error) {
    failed(error);
  }
}

/** @param {unknown} error */
function failed(error) {
  signInNeeded.value = `Signing in failed: ${reasonOf(error)}`;
}

/** What the issuer says, else what is wrong with its answer. @param {unknown} error */
const reasonOf = (error) => {
  if (!(error instanceof Error)) return String(error);
  const { error_description: said } = /** @type {{ error_description?: string }} */ (error);
  return said ?? error.message;
};

import { signInNeeded, signInOnce } from './session.js';

/** @import { Issuer } from './issuer.js' */

/** The issuer that the service names in its page; null where people paste what they have. @type {Issuer | null} */
export const issuer = JSON.parse(document.querySelector('meta[name=sign-in]')?.getAttribute('content') ?? 'null');

/** PKCE takes SHA-256, which browsers have for secure origins only. */
export const mayLeave = issuer !== null && isSecureContext;

/** Leaves for the issuer. */
export async function leave() {
  if (issuer === null) return;
  const { leaveFor } = await import('./issuer.js');
  await leaveFor(issuer).catch(failed);
}

/** Takes the token of somebody who comes back from the issuer. @param {string[]} parts of where they came to */
export async function comeBack([place]) {
  if (issuer === null || place !== 'signed-in') return;
  const { tokenOf } = await import('./issuer.js');
  try {
    signInOnce(await tokenOf(issuer));
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

import { computed, signal } from '@preact/signals';
import { waiting } from './waiting.js';

/** @import { components } from '../client/schema.d.ts' */
/** @typedef {components['schemas']['Me']} Me */

const KEPT = 'secret-access.credential';

/** An API key or a token: for this tab alone, until it is closed. */
const credential = signal(sessionStorage.getItem(KEPT));

/** Why somebody must sign in; null while nobody must. */
export const signInNeeded = signal(/** @type {string | null} */ (null));

/** Who looks, as the service knows it; null until it has said so. */
export const me = signal(/** @type {Me | null} */ (null));

/** Counts up with each other caller: what was asked before is asked again. */
export const callers = signal(0);

export const isSignedIn = computed(() => credential.value !== null);

/** @param {string} text a key, or a token with or without `Bearer` */
export function signIn(text) {
  const pasted = text.trim().replace(/^Bearer /i, '');
  if (!/^[\x21-\x7e]+$/.test(pasted)) {
    signInNeeded.value = 'This is neither a key nor a token: it has a character that neither may have.';
    return;
  }
  sessionStorage.setItem(KEPT, pasted);
  use(pasted);
}

/** Where whoever signed in with the issuer signs out of it; null where it names no such place. */
let issuerEnd = /** @type {URL | null} */ (null);

/**
 * As `signIn`, and nothing is kept: the next load of the page signs in anew.
 * @param {{ token: string, end: URL | null }} session of the issuer, and where it is ended
 */
export function signInOnce({ token, end }) {
  sessionStorage.removeItem(KEPT);
  use(token);
  issuerEnd = end;
}

/** @param {string | null} kept */
function use(kept) {
  credential.value = kept;
  issuerEnd = null;
  signInNeeded.value = null;
  waiting.value = { count: 0, isPart: false };
  callers.value += 1;
}

// A browser brings a page that was left back as it was, with what somebody saw in it who may have signed out since.
addEventListener('pageshow', ({ persisted }) => persisted && location.reload());

/** Nothing that was seen stays, and the issuer asks for a password again. */
export function signOut() {
  sessionStorage.removeItem(KEPT);
  if (issuerEnd === null) location.reload();
  else location.replace(issuerEnd);
}

/** @returns {Record<string, string>} */
export function credentialHeaders() {
  const { value } = credential;
  if (value === null) return {};
  return value.split('.').length === 3 ? { authorization: `Bearer ${value}` } : { 'x-api-key': value };
}

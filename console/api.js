import createClient from 'openapi-fetch';
import { credentialHeaders, signInNeeded } from './session.js';

/** @import { paths, components } from '../client/schema.d.ts' */
/** @typedef {components['schemas']['Problem']} Problem */

/** Every call of the API, typed by its OpenAPI document. Credentials go to this service alone: it never redirects a call. */
export const api = /** @type {import('openapi-fetch').Client<paths>} */ (
  createClient({ baseUrl: location.origin, redirect: 'error' })
);
api.use({
  onRequest({ request }) {
    for (const [name, value] of Object.entries(credentialHeaders())) request.headers.set(name, value);
  },
});

/** What the API answers when it refuses, as RFC 9457 has it; `null` where no answer came. */
export class Refused extends Error {
  /**
   * @param {Partial<Problem> | null} problem
   * @param {number} [retryAfter] seconds
   */
  constructor(problem, retryAfter) {
    super(problem?.detail ?? 'The service can’t be reached.');
    this.problem = problem;
    this.retryAfter = retryAfter;
  }
  /** Whether the same may succeed when it is asked for again: it is said to, or nobody knows. */
  get mayPass() {
    return this.problem === null || this.problem.retryable === true || (this.problem.status ?? 0) >= 500;
  }
  /** @param {string[]} codes */
  is(...codes) {
    return codes.includes(this.problem?.code ?? '');
  }
}

/**
 * What a call is answered with.
 * @template T
 * @param {Promise<{ data?: T, error?: unknown, response: Response }>} asking a call of `api`
 * @returns {Promise<{ data: T, status: number }>}
 * @throws {Refused}
 */
export async function answerOf(asking) {
  const { data, error, response } = await asking.catch((cause) => {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause;
    throw new Refused(null);
  });
  if (response.ok) return { data: /** @type {T} */ (data), status: response.status };
  throw refusalOf(response, error);
}

/**
 * @template T
 * @param {Promise<{ data?: T, error?: unknown, response: Response }>} asking
 * @returns {Promise<T>}
 * @throws {Refused}
 */
export const ask = async (asking) => (await answerOf(asking)).data;

/**
 * @param {Response} response
 * @param {unknown} body
 */
export function refusalOf(response, body) {
  const isProblem = typeof body === 'object' && body !== null && 'title' in body;
  const problem = isProblem
    ? /** @type {Problem} */ (body)
    : { title: `HTTP ${response.status}`, detail: response.statusText };
  if (response.status === 401) signInNeeded.value ??= problem.detail;
  return new Refused(problem, Number(response.headers.get('retry-after')) || undefined);
}

/** The secret by the query: proxies change some names in a path. @param {string} secretId */
export const of = (secretId) => ({ path: { secretId: '-' }, query: { secretId } });

/**
 * The items of a list; `isWhole` unless there were more pages than `most`.
 * @template T
 * @param {(cursor: string | undefined) => Promise<{ items: T[], nextCursor: string | null }>} page
 * @param {number} most
 */
export async function itemsOf(page, most) {
  const items = [];
  let cursor = /** @type {string | null | undefined} */ (undefined);
  for (let pages = 0; pages < most && cursor !== null; pages += 1) {
    const { items: more, nextCursor } = await page(cursor);
    items.push(...more);
    cursor = nextCursor;
  }
  return { items, isWhole: cursor === null };
}

/**
 * All items of a list.
 * @template T
 * @param {(cursor: string | undefined) => Promise<{ items: T[], nextCursor: string | null }>} page
 */
export const allOf = async (page) => (await itemsOf(page, Number.POSITIVE_INFINITY)).items;

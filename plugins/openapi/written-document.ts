import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { FastifyRequest } from 'fastify';
import { type OAuthEndpoints, oauth2 } from '../oauth.ts';

type Form = { type: string; write(document: object): string | Promise<string> };

const json = 'application/json; charset=utf-8';
const JSON_FORM: Form = { type: json, write: (document) => JSON.stringify(document) };
const PRETTY: Form = { type: json, write: (document) => `${JSON.stringify(document, null, 2)}\n` };
const YAML: Form = { type: 'application/x-yaml', write: writeYaml };

/** It takes half a second: others are answered meanwhile. */
async function writeYaml(document: object): Promise<string> {
  const options = { workerData: JSON.stringify(document), execArgv: [], env: {} };
  const [text] = await once(new Worker(new URL('./yaml-thread.ts', import.meta.url), options), 'message');
  return String(text);
}

export function formOf({
  routeOptions: { url },
  pretty,
}: Pick<FastifyRequest, 'routeOptions' | 'pretty'>): Form | null {
  if (url === '/docs/yaml') return YAML;
  if (url === '/docs/json') return pretty ? PRETTY : JSON_FORM;
  return null;
}

/**
 * The document as it is sent. Anybody may ask for it, a hundred times at once on one connection, and to write it takes time:
 * that is done once, and again once it is known where people sign in.
 */
export function createWrittenDocument(
  document: () => Given,
): (form: Form, known: OAuthEndpoints | null) => Promise<Buffer> {
  let writtenFor: OAuthEndpoints | null = null;
  const kept = new Map<Form, Promise<Buffer>>();
  const write = async (form: Form, known: OAuthEndpoints | null) =>
    Buffer.from(await form.write(known === null ? document() : withSignIn(document(), known)));
  return (form, known) => {
    if (known !== writtenFor) kept.clear();
    writtenFor = known;
    const before = kept.get(form);
    if (before !== undefined) return before;
    const written = write(form, known);
    kept.set(form, written);
    // Whoever asks next tries again.
    written.catch(() => kept.delete(form));
    return written;
  };
}

type Given = { components?: object; security?: object[] };

const withSignIn = (document: Given, endpoints: OAuthEndpoints) => {
  const { components } = document as { components: { securitySchemes: object } };
  return {
    ...document,
    components: { ...components, securitySchemes: { ...components.securitySchemes, oauth2: oauth2(endpoints) } },
    security: [{ oauth2: [] }, ...(document.security ?? [])],
  };
};

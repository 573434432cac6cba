/** How people sign in: with whom, as which client, and what they ask to be let do (divided by spaces). */
export type SignIn = { issuer: string; clientId: string; scope: string };

const MARK = '{sign-in}';
const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** The page with it in an element that says it to the scripts of the page, and runs nothing. */
export function withSignIn(html: string, known: SignIn | null): string {
  if (known === null) return html.replace(MARK, '');
  const { issuer, clientId, scope } = known;
  const content = JSON.stringify({ issuer, clientId, scope }).replace(/[&<>"]/g, entityOf);
  return html.replace(MARK, () => `<meta name="sign-in" content="${content}">`);
}

const entityOf = (character: string): string => ENTITIES[character] ?? character;

/** What the service says of calls, said of this command: whoever reads it has a shell, not a request. */
export const forShell = (sentence: string): string =>
  WORDS.reduce(
    (words, [said, ours]) => words.replaceAll(said, ours),
    sentence.replace(
      REVOKING,
      (_, name: string, id: string) => `secret-access revoke ${decodeURIComponent(name)} ${id}`,
    ),
  );

const REVOKING = /DELETE \/v1\/secrets\/([^/\s?]+)\/(?:shares|denials|restrictions)\/([0-9a-f]+)/g;

const WORDS: readonly [said: string, ours: string][] = [
  ['grantKey: true', '--grant-key'],
  ['match: "arn"', '--arn'],
  ['acknowledgeEscalation: true', '--acknowledge-escalation'],
  ['acknowledgeUnreadable: true', '--acknowledge-unreadable'],
];

import { listed, minuteOf } from '../../english.ts';
import type { Instructions } from './instructions.ts';

/** What is handed over: for somebody who has not seen this service. */
export function inMarkdown(told: Omit<Instructions, 'markdown'>): string {
  const { who, secret, conditions, expiresAt, open } = told;
  const until = expiresAt === null ? [] : [`until ${minuteOf(new Date(expiresAt))}`];
  const limits = [...conditions, ...until];
  const parts = [
    `# Reading the secret ${inline(secret.name)}`,
    `Shared with ${plain(who)}${limits.length === 0 ? '' : ` (${limits.map(plain).join('; ')})`}, for ${listed(told.actions.map(inline))}.`,
    ...(open.length === 0
      ? []
      : ['## What may still be in the way', open.map((detail) => `- ${plain(detail)}`).join('\n')]),
    ...identityPart(told),
    ...podsPart(told),
    '## Name it by its full ARN',
    'A name alone is looked for in the account of whoever asks.',
    told.regions.map(({ region, arn }) => `- ${region}: ${inline(arn)}`).join('\n'),
    ...(told.commands === null
      ? []
      : [
          '## Read it',
          fenced('sh', told.commands.cli),
          fenced('js', told.commands.javascript),
          fenced('python', told.commands.python),
        ]),
  ];
  return `${parts.join('\n\n')}\n`;
}

const identityPart = ({ identityPolicy }: Pick<Instructions, 'identityPolicy'>): string[] =>
  identityPolicy === null
    ? []
    : [
        '## In your own account',
        'The identity policies of whoever reads must allow it too. Attach this to the role or user, unless one of its policies already does:',
        fenced('json', JSON.stringify(identityPolicy, null, 2)),
      ];

const podsPart = ({ serviceAccountAnnotation }: Pick<Instructions, 'serviceAccountAnnotation'>): string[] =>
  serviceAccountAnnotation === null
    ? []
    : [
        `Pods of Amazon EKS read with the role if its trust policy lets their service account in, and that has the annotation ${inline(serviceAccountAnnotation)}.`,
      ];

const fenced = (language: string, text: string): string => `${fenceFor(text)}${language}\n${text}\n${fenceFor(text)}`;

/** CommonMark, "Fenced code blocks": longer than any run of backticks inside. */
const fenceFor = (text: string): string =>
  '`'.repeat(Math.max(3, ...[...text.matchAll(/`+/g)].map(([run]) => run.length + 1)));

/** CommonMark, "Code spans". */
function inline(text: string): string {
  const oneLine = text.replaceAll(/\s+/g, ' ');
  if (!oneLine.includes('`')) return `\`${oneLine}\``;
  const fence = fenceFor(oneLine);
  return `${fence} ${oneLine} ${fence}`;
}

/** Text that says no Markdown, HTML or second line of its own: names and values of conditions are what somebody wrote. */
const plain = (text: string): string => text.replaceAll(/\s+/g, ' ').replaceAll(/[\\`*_{}[\]<>#|!&]/g, '\\$&');

import fc from 'fast-check';

const ODD = String.raw`|..|../..|%|%00|%2e|*|?|#|'|"|\|$|#{x}|{{x}}|{arn}x|[object Object]|null|undefined|NaN|-1|1e400|0x0|true`;
const NAMES = `__proto__|constructor|toString|İ|ß|💥|' OR 1=1 --|<script>|() { :; };|arn:aws:|arn:aws:iam::aws:root|o-`;

/** Texts that have broken other services. */
export const nastyText = fc.oneof(
  fc.constantFrom(
    ...ODD.split('|'),
    ...NAMES.split('|'),
    ...[' ', '\0', '\n', '`', '\u202e', '\ufeff', '\ufffe', '\ud800', '000000000000', '12345678901'],
    ...['a'.repeat(255), 'a'.repeat(256), 'a'.repeat(513), 'a/'.repeat(1_024), 'é'.repeat(600)],
    'arn:aws:secretsmanager:us-east-1:111111111111:secret:x',
    'arn:aws:secretsmanager:xx-nowhere-9:111111111111:secret:demo/database-AAAAAA',
    'arn:aws:secretsmanager:us-east-1:999999999999:secret:a-AAAAAA',
  ),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ maxLength: 40 }),
);

/** HTTP lets no controls through to us. */
export const nastyHeader = fc.constantFrom(
  ...['', '*', 'W/""', '"', '"a" , "b"', '{}', ',,,', 'null', '\x9f\xff', 'a'.repeat(300), 'a'.repeat(2_000)],
);

export const nastyJson = fc.oneof(
  nastyText,
  fc.jsonValue(),
  fc.constantFrom<unknown[]>(null, [], {}, 0, -1, 1e308, true, [[]], { '': '' }),
);

export const nastyType = fc.constantFrom(
  ...[
    'text/plain',
    'application/json; charset=utf-16',
    'application/xml',
    '*/*',
    'x',
    'application/json;',
    'application/JSON',
  ],
);

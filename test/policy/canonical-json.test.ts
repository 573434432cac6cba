import assert from 'node:assert/strict';
import canonicalize from 'canonicalize';
import fc from 'fast-check';
import t from 'tap';
import { canonicalJson } from '../../src/json/canonical-json.ts';
import { holds } from './property.ts';

const values = fc.oneof(
  fc.jsonValue({ stringUnit: 'binary' }),
  fc.dictionary(
    fc.oneof(fc.string({ unit: 'binary' }), fc.nat().map(String)),
    fc.oneof(fc.constant(undefined), fc.date({ noInvalidDate: true }), fc.jsonValue()),
  ),
);

holds(
  'canonical JSON is that of RFC 8785’s reference implementation',
  fc.property(values, (value) => assert.equal(canonicalJson(value), canonicalize(value))),
  300,
);

t.test('names stand in the order of their UTF-16 code units (RFC 8785 section 3.2.3)', async (t) => {
  const names = {
    '\u20ac': 1,
    '\r': 2,
    '\ufb33': 3,
    '1': 4,
    '\u{1f600}': 5,
    '\u0080': 6,
    '\u00f6': 7,
    '10': 8,
    '9': 9,
  };
  const told = Object.entries(JSON.parse(canonicalJson(names).replaceAll(/"(\d+)":/g, '"n$1":')));
  t.same(
    told.map(([, value]) => value),
    [2, 4, 8, 9, 6, 7, 1, 5, 3],
  );
});

t.test('what JSON can’t carry is refused', async (t) => {
  const part: Record<string, unknown> = {};
  part['whole'] = [part];
  for (const value of ['\ud800', 'x\udc00y', { '\ud800': 1 }, [Number.NaN], { a: Number.POSITIVE_INFINITY }, part])
    t.throws(() => canonicalJson(value));
  const twice = { a: 1 };
  t.equal(canonicalJson([twice, twice]), '[{"a":1},{"a":1}]', 'twice is no cycle');
});

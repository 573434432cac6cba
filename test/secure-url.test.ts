import t from 'tap';
import { isSecureUrl } from '../src/secure-url.ts';

for (const url of ['https://issuer.example', 'http://localhost:3000/a', 'http://127.1.2.3', 'http://[::1]:80/']) {
  t.test(`${url} is secure`, async (t) => {
    t.ok(isSecureUrl(url));
  });
}

for (const url of [
  'http://issuer.example',
  'http://localhost.example',
  'http://127.0.0.1.example',
  'http://localhost@issuer.example',
  'http://[::2]',
  'ftp://localhost',
  'localhost',
  '',
]) {
  t.test(`${url || 'nothing'} is not secure`, async (t) => {
    t.notOk(isSecureUrl(url));
  });
}

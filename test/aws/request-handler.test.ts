import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import { createAwsClients } from '../../src/aws/clients.ts';
import { createSecretPolicies } from '../../src/aws/secret-policies.ts';
import { PATIENT } from '../helper.ts';
import { problemOf } from './start.ts';

const ARN = 'arn:aws:secretsmanager:us-east-1:111111111111:secret:demo-AbCdEf';

async function policiesBefore(t: Test, answer: RequestListener) {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const clients = createAwsClients({
    ...{ region: 'us-east-1', ...PATIENT, maxClients: 1, clock: () => new Date() },
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    credentials: { accessKeyId: 'LOCALSERVICE', secretAccessKey: 'any' },
  });
  t.teardown(() => {
    clients.close();
    server.close();
  });
  return createSecretPolicies(clients);
}

t.test('an answer without end is not read to its end', async (t) => {
  let sent = 0;
  const policies = await policiesBefore(t, (_, response) => {
    const piece = Buffer.alloc(1_048_576, ' ');
    const more = () => {
      if (response.destroyed) return;
      sent += 1;
      response.write(piece, more);
    };
    more();
  });
  t.match(await problemOf(policies.get(ARN)), { facts: { cause: { message: /more than 33554432 bytes/ } } });
  t.ok(sent < 100, `${sent} MiB`);
});

t.test('a clock that is wrong is put right by what AWS says of the time, and the call goes on', async (t) => {
  const dates: number[] = [];
  const ahead = 3_600_000;
  const policies = await policiesBefore(t, (request, response) => {
    const [, year, month, day, hour, minute] =
      /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)/.exec(String(request.headers['x-amz-date'])) ?? [];
    dates.push(Date.parse(`${year}-${month}-${day}T${hour}:${minute}:00Z`) - Date.now());
    const now = new Date(Date.now() + ahead).toUTCString();
    const isLate = dates.length === 1;
    response.writeHead(isLate ? 400 : 200, {
      date: now,
      'x-amzn-requestid': 'one',
      'content-type': 'application/x-amz-json-1.1',
    });
    response.end(JSON.stringify(isLate ? { __type: 'RequestExpired', message: 'Request has expired' } : { ARN }));
  });
  t.equal(await policies.get(ARN), null);
  t.ok((dates[0] ?? 0) < 60_000, 'the first goes by our clock');
  t.ok((dates[1] ?? 0) > ahead - 120_000, 'the second by that of AWS');
});

t.test('AWS is told by which SDK it is asked, and nothing is left of the steps that are spared', async (t) => {
  const headers: IncomingHttpHeaders[] = [];
  const policies = await policiesBefore(t, (request, response) => {
    headers.push(request.headers);
    response.writeHead(200, { 'x-amzn-requestid': 'one' }).end(JSON.stringify({ ARN }));
  });
  await policies.get(ARN);
  t.match(
    headers[0]?.['user-agent'],
    /^aws-sdk-js\/3\.\S+ .*os\/\S+#\S+ .*md\/nodejs#\d+\..* api\/secrets-manager#3\./,
  );
  // The SDK's own step would set this one, too: it may have another name by now.
  t.equal(headers[0]?.['x-amz-user-agent'], undefined);
});

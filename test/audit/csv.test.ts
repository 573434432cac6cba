import t from 'tap';
import { csvLine } from '../../src/audit/csv.ts';

t.test('no text that a caller chose is a formula, by whatever sign a spreadsheet knows one', async (t) => {
  for (const sign of ['=', '+', '-', '@', '\t', '\r', '\n', '\uff1d', '\uff0b', '\uff0d', '\uff20']) {
    t.match(csvLine([`${sign}1+1`]), /^"?'/, JSON.stringify(sign));
  }
  t.equal(csvLine(['a=1', -1, 'b']), 'a=1,-1,b\r\n');
});

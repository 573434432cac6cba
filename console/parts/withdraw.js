import { useRef } from 'preact/hooks';
import { api, ask } from '../api.js';
import { createKeys } from '../changing.js';
import { useDuring } from '../during.js';
import { html } from '../html.js';
import { Busy, Problem } from './face.js';
import { say } from './toast.js';

/** Whoever asked takes it back, until somebody has decided. @param {{ approvalId: string, onDone: () => void }} props */
export function Withdraw({ approvalId, onDone }) {
  const { error, isBusy, during, onStop } = useDuring();
  const keyFor = useRef(createKeys()).current;
  const withdraw = () =>
    during(async (signal) => {
      const params = { path: { approvalId }, header: { 'idempotency-key': keyFor(approvalId) } };
      await ask(api.POST('/v1/approvals/{approvalId}/withdraw', { signal, params, body: {} }));
      say({ text: 'Withdrawn. Nothing was changed.' });
      onDone();
    });
  return html`
    ${error !== undefined && html`<${Problem} error=${error} />`}
    <${Busy} isBusy=${isBusy} onStop=${onStop} />
    <p><button type="button" disabled=${isBusy} onClick=${withdraw}>${isBusy ? 'Withdrawing …' : 'Withdraw'}</button></p>`;
}

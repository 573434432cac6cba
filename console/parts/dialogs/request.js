import { html } from '../../html.js';
import { Dialog } from '../dialog.js';
import { RequestForm } from '../request-form.js';

/** @param {{ secretId: string, name: string, onClose: () => void }} props */
export const RequestDialog = ({ secretId, name, onClose }) => html`
  <${Dialog} title=${`Ask to read ${name}`} onClose=${onClose}>
    <${RequestForm} secretId=${secretId} onDone=${onClose} onCancel=${onClose} />
  <//>`;

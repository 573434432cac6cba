import { useEffect, useState } from 'preact/hooks';
import { useAsked } from '../asked.js';
import { useCan } from '../can.js';
import { html } from '../html.js';
import { DenyDialog } from '../parts/dialogs/deny.js';
import { RestoreDialog } from '../parts/dialogs/mend.js';
import { RequestDialog } from '../parts/dialogs/request.js';
import { RestrictDialog } from '../parts/dialogs/restrict.js';
import { RevokeDialog } from '../parts/dialogs/revoke.js';
import { ShareDialog } from '../parts/dialogs/share.js';
import { Document } from '../parts/document.js';
import { Face } from '../parts/face.js';
import { REVOKES } from '../parts/reader-row.js';
import { Readers } from '../parts/readers.js';
import { Alerts, Facts, Tabs } from '../parts/secret-head.js';
import { Timeline } from '../parts/timeline.js';
import { Title } from '../parts/title.js';
import { route, setQuery, to } from '../router.js';
import { secretAt } from '../secret-now.js';
import { secretName } from '../words.js';

/** @import { Entry } from '../words.js' */
/** @typedef {keyof typeof DIALOGS | 'request'} Kind */
/** @typedef {{ kind: Kind, entry?: Entry }} Chosen */

/** @param {string} secretId */
const useSecret = (secretId) => useAsked((signal) => secretAt(secretId, signal), [secretId]);

/** Who can read this secret? @param {{ parts: string[] }} props */
export default function Secret({ parts: [, secretId = '', tab = 'readers'] }) {
  const asked = useSecret(secretId);
  const can = useCan(secretId);
  const [dialog, setDialog] = useState(/** @type {Chosen | null} */ (null));
  const [changes, setChanges] = useState(0);
  const secret = asked.data?.policy.secret;
  const open = (/** @type {Kind} */ kind, /** @type {Entry | undefined} */ entry = undefined) =>
    setDialog({ kind, entry });
  const onDone = () => {
    asked.again();
    setChanges(changes + 1);
  };
  const close = () => setDialog(null);
  useAskedDialog(can, secret !== undefined, open);
  const Change = dialog && dialog.kind !== 'request' && DIALOGS[dialog.kind];
  return html`
    <p class="back"><a href=${to('secrets')}>Secrets</a></p>
    <${Title} also=${html`<${Actions} can=${can} open=${open} />`}>${secret?.name ?? secretName(secretId)}<//>
    <${Face} asked=${asked}>
      ${(/** @type {NonNullable<typeof asked.data>} */ data) => html`
        <${Facts} secret=${data.policy.secret} />
        <${Alerts} policy=${data.policy} can=${can} open=${open} />
        <${Tabs} secretId=${secretId} tab=${tab} />
        ${tab === 'readers' && html`<${Readers} ...${data} can=${can} onRevoke=${(/** @type {Entry} */ entry) => open('revoke', entry)} />`}
        ${tab === 'timeline' && html`<${Timeline} secret=${data.policy.secret} can=${can} changes=${changes} onDone=${onDone} />`}
        ${tab === 'document' && html`<${Document} policy=${data.policy} notes=${data.notes} />`}
        ${Change && html`<${Change} secret=${data.policy.secret} entry=${dialog?.entry} mayRollBack=${can('rollback') !== undefined} approval=${approvalOf(dialog, can)} onClose=${close} onDone=${onDone} />`}`}
    <//>
    ${dialog?.kind === 'request' && html`<${RequestDialog} secretId=${secretId} name=${secret?.name ?? secretName(secretId)} onClose=${close} />`}`;
}

/** What an address may open, empty: `?do=share`. @type {Map<string, [Kind, Parameters<ReturnType<typeof useCan>>[0]]>} */
const DEEDS = new Map([
  ['share', ['share', 'share']],
  ['deny', ['deny', 'deny']],
  ['restrict', ['restrict', 'restrict']],
  ['request', ['request', 'requestAccess']],
]);

/** Once it is known that it may be offered. @param {ReturnType<typeof useCan>} can @param {boolean} isThere @param {(kind: Kind) => void} open */
function useAskedDialog(can, isThere, open) {
  const [kind, action] = DEEDS.get(route.value.query.get('do') ?? '') ?? [];
  const isOffered = isThere && action !== undefined && can(action) !== undefined;
  useEffect(() => {
    if (!isOffered || kind === undefined) return;
    open(kind);
    setQuery({ do: '' });
  }, [isOffered, kind]);
}

/** Which group must say yes first. @param {Chosen | null} dialog @param {ReturnType<typeof useCan>} can */
const approvalOf = (dialog, can) => {
  const actions = /** @type {const} */ ({
    share: 'share',
    deny: 'deny',
    restrict: 'restrict',
    restore: 'restoreDrift',
    revoke: REVOKES[dialog?.entry?.kind ?? 'share'],
  });
  return dialog && dialog.kind !== 'request' && can(actions[dialog.kind])?.approval;
};

const DIALOGS = {
  share: ShareDialog,
  deny: DenyDialog,
  restrict: RestrictDialog,
  revoke: RevokeDialog,
  restore: RestoreDialog,
};

/** @param {{ can: ReturnType<typeof useCan>, open: (kind: Kind) => void }} props */
const Actions = ({ can, open }) => html`
  <div class="actions">
    ${can('share') && html`<button type="button" class="primary" data-key="s" onClick=${() => open('share')}>Share</button>`}
    ${!can('share') && can('requestAccess') && html`<button type="button" class="primary" onClick=${() => open('request')}>Ask for access</button>`}
    ${can('deny') && html`<button type="button" class="danger" data-key="d" onClick=${() => open('deny')}>Deny</button>`}
    ${can('restrict') && html`<button type="button" class="danger" onClick=${() => open('restrict')}>Restrict</button>`}
  </div>`;

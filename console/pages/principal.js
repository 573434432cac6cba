import { useState } from 'preact/hooks';
import { api, ask } from '../api.js';
import { html } from '../html.js';
import { DenyDialog } from '../parts/dialogs/deny.js';
import { Empty, Face } from '../parts/face.js';
import { Text } from '../parts/fields.js';
import { Filter } from '../parts/filters.js';
import { ReadableRow, textOf } from '../parts/readable-row.js';
import { ShowMore, Tally } from '../parts/tally.js';
import { Title } from '../parts/title.js';
import { go, to } from '../router.js';
import { useWholeList } from '../whole-list.js';
import { ONE_HINT, oneNamed } from '../whom.js';
import { shortName } from '../words.js';

/** @import { Readable } from '../parts/readable-row.js' */
/** @import { Whole } from '../whole-list.js' */

/** What may it read? @param {{ parts: string[] }} props */
export default function Principal({ parts: [, principal] }) {
  return html`
    <${Title}>${principal === undefined ? 'Principals' : shortName(principal)}<//>
    ${principal !== undefined && shortName(principal) !== principal && html`<p><code>${principal}</code></p>`}
    <${LookUp} key=${principal} principal=${principal ?? ''} />
    ${principal === undefined ? html`<${Empty}>Say who: then all that it may read is here, over all accounts and Regions.<//>` : html`<${Reads} principal=${principal} />`}`;
}

/** @param {{ principal: string }} props */
function LookUp({ principal }) {
  const [values, setValues] = useState(/** @type {Record<string, any>} */ ({ who: principal }));
  const form = { values, errors: {}, set: (/** @type {object} */ more) => setValues({ ...values, ...more }) };
  const submit = (/** @type {Event} */ event) => {
    event.preventDefault();
    go(to('principals', values['who'].trim()));
  };
  return html`
    <form class="filters" role="search" onSubmit=${submit}>
      <div class="grow"><${Text} form=${form} name="who" type="search" label="Who?" required hint=${oneNamed(values['who']).words || ONE_HINT} /></div>
      <div class="field go"><button type="submit" class="primary">Look up</button></div>
    </form>`;
}

/** @param {{ principal: string }} props */
function Reads({ principal }) {
  const [text, setText] = useState('');
  const [denied, setDenied] = useState(/** @type {any} */ (null));
  const list = useWholeList(
    (signal, page) =>
      ask(api.GET('/v1/principals/{principal}/secrets', { signal, params: { path: { principal }, query: page } })),
    [principal],
  );
  return html`
    <${Face} asked=${list}>
      ${(/** @type {Whole<Readable>} */ data) => {
        const matching = data.all.filter((item) => textOf(item).includes(text.trim().toLowerCase()));
        const rows = text === '' ? data.items : matching.slice(0, data.items.length);
        return html`
          ${data.all.length > 5 && html`<${Filter} text=${text} hint="Name, place, or what is missing" said=${`${matching.length} of ${data.all.length}`} onText=${setText} />`}
          ${text === '' && html`<${Tally} data=${data} one="secret" />`}
          ${
            data.all.length === 0
              ? html`<${Empty}>${data.isWhole ? 'Reads nothing that we can see.' : 'None so far.'}<//>`
              : html`<table class="rows">
                <thead><tr><th scope="col">Secret</th><th scope="col">Reads</th><th scope="col">Through</th><th scope="col">Missing, or not known</th></tr></thead>
                <tbody>${rows.map((item) => html`<${ReadableRow} key=${item.secret.arn} item=${item} onDeny=${setDenied} />`)}</tbody>
              </table>`
          }
          <${ShowMore} data=${data} onMore=${list.showMore} />`;
      }}
    <//>
    ${denied && html`<${DenyDialog} ...${denied} who=${principal} onClose=${() => setDenied(null)} onDone=${list.again} />`}`;
}

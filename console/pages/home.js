import { Refused } from '../api.js';
import { useAsked } from '../asked.js';
import { SECTIONS } from '../home.js';
import { html } from '../html.js';
import { useRefresh } from '../live.js';
import { Face, Problem } from '../parts/face.js';
import { Title } from '../parts/title.js';
import { me } from '../session.js';
import { Begin } from './incidents.js';

/** @import { Found, Line, Section } from '../home.js' */
/** @typedef {{ section: Section, found?: Found, error?: Refused }} Shown */

/** AWS is asked about what waits. */
const REFRESH_MS = 60_000;

/** What needs me? By what one may do; what there is nothing of comes last. */
export default function Home() {
  const can = me.value?.capabilities;
  const sections = can ? SECTIONS.filter(({ may }) => may(can)) : [];
  const asked = useAsked(
    async (signal) => {
      const all = await Promise.all(sections.map((section) => shownOf(section, signal)));
      const has = all.filter(({ found }) => found === undefined || found.lines.length > 0);
      return { has, none: all.filter((one) => !has.includes(one)) };
    },
    [sections.map(({ title }) => title)],
  );
  useRefresh(asked.again, REFRESH_MS);
  return html`
    <${Title} also=${can?.incident && html`<${Begin} />`}>What needs you<//>
    <${Face} asked=${asked}>
      ${(/** @type {{ has: Shown[], none: Shown[] }} */ { has, none }) => html`
        <div class="home">${has.map((shown) => html`<${Card} key=${shown.section.title} ...${shown} again=${asked.again} />`)}</div>
        <ul class="nothing">${none.map(({ section, found }) => html`<li><a href=${section.all}>${section.title}</a>: ${found?.none ?? (found?.isPart ? 'none of those that were looked through.' : section.none)}</li>`)}</ul>`}
    <//>`;
}

/** One that cannot be asked for leaves the others. @param {Section} section @param {AbortSignal} signal @returns {Promise<Shown>} */
async function shownOf(section, signal) {
  try {
    return { section, found: await section.load(signal) };
  } catch (error) {
    if (error instanceof Refused) return { section, error };
    throw error;
  }
}

/** @param {Shown & { again: () => void }} props */
const Card = ({ section: { title, all }, found, error, again }) => html`
  <section class="card">
    <h2>${title} ${found && html`<span class="count">${found.count.toLocaleString('en')}${found.isPart && '+'}</span>`}</h2>
    ${error && html`<${Problem} error=${error} again=${again} />`}
    ${found && html`<ul class="lines">${found.lines.map((line) => html`<${OneLine} key=${line.key} ...${line} />`)}</ul>`}
    <p><a href=${all}>All of it<span class="unseen">: ${title}</span></a></p>
  </section>`;

/** @param {Line} props */
const OneLine = ({ words, href, also }) => html`
  <li><a data-row href=${href}>${words}</a>${also && html`<div class="hint">${also}</div>`}</li>`;

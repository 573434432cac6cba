import { useEffect, useState } from 'preact/hooks';
import { Refused } from '../api.js';
import { html } from '../html.js';
import { readable, when } from '../words.js';
import { Icon } from './icon.js';
import { ProblemFacts } from './problem-facts.js';

/** @import { Asked } from '../asked.js' */

/**
 * What was asked for, or how far that is: it waits, was refused, or the service is gone. Old data stays, with its time.
 * @template T
 * @param {{ asked: Asked<T>, children: (data: T) => unknown }} props
 */
export function Face({ asked, children }) {
  const { data, error, at, again, waiting } = asked;
  if (data === undefined)
    return error === undefined || waiting
      ? html`<${Waiting} again=${again} />`
      : html`<${Problem} error=${error} again=${again} />`;
  return html`
    ${error !== undefined && html`<${Problem} error=${error} again=${again} />`}
    ${error !== undefined && at && html`<p class="hint">As of ${when(at)}.</p>`}
    ${waiting && at && html`<${Waiting} again=${again} at=${at} />`}
    ${children(data)}
  `;
}

/** Milliseconds after which somebody would like to know. */
const LONG_MS = 10_000;

/** Whether it is long since this came, or since somebody said that they wait. */
function useLong() {
  const [since, setSince] = useState(0);
  const [long, setLong] = useState(/** @type {number | null} */ (null));
  useEffect(() => {
    const timer = setTimeout(() => setLong(since), LONG_MS);
    return () => clearTimeout(timer);
  }, [since]);
  return { isLong: long === since, wait: () => setSince(since + 1) };
}

/** Its look comes by itself, after a moment (parts.css). @param {{ again: () => void, at?: Date }} props `at`: of what is shown meanwhile */
function Waiting({ again, at }) {
  const { isLong, wait } = useLong();
  const retry = () => {
    wait();
    again();
  };
  if (isLong)
    return html`<p class="notice" role="status"><${Icon} name="clock" /><span>No answer yet.${at && ` What is here is as of ${when(at)}.`}</span> <button type="button" onClick=${wait}>Wait</button> <button type="button" onClick=${retry}>Retry</button></p>`;
  return (
    at === undefined &&
    html`<div class="waiting" role="status"><span class="asking">Asking AWS …</span><i></i><i></i><i></i></div>`
  );
}

/** What somebody asked for with a button goes on, until they no longer wait for it. @param {{ isBusy: boolean, onStop: () => void }} props */
export const Busy = ({ isBusy, onStop }) => isBusy && html`<${LongBusy} onStop=${onStop} />`;

/** @param {{ onStop: () => void }} props */
const LongBusy = ({ onStop }) =>
  useLong().isLong &&
  html`<p class="notice" role="status"><${Icon} name="clock" /><span>No answer yet: it is still asked for.</span> <button type="button" onClick=${onStop}>Stop waiting</button></p>`;

/** A refusal for people: what happened, and what to do. @param {{ error: unknown, again?: () => void }} props */
export function Problem({ error, again }) {
  if (!(error instanceof Refused)) return html`<${Broken} />`;
  const { problem } = error;
  if (problem === null) {
    return html`
      <div class="notice problem" role="alert">
        <${Icon} name="warning" />
        <div><strong>The service can’t be reached.</strong> <span>Is it running, and are you online?</span></div>
        ${again && html`<button type="button" onClick=${again}>Retry</button>`}
      </div>`;
  }
  const isHidden = problem.status === 403;
  return html`
    <div class="notice problem" role="alert">
      <${Icon} name="warning" />
      <div>
        <strong>${isHidden ? 'You may not do this.' : `${problem.title}.`}</strong> <span>${problem.detail && readable(problem.detail)}</span>
        <${ProblemFacts} problem=${problem} />
        <p class="hint">
          ${problem.type && html`<a href=${problem.type} target="_blank" rel="noreferrer">What to do</a>`}
          ${problem.requestId && html` <span>Request <code>${problem.requestId}</code></span>`}
        </p>
      </div>
      ${again && error.mayPass && html`<button type="button" onClick=${again}>Retry</button>`}
    </div>`;
}

/** No answer of the service: an error of this page, or a module of a release that is gone. */
const Broken = () => html`
  <div class="notice problem" role="alert">
    <${Icon} name="warning" />
    <div><strong>This page can’t be shown.</strong> <span>A newer release of the console may be here: reload.</span></div>
    <button type="button" onClick=${() => location.reload()}>Reload</button>
  </div>`;

/** @param {{ children: unknown }} props */
export const Empty = ({ children }) => html`<p class="empty">${children}</p>`;

import { useEffect, useId, useRef } from 'preact/hooks';
import { html } from '../html.js';

/**
 * A native dialog: it keeps the focus inside, Escape closes it, and the focus goes back to what opened it.
 * @param {{ title: string, isBusy?: boolean, onClose: () => void, children: unknown }} props `isBusy`: it can’t be closed
 */
export function Dialog({ title, isBusy = false, onClose, children }) {
  // One may stand over another.
  const id = useId();
  const dialog = useRef(/** @type {HTMLDialogElement | null} */ (null));
  useEffect(() => {
    const opener = document.activeElement;
    dialog.current?.showModal();
    return () => {
      if (opener instanceof HTMLElement && opener.isConnected) opener.focus();
    };
  }, []);
  const onCancel = (/** @type {Event} */ event) => (isBusy ? event.preventDefault() : onClose());
  // A browser lets a page hold back only the first of two.
  const closed = () => (isBusy ? dialog.current?.showModal() : onClose());
  return html`
    <dialog ref=${dialog} aria-labelledby=${id} onClose=${closed} onCancel=${onCancel}>
      <h2 id=${id}>${title}</h2>
      ${children}
    </dialog>`;
}

import { useEffect, useRef } from 'preact/hooks';
import { html } from '../html.js';

/**
 * A native dialog: it keeps the focus inside, Escape closes it, and the focus goes back to what opened it.
 * @param {{ title: string, onClose: () => void, children: unknown }} props
 */
export function Dialog({ title, onClose, children }) {
  const dialog = useRef(/** @type {HTMLDialogElement | null} */ (null));
  useEffect(() => {
    const opener = document.activeElement;
    dialog.current?.showModal();
    return () => {
      if (opener instanceof HTMLElement && opener.isConnected) opener.focus();
    };
  }, []);
  return html`
    <dialog ref=${dialog} aria-labelledby="dialog-title" onClose=${onClose} onCancel=${onClose}>
      <h2 id="dialog-title">${title}</h2>
      ${children}
    </dialog>`;
}

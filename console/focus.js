/**
 * Where the focus goes when what had it goes away, or may not be pressed for a while: never to the body, from where a keyboard
 * begins anew and a screen reader says nothing.
 */

/** What has a heading, or says itself where one is. */
const PLACES = 'dialog, .toast, .approval, section, main';

/** What had the focus last, and what it stands in. @type {Element[]} */
let last = [];

export function keepFocus() {
  addEventListener('focusin', ({ target }) => {
    last = target instanceof Element ? [...withAncestors(target)] : [];
  });
  // Whoever presses where nothing takes the focus means to leave.
  addEventListener('pointerdown', () => {
    last = [];
  });
  const changes = { childList: true, subtree: true, attributes: true, attributeFilter: ['disabled'] };
  new MutationObserver(bringBack).observe(document.body, changes);
}

/** @param {Element} element */
function* withAncestors(element) {
  for (let one = /** @type {Element | null} */ (element); one !== null; one = one.parentElement) yield one;
}

function bringBack() {
  const [control] = last;
  if (control === undefined || document.activeElement !== document.body) return;
  const place = control.isConnected ? control : headingOf(last.find((one) => one.isConnected && one.matches(PLACES)));
  if (!(place instanceof HTMLElement)) return;
  if (place !== control && !place.hasAttribute('tabindex')) place.tabIndex = -1;
  place.focus({ preventScroll: true });
}

/** @param {Element | undefined} place */
const headingOf = (place = document.querySelector('main') ?? undefined) => place?.querySelector('h1, h2, h3') ?? place;

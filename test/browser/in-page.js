/** Runs inside each page (browser.ts puts it there): what a person would find hard to see, or stumble over. */

const parse = (color) => (color.match(/[\d.]+/g) ?? []).map(Number);

/** WCAG 2.2, relative luminance. */
const luminance = (color) => {
  const [r, g, b] = color.map((part) => {
    const share = part / 255;
    return share <= 0.040_45 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};

const groundOf = (element) => {
  for (let at = element; at !== null; at = at.parentElement) {
    const [r, g, b, alpha = 1] = parse(getComputedStyle(at).backgroundColor);
    if (alpha > 0.5) return [r, g, b];
  }
  return [255, 255, 255];
};

function contrastOf(element) {
  const shades = [parse(getComputedStyle(element).color).slice(0, 3), groundOf(element)].map(luminance);
  return (Math.max(...shades) + 0.05) / (Math.min(...shades) + 0.05);
}

/** Texts that are less than 4.5 to 1 (3 to 1 when large) on their ground: WCAG 2.2, 1.4.3. */
async function paleTexts() {
  // A colour that is still changing is none of the two.
  await Promise.allSettled(document.getAnimations().map(({ finished }) => finished));
  const pale = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const element = node.parentElement;
    const text = node.textContent.trim();
    if (text === '' || !element.checkVisibility({ visibilityProperty: true })) continue;
    if (element.matches('script, style, noscript, option, [disabled], [disabled] *')) continue;
    const { fontSize, fontWeight } = getComputedStyle(element);
    const size = Number.parseFloat(fontSize);
    const isLarge = size >= 24 || (size >= 18.66 && Number(fontWeight) >= 700);
    const contrast = contrastOf(element);
    if (contrast >= (isLarge ? 3 : 4.5)) continue;
    pale.add(
      `${contrast.toFixed(1)} <${element.tagName.toLowerCase()} class="${element.className}"> ${text.slice(0, 40)}`,
    );
  }
  return [...pale];
}

/** Words that go on in the next line, and signs that close one and stand there alone. A hyphen, or a slash, may end a line. */
function brokenWords() {
  const broken = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  const topOf = (node, at) => {
    range.setStart(node, at);
    range.setEnd(node, at + 1);
    return range.getBoundingClientRect().top;
  };
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const element = node.parentElement;
    if (element.matches('script, style, option, .unseen, .unseen *') || !element.checkVisibility()) continue;
    for (const { 0: word, index } of node.data.matchAll(/[\p{L}\p{N}_]+[).,;:”’]*/gu))
      if (topOf(node, index) !== topOf(node, index + word.length - 1)) broken.add(`${word}: ${node.data.slice(0, 80)}`);
  }
  return [...broken];
}

/** Controls without a name, pictures without a text, jumps in the headings, references that lead nowhere. */
function stumbles() {
  return [...nameless(), ...jumps(), ...brokenReferences()];
}

const visible = (selector) => [...document.querySelectorAll(selector)].filter((element) => element.checkVisibility());
const show = (element) => element.outerHTML.slice(0, 100);

function nameless() {
  const nameOf = (control) =>
    [
      control.getAttribute('aria-label'),
      ...[...(control.labels ?? [])].map((label) => label.textContent),
      control.textContent,
      control.getAttribute('title'),
    ].some((text) => text?.trim());
  const controls = visible('a[href], button, input, select, textarea, summary, meter');
  const pictures = visible('img:not([alt]), svg:not([aria-hidden="true"], [aria-label])');
  return [...controls.filter((control) => !nameOf(control)), ...pictures].map((element) => `no name: ${show(element)}`);
}

function jumps() {
  const levels = visible('h1, h2, h3, h4, h5, h6').map((heading) => [Number(heading.tagName[1]), show(heading)]);
  const jumped = levels.filter(([level], index) => level > (levels[index - 1]?.[0] ?? 0) + 1);
  const one = levels.filter(([level]) => level === 1).length;
  return [...jumped.map(([, heading]) => `skips a level: ${heading}`), ...(one === 1 ? [] : [`${one} h1`])];
}

function brokenReferences() {
  const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id);
  const twice = ids.filter((id, index) => ids.indexOf(id) !== index).map((id) => `twice: #${id}`);
  const lost = ['for', 'aria-labelledby', 'aria-describedby', 'aria-controls'].flatMap((attribute) =>
    [...document.querySelectorAll(`[${attribute}]`)]
      .filter((element) =>
        element
          .getAttribute(attribute)
          .split(' ')
          .some((id) => !ids.includes(id)),
      )
      .map((element) => `${attribute} leads nowhere: ${show(element)}`),
  );
  return [...twice, ...lost];
}

/** What has the focus, and whether that can be seen. */
function focused() {
  const element = document.activeElement;
  const { outlineStyle, outlineWidth } = getComputedStyle(element);
  const name = element.getAttribute('aria-label') ?? element.labels?.[0]?.textContent ?? element.textContent;
  return { name: name.trim(), seen: outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 2 };
}

/** What somebody did here: clicks, keys, and texts that were filled in or chosen, however a test did it. */
let interactions = 0;
let last;
const count = (type, isOne) =>
  addEventListener(
    type,
    ({ isTrusted, detail, target }) => {
      // A text that comes line by line is one.
      if (!isOne({ isTrusted, detail, target }) || (type === 'input' && target === last)) return;
      interactions += 1;
      last = type === 'input' ? target : undefined;
    },
    { capture: true },
  );
count('click', ({ isTrusted, detail }) => isTrusted && detail > 0);
count('keydown', ({ isTrusted }) => isTrusted);
count('input', ({ target }) => !target.matches('select, [type=radio], [type=checkbox]'));
count('change', ({ target }) => target.matches('select'));

globalThis.inPage = { brokenWords, paleTexts, stumbles, focused, interactions: () => interactions };

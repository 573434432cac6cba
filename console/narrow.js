import { signal } from '@preact/signals';

/** As the style sheets have it. */
const query = matchMedia('(max-width: 700px)');

/** Whether there is room for one thing beside another. */
export const isNarrow = signal(query.matches);

query.addEventListener('change', ({ matches }) => {
  isNarrow.value = matches;
});

/** Secrets that there are not: more than a process works on at once. */
const OTHERS = 300;

/** Items of a bulk whose last one waits for those before, so that it can be cancelled before it begins. */
export const behindOthers = <Item extends { secretId: string }>(item: Item): Item[] => [
  ...Array.from({ length: OTHERS }, (_, index) => ({ ...item, secretId: `demo/none-${index}` })),
  item,
];

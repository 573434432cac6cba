/** Why something in a statement never matches; `whole` where the statement then never does. */
export type Fault = { why: string; whole: boolean };

/** Of texts of which one is enough: where each is at fault, so is all that they stand in. */
export function ofList(texts: readonly string[], fault: (text: string) => string | undefined): Fault[] {
  const faults = [...new Set(texts)].flatMap((text) => fault(text) ?? []);
  const whole = faults.length === new Set(texts).size;
  return faults.map((why) => ({ why, whole }));
}

import { useState } from 'preact/hooks';
import { fieldErrors } from './changing.js';

/** @import { Form } from './parts/fields.js' */

/**
 * What somebody fills in, and what of it was refused.
 * @param {Record<string, any>} initial
 * @param {unknown} error as of the last try
 * @returns {Form}
 */
export function useForm(initial, error) {
  const [values, setValues] = useState(initial);
  return { values, errors: fieldErrors(error), set: (more) => setValues({ ...values, ...more }) };
}

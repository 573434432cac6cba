import { setFlagsFromString } from 'node:v8';

/**
 * Reading the guardrails at the start is enough for V8 to optimize much of Cedar, in parallel, for 35 MB that stay. With
 * a budget of about 40 times as many instructions it leaves that to the functions that decisions keep calling.
 */
setFlagsFromString('--wasm-tiering-budget=500000000');

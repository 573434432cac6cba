// Before Cedar is loaded: it counts against the budget from its first instruction.
import './wasm-tiering.ts';

export * from '@cedar-policy/cedar-wasm/nodejs';

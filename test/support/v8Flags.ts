/**
 * The flags of V8 with which this process was started, for those that it starts
 * in turn: `scripts/support/runTests.mjs` says which and why.
 */
export const v8Flags = process.execArgv.filter((argument) => argument.startsWith('--wasm-'));

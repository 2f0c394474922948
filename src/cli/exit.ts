/** Exit codes of every command: the work is done; the work failed; the input is wrong. */
export const exitCodes: { readonly done: 0; readonly failed: 1; readonly badInput: 2 } = Object.freeze({ done: 0, failed: 1, badInput: 2 });

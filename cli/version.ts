/** The version of this package, the same as in `deno.json`; a constant, because not every runtime that the npm form runs on imports JSON alike. */
export const VERSION = "0.1.0";

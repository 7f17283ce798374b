import type { Circumstances } from "../../bench/report/markdown.ts";

/** Where and how a report could have been made. */
export const CIRCUMSTANCES: Circumstances = {
  cpu: "Some CPU",
  cores: 2,
  system: "Linux 6",
  deno: "2.9.6",
  v8: "15.0",
  date: "2026-11-21",
  node: { version: "24.21.0", v8: "13.6" },
  command: "deno task bench:report",
};

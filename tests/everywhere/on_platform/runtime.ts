import process from "node:process";

/** The runtime that this runs on, and its version. */
export interface Runtime {
  readonly name: "Deno" | "Bun" | "Node";
  readonly version: string;
}

/** What this runs on, by its own account. Deno and Bun pass for Node too, and are asked first. */
export function thisRuntime(): Runtime {
  const { deno, bun, node } = process.versions;
  if (deno !== undefined) return { name: "Deno", version: deno };
  if (bun !== undefined) return { name: "Bun", version: bun };
  return { name: "Node", version: node };
}

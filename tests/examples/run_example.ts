import { fileURLToPath } from "node:url";
import { denoCommand } from "../programs/deno_command.ts";

/** What an example printed, and how it ended. */
export interface EndedExample {
  /** The exit status. */
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** What is asked of a run of an example. */
export interface ExampleRun {
  readonly args?: readonly string[];
  /** @default all */
  readonly permissions?: readonly string[];
}

/** Runs `examples/<name>.ts` in a process of its own, as a reader would. */
export async function runExample(
  name: string,
  { args = [], permissions = ["-A"] }: ExampleRun = {},
): Promise<EndedExample> {
  const path = fileURLToPath(new URL(`../../examples/${name}.ts`, import.meta.url));
  // Not by `node:child_process`, by which Deno hands its own permissions on.
  const { code, stdout, stderr } = await denoCommand({
    args: ["run", "--quiet", "--no-prompt", ...permissions, path, ...args],
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).output();
  const text = new TextDecoder();
  return { code, out: text.decode(stdout), err: text.decode(stderr) };
}

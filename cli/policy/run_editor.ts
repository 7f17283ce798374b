import { spawn } from "node:child_process";
import process from "node:process";
import type { CliIo } from "../io.ts";
import { Refusal } from "../store/refusal.ts";
import { UsageError } from "../usage_error.ts";

/**
 * The person's editor, as a command for the shell.
 *
 * @throws {UsageError} If none is named, and there is no terminal for one.
 */
export function editorOf({ env = {}, terminal }: CliIo): string {
  const editor = env["VISUAL"] || env["EDITOR"] || (terminal && "vi");
  if (editor) return editor;
  throw new UsageError("Which editor? Set the variable EDITOR");
}

/**
 * Runs an editor on a file until it ends. The command may have arguments, and is
 * given to the shell, as others do with it.
 *
 * @throws {Refusal} If it cannot be run, or ends with a status that is not 0.
 */
export async function runEditor(editor: string, file: string): Promise<void> {
  const status = await new Promise<number | string>((resolve) => {
    const child = process.platform === "win32"
      ? spawn(`${editor} "${file}"`, { shell: true, stdio: "inherit" })
      : spawn("sh", ["-c", `${editor} "$1"`, "sh", file], { stdio: "inherit" });
    child.on("error", (error) => resolve(error.message));
    child.on("exit", (code, signal) => resolve(code ?? `signal ${signal}`));
  });
  if (status === 0) return;
  const how = typeof status === "number" ? `status ${status}` : status;
  throw new Refusal("editor-failed", `The editor ended with ${how}; nothing was written`);
}

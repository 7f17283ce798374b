import type { CliIo, Terminal } from "../../cli/io.ts";
import { runCli } from "../../cli/run_cli.ts";

/** What a command line left behind. */
export interface Captured {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command line in this process and keeps what it writes. */
export async function run(
  args: readonly string[],
  { stdin = "", terminal }: { stdin?: string; terminal?: Terminal } = {},
): Promise<Captured> {
  let stdout = "";
  let stderr = "";
  const io: CliIo = {
    stdout: (text) => void (stdout += text),
    stderr: (text) => void (stderr += text),
    readStdin: () => Promise.resolve(stdin),
    color: false,
    ...(terminal !== undefined && { terminal }),
  };
  const status = await runCli(args, io);
  return { status, stdout, stderr };
}

import process from "node:process";
import { processIo } from "./io.ts";
import { isReaderGone, OutputError } from "./output_error.ts";
import { runCli } from "./run_cli.ts";

/** Exit status where the output cannot be written. */
const OUTPUT_STATUS = 1;

/** Runs the command line that this process was started with, and sets its exit status. */
export async function runProcess(): Promise<void> {
  // Some streams throw where they are written to, some tell later.
  process.stdout.on("error", (error) => {
    if (!isReaderGone(error)) giveUp(new OutputError(error));
  });
  try {
    process.exitCode = await runCli(process.argv.slice(2), processIo()) || process.exitCode;
  } catch (error) {
    if (!(error instanceof OutputError)) throw error;
    giveUp(error);
  }
}

function giveUp({ message }: OutputError): void {
  process.exitCode = OUTPUT_STATUS;
  process.stderr.write(`switchgear: ${message}\n`);
}

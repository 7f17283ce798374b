/** The command line tool, as a program that loads it may run it. */
import { processIo, runCli } from "@switchgear/breaker/cli";
import process from "node:process";

process.exitCode = await runCli(process.argv.slice(2), processIo());

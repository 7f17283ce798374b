import process from "node:process";
import { fileURLToPath } from "node:url";

/** Deno, for a shell that starts it; all else starts it by {@linkcode denoCommand}. */
export const DENO = Deno.execPath();

/** What tests, benches and examples import from npm, to the byte. */
const LOCK = fileURLToPath(new URL("../deno.lock", import.meta.url));

/**
 * What a program needs to know of this machine: where programs, caches and temporary files are, and
 * how to download. Without the caches each test would download everything into some other folder.
 */
const OF_THIS_MACHINE = new RegExp(
  `^(${
    [
      "PATH|HOME|TMPDIR|TEMP|TMP|XDG_CACHE_HOME",
      "DENO_DIR|DENO_CERT|DENO_TLS_CA_STORE|DENO_COVERAGE_DIR",
      "https?_proxy|no_proxy|ssl_cert_(file|dir)|node_extra_ca_certs",
      "npm_config_(registry|userconfig|globalconfig|cafile)|jsr_url",
      "SystemRoot|windir|ComSpec|PATHEXT|USERPROFILE|APPDATA|LOCALAPPDATA",
    ].join("|")
  })$`,
  "i",
);

/** The subcommands that tests and benches use and that load packages from npm. */
const LOADING = ["bench", "run", "test"];

/** How a program is started. */
export interface DenoCommandOptions extends Omit<Deno.CommandOptions, "args" | "clearEnv"> {
  /** The arguments of Deno, its subcommand first. */
  readonly args: readonly string[];
  /** The environment beside what the program needs to know of this machine. @default {} */
  readonly env?: Record<string, string>;
}

/**
 * Deno, to be started as its user would: nothing of the environment that the tests run in reaches
 * it, but for the caches and what else belongs to this machine. A program that is run gets the same
 * packages from npm as the tests.
 */
export function denoCommand({ args, env = {}, ...options }: DenoCommandOptions): Deno.Command {
  const [subcommand = "", ...rest] = args;
  const isLocked = LOADING.includes(subcommand) && !rest.includes("--no-lock");
  return new Deno.Command(DENO, {
    ...options,
    args: isLocked ? [subcommand, `--lock=${LOCK}`, ...rest] : [...args],
    clearEnv: true,
    env: { ...environmentOfThisMachine(), DENO_NO_UPDATE_CHECK: "1", ...env },
  });
}

/** The environment that a program is started with, where none is given. */
export function environmentOfThisMachine(): Record<string, string> {
  const shared: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (value !== undefined && OF_THIS_MACHINE.test(name)) shared[name] = value;
  }
  return shared;
}

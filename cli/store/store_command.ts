import { BackendError } from "../../src/errors.ts";
import type { Command, CommandOptions, Invocation } from "../command.ts";
import { faultLines } from "../fault_lines.ts";
import type { CliIo } from "../io.ts";
import { OutputError } from "../output_error.ts";
import { inColor, type Paint, plain } from "../paint.ts";
import { printable } from "../printable.ts";
import { UsageError } from "../usage_error.ts";
import type { OpenStore, PolicyStore } from "./policy_store.ts";
import { Refusal } from "./refusal.ts";
import { STORE_DETAILS, STORE_OPTIONS } from "./store_options.ts";
import { withoutSecrets } from "./without_secrets.ts";

const REFUSED_STATUS = 1;
const UNREACHABLE_STATUS = 2;

/** What a command on a store works with. */
export interface StoreContext {
  /** Where the policies are. */
  readonly store: PolicyStore;
  /** The command line. */
  readonly invocation: Invocation;
  /** What to read from, and to write to as it goes on; what it ends with is its report. */
  readonly io: CliIo;
  /** Colours what it reports. */
  readonly paint: Paint;
}

/** What a command on a store ends with. */
export interface StoreReport {
  /** What `--json` prints. */
  readonly value: object;
  /** What is printed for people. */
  readonly lines: readonly string[];
  /** What a person should know besides; on the standard error output. */
  readonly notes?: readonly string[];
  /** The exit status. @default 0 */
  readonly status?: number;
}

/** A command on a store, without what all of them have in common. */
export interface StoreAction {
  /** What it is called on the command line. */
  readonly name: string;
  /** What it does, in one line. */
  readonly summary: string;
  /** Its operands as the usage line shows them. */
  readonly operands: string;
  /** How many operands it takes, at least and at most. */
  readonly arity: readonly [least: number, most: number];
  /** Its options besides those that all have. */
  readonly options?: CommandOptions;
  /** What else the help says, as lines. */
  readonly details?: readonly string[];
  /**
   * Does it. A number is the exit status, where everything has been written.
   *
   * @throws {Refusal} If it cannot be done: exit status 1.
   * @throws {UsageError | BackendError} If it cannot be asked for, or the backend is out of reach: exit status 2.
   */
  run(context: StoreContext): Promise<StoreReport | number>;
}

/** The action as a command: it opens the store, writes the report, and says why where it failed. */
export function storeCommand(action: StoreAction, open: OpenStore): Command {
  const { name, summary, operands, options = {}, details = [] } = action;
  return {
    name,
    summary,
    operands,
    options: {
      ...options,
      json: { type: "boolean", description: "print JSON, one object, in place of text" },
      ...STORE_OPTIONS,
    },
    details: [
      ...details,
      ...(details.length > 0 ? [""] : []),
      ...STORE_DETAILS,
      "",
      "Exit status: 0 done, 1 refused, not found or somebody else was first, 2 wrong usage or the",
      "backend is out of reach.",
    ],
    run: async (invocation, io) => {
      checkArity(invocation, action);
      const store = await open(invocation, io);
      try {
        const paint = io.color ? inColor : plain;
        const result = await action.run({ store, invocation, io, paint });
        return typeof result === "number" ? result : write(result, name, invocation, io);
      } catch (error) {
        if (error instanceof UsageError) {
          throw new UsageError(withoutSecrets(error.message, store.secrets));
        }
        if (error instanceof OutputError) throw error;
        return fail(error, { name, store, invocation, io });
      }
    },
  };
}

function checkArity({ operands }: Invocation, { operands: wanted, arity }: StoreAction): void {
  const [least, most] = arity;
  if (operands.length < least) throw new UsageError(`Too few arguments; it takes ${wanted}`);
  const unexpected = operands[most];
  if (unexpected !== undefined) {
    throw new UsageError(`Unexpected argument ${JSON.stringify(unexpected)}`);
  }
}

function write(
  { value, lines, notes = [], status = 0 }: StoreReport,
  name: string,
  { flags }: Invocation,
  io: CliIo,
): number {
  if (flags.has("json")) {
    io.stdout(`${JSON.stringify(value, null, 2)}\n`);
    return status;
  }
  io.stdout(lines.map((line) => `${line}\n`).join(""));
  for (const note of notes) io.stderr(`switchgear ${name}: ${printable(note)}\n`);
  return status;
}

interface Failure {
  readonly name: string;
  readonly store: PolicyStore;
  readonly invocation: Invocation;
  readonly io: CliIo;
}

function fail(error: unknown, { name, store, invocation, io }: Failure): number {
  const isRefusal = error instanceof Refusal;
  const kind = isRefusal ? error.kind : isBackendError(error) ? "backend" : "failed";
  const { subject = "", faults = [] } = isRefusal ? error.refused ?? {} : {};
  const message = withoutSecrets(
    error instanceof Error ? error.message : String(error),
    store.secrets,
  );
  if (invocation.flags.has("json")) {
    const value = { error: { kind, message, ...(faults.length > 0 && { faults }) } };
    io.stdout(`${JSON.stringify(value, null, 2)}\n`);
  }
  const lines = [message, ...faults.flatMap((fault) => faultLines(subject, fault))];
  io.stderr(`switchgear ${name}: ${printable(lines.join("\n"))}\n`);
  return isRefusal ? REFUSED_STATUS : UNREACHABLE_STATUS;
}

function isBackendError(error: unknown): boolean {
  return error instanceof BackendError ||
    error instanceof Error && error.cause instanceof BackendError;
}

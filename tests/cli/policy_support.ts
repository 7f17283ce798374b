import { fileBackend } from "../../backends/file/mod.ts";
import { memoryBackend } from "../../backends/memory.ts";
import { commandLine } from "../../cli/command_line.ts";
import { doctorCommand } from "../../cli/doctor.ts";
import type { CliIo, Terminal } from "../../cli/io.ts";
import { policyGroup } from "../../cli/policy/policy_group.ts";
import type { PolicyStore } from "../../cli/store/policy_store.ts";
import { type Policy, PRODUCTION_POLICY, type WritableConfigBackend } from "../../mod.ts";
import type { Captured } from "./captured_io.ts";
import { policyFiles } from "./policy_files.ts";

export const PREFIX = "/config/prod/s/breakers/";

/** What a command line is run with. */
export interface RunOptions {
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** What the person at the terminal answers. */
  readonly answer?: string;
  readonly terminal?: Terminal;
  readonly color?: boolean;
}

/** Streams that keep what is written. */
export function captureIo(
  options: RunOptions = {},
): { io: CliIo; captured: () => Omit<Captured, "status"> } {
  const { stdin = "", env, answer, terminal, color = false } = options;
  const written = { stdout: "", stderr: "" };
  const io: CliIo = {
    stdout: (text) => void (written.stdout += text),
    stderr: (text) => void (written.stderr += text),
    readStdin: () => Promise.resolve(stdin),
    color,
    ...(env !== undefined && { env }),
    ...(terminal !== undefined && { terminal }),
    ...(answer !== undefined && {
      ask: (question: string) => {
        written.stderr += question;
        return Promise.resolve(answer);
      },
    }),
  };
  return { io, captured: () => ({ ...written }) };
}

/** Runs `switchgear policy …` or `switchgear doctor` on a backend, in this process. */
export async function runOn(
  backend: WritableConfigBackend,
  args: readonly string[],
  options: RunOptions & Partial<PolicyStore> = {},
): Promise<Captured> {
  const { io, captured } = captureIo(options);
  const open = (): Promise<PolicyStore> =>
    Promise.resolve({
      backend,
      prefix: PREFIX,
      environment: { name: "production", policy: PRODUCTION_POLICY },
      secrets: [],
      ...(options.folder !== undefined && { folder: options.folder }),
      ...(options.secrets !== undefined && { secrets: options.secrets }),
    });
  const status = await commandLine([policyGroup(open), doctorCommand(open)])(args, io);
  return { status, ...captured() };
}

/** Documents by breaker's name; text as it is. */
export type Documents = Readonly<Record<string, Policy | string>>;

/** A backend that needs no server, by name. */
export interface BackendKind {
  readonly name: string;
  open(
    documents: Documents,
  ): Promise<AsyncDisposable & { readonly backend: WritableConfigBackend }>;
}

/** The writable backends that need no server. */
export const BACKENDS: readonly BackendKind[] = [
  {
    name: "memory",
    open: (documents) =>
      Promise.resolve({
        backend: memoryBackend(documents),
        [Symbol.asyncDispose]: () => Promise.resolve(),
      }),
  },
  {
    name: "file",
    open: async (documents) => {
      const files = Object.entries(documents).map(([name, content]) => [`${name}.json`, content]);
      const folder = await policyFiles(Object.fromEntries(files));
      return {
        backend: fileBackend(folder.policies),
        [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
      };
    },
  },
];

/** What stands in a backend, by name, parsed where it is JSON. */
export async function contentOf(
  backend: WritableConfigBackend,
): Promise<Readonly<Record<string, unknown>>> {
  const { entries } = await backend.read(PREFIX);
  return Object.fromEntries(entries.map(({ name, text }) => {
    try {
      return [name, JSON.parse(text)];
    } catch {
      return [name, text];
    }
  }));
}

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Interruption } from "../interruption.ts";
import { printableName } from "../printable.ts";
import { Refusal } from "../store/refusal.ts";
import type { StoreAction, StoreContext, StoreReport } from "../store/store_command.ts";
import { StoreState } from "../store/store_state.ts";
import { editorOf, runEditor } from "./run_editor.ts";
import { lostRace, policyIn, writePolicy } from "./write_policy.ts";

/** `switchgear policy edit`: opens a policy in an editor and writes it back. */
export const EDIT: StoreAction = {
  name: "policy edit",
  summary: "open a policy in your editor, check it and write it back",
  operands: "NAME",
  arity: [1, 1],
  details: [
    "The editor is that of VISUAL or EDITOR, on a terminal else vi. What comes back is written only",
    "if it has no fault and nobody else has changed the policy meanwhile; if not, your text stays",
    "in a file that is named, and nothing is lost.",
  ],
  run: async (context) => {
    const { store, invocation, io } = context;
    const [name = ""] = invocation.operands;
    const editor = editorOf(io);
    const state = await StoreState.read(store);
    const before = state.find(name)?.text ?? "{}\n";
    const file = join(await mkdtemp(join(tmpdir(), "switchgear-edit-")), "policy.json");
    try {
      await writeFile(file, before, { mode: 0o600 });
      await edit(editor, file);
      const text = await readFile(file, "utf8");
      const report = text === before ? unchanged(name) : await write(context, state, file, text);
      await discard(file);
      return report;
    } catch (error) {
      const text = await readFile(file, "utf8").catch(() => before);
      if (text !== before) throw keeping(file, error);
      await discard(file);
      throw error;
    }
  },
};

async function edit(editor: string, file: string): Promise<void> {
  // Ctrl-C in the editor is meant for the editor.
  using _interruption = new Interruption();
  await runEditor(editor, file);
}

async function write(
  { store, invocation, paint }: StoreContext,
  state: StoreState,
  file: string,
  text: string,
): Promise<StoreReport> {
  const [name = ""] = invocation.operands;
  const policy = policyIn(file, text);
  const report = await writePolicy(store, { name, state, policy, dryRun: false }, paint);
  if (report === undefined) throw lostRace(name);
  return report;
}

/** The error, with where the text is kept that could not be written. */
function keeping(file: string, error: unknown): Error {
  const why = error instanceof Error ? error.message : String(error);
  const message = `${why}. Your text is kept in ${file}`;
  if (error instanceof Refusal) return new Refusal(error.kind, message, error.refused);
  return new Error(message, { cause: error });
}

async function discard(file: string): Promise<void> {
  await rm(dirname(file), { recursive: true, force: true });
}

function unchanged(name: string): StoreReport {
  return {
    value: { name, written: false },
    lines: [`${printableName(name)}: not changed; nothing was written.`],
  };
}

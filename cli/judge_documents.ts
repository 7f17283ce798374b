import { basename, dirname } from "node:path";
import { breakerOfFile, COLLECTION_FILE, isPolicyFile } from "../backends/file/file_names.ts";
import { fileOfEachBreaker } from "../backends/file/folder_state.ts";
import type { Policy } from "../src/policy/policy.ts";
import { resolvePolicy } from "../src/policy/resolve_policy.ts";
import { policyWarnings } from "../src/policy/warnings.ts";
import type { Heritage, SharedPolicy } from "./heritage.ts";
import type { PolicyDocument } from "./policy_documents.ts";

/** Something valid that most likely was not meant. */
export interface Warning {
  /** The breaker that it is about; absent where it is about the file. */
  readonly breaker?: string;
  /** What it is, as one sentence. */
  readonly message: string;
}

/** What the documents of one folder inherit. */
export interface Inherited {
  /** What holds where no document says otherwise. */
  readonly environment: Policy;
  /** What stands in the folder for others to inherit. */
  readonly heritage: Heritage;
}

/**
 * Says what in the documents of one folder can never act, judged on what each
 * policy is once it is merged with what it inherits. What the default policy or
 * a group is warned of already is not said again of each that inherits it.
 *
 * @param documents Documents that stand in the same folder.
 * @param inherited What they inherit.
 * @returns The warnings by file.
 */
export function judgeDocuments(
  documents: readonly PolicyDocument[],
  inherited: Inherited,
): ReadonlyMap<string, readonly Warning[]> {
  const judged = new Set(documents.flatMap(({ policies }) => [...policies.keys()]));
  const ofShared = new Map<SharedPolicy, readonly string[]>();
  const known = (shared: SharedPolicy): readonly string[] => {
    const warnings = ofShared.get(shared) ?? warningsOf(shared.name, shared.policy, inherited);
    ofShared.set(shared, warnings);
    return warnings;
  };
  const winners = fileOfEachBreaker(
    documents.map(({ file }) => basename(file)).filter(isPolicyFile).sort(),
  );
  return new Map(
    documents.map((document) => {
      const warnings = fileWarnings(document, winners);
      for (const [breaker, policy] of document.policies) {
        if (winners.has(breaker) && document.kind === "collection") continue;
        const above = inherited.heritage.above(breaker);
        const said = above.filter(({ name }) => judged.has(name)).flatMap((shared) =>
          known(shared)
        );
        for (const message of warningsOf(breaker, policy, inherited)) {
          if (!said.includes(message)) warnings.push({ breaker, message });
        }
      }
      return [document.file, warnings];
    }),
  );
}

/** What in a policy can never act, with what it inherits. */
function warningsOf(
  name: string,
  policy: Policy,
  { environment, heritage }: Inherited,
): readonly string[] {
  const above = heritage.above(name).map((shared) => shared.policy);
  return policyWarnings(resolvePolicy(environment, ...above, policy));
}

function fileWarnings(
  { file, kind, name, policies }: PolicyDocument,
  winners: ReadonlyMap<string, string>,
): Warning[] {
  const fileName = basename(file);
  if (kind === "collection") {
    return [...policies.keys()].filter((breaker) => winners.has(breaker)).map((breaker) => ({
      breaker,
      message: `this entry is ignored: ${winners.get(breaker)} wins over ${COLLECTION_FILE}`,
    }));
  }
  if (!isPolicyFile(fileName)) {
    return [{
      message: "a file backend does not read this file: its name must end in .json and not " +
        "begin with a dot",
    }];
  }
  const winner = winners.get(breakerOfFile(fileName));
  if (winner === undefined || winner === fileName) return [];
  return [{ breaker: name, message: `this file is ignored: ${winner} spells the same name` }];
}

/** The documents by the folder that they stand in. */
export function byFolder(
  documents: readonly PolicyDocument[],
): ReadonlyMap<string, readonly PolicyDocument[]> {
  const folders = new Map<string, PolicyDocument[]>();
  for (const document of documents) {
    const folder = dirname(document.file);
    const group = folders.get(folder);
    if (group === undefined) folders.set(folder, [document]);
    else group.push(document);
  }
  return folders;
}

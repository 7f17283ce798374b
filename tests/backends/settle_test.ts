import assert from "node:assert/strict";
import type { PolicyFile } from "../../backends/file/policy_file.ts";
import { settle, type SettledFiles } from "../../backends/file/settle.ts";

const CONFIRM_MS = 150;
const GOOD: PolicyFile = { text: "{}", revision: "1" };
const EDITED: PolicyFile = { text: "[]", revision: "2" };
const UNREADABLE: PolicyFile = { text: "(not read: EIO)", revision: "3", unreadable: "EIO" };

/** Settles one file through scans at the given times; `undefined`: the scan did not find it. */
function through(
  first: PolicyFile | undefined,
  ...scans: readonly (readonly [nowMs: number, found: PolicyFile | undefined])[]
): SettledFiles {
  const filesOf = (file: PolicyFile | undefined): Map<string, PolicyFile> =>
    new Map(file === undefined ? [] : [["users.json", file]]);
  return scans.reduce(
    (former: SettledFiles, [nowMs, found]) => settle(former, filesOf(found), nowMs, CONFIRM_MS),
    { files: filesOf(first), suspects: new Map() },
  );
}

const cases: Record<string, {
  settled: SettledFiles;
  file: PolicyFile | undefined;
  suspectSinceMs: number | undefined;
}> = {
  "a new file counts at once": {
    settled: through(undefined, [0, GOOD]),
    file: GOOD,
    suspectSinceMs: undefined,
  },
  "a changed file counts at once": {
    settled: through(GOOD, [0, EDITED]),
    file: EDITED,
    suspectSinceMs: undefined,
  },
  "a missing file stays as it was": {
    settled: through(GOOD, [7, undefined]),
    file: GOOD,
    suspectSinceMs: 7,
  },
  "it stays until just before the time is up": {
    settled: through(GOOD, [7, undefined], [100, undefined], [156, undefined]),
    file: GOOD,
    suspectSinceMs: 7,
  },
  "it is gone when it was missing for the whole time": {
    settled: through(GOOD, [7, undefined], [157, undefined]),
    file: undefined,
    suspectSinceMs: undefined,
  },
  "the time counts anew once it was seen again": {
    settled: through(GOOD, [7, undefined], [100, EDITED], [157, undefined]),
    file: EDITED,
    suspectSinceMs: 157,
  },
  "a file that can no longer be read stays as it was": {
    settled: through(GOOD, [0, UNREADABLE]),
    file: GOOD,
    suspectSinceMs: 0,
  },
  "it counts as unreadable after the whole time": {
    settled: through(GOOD, [0, UNREADABLE], [150, UNREADABLE]),
    file: UNREADABLE,
    suspectSinceMs: undefined,
  },
  "one that never could be read counts at once": {
    settled: through(undefined, [0, UNREADABLE]),
    file: UNREADABLE,
    suspectSinceMs: undefined,
  },
  "one that can be read again counts at once": {
    settled: through(UNREADABLE, [0, GOOD]),
    file: GOOD,
    suspectSinceMs: undefined,
  },
};

for (const [name, { settled, file, suspectSinceMs }] of Object.entries(cases)) {
  Deno.test(`file, settling: ${name}`, () => {
    assert.equal(settled.files.get("users.json"), file);
    assert.equal(settled.suspects.get("users.json"), suspectSinceMs);
  });
}

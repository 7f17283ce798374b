/** Holds what the docs say of the peers to what runs: versions, costs, and what faults do to each. */
import assert from "node:assert/strict";
import { listItems, readPage, ROOT, tableAfter } from "./docs_pages.ts";
import { denoCommand } from "./programs/deno_command.ts";

const PEERS = ["cockatiel", "effect", "mollitia", "opossum"];

Deno.test("the README and docs/peers.md compare the versions of the peers that run", async () => {
  const runs = await Promise.all(
    ["bench/peers.ts", "bench/peer_faults/contenders.ts", "bench/peer_faults/effect_subject.ts"]
      .map(readPage),
  );
  for (const page of await Promise.all(["README.md", "docs/peers.md"].map(readPage))) {
    for (const peer of PEERS) {
      const named = [...page.text.matchAll(new RegExp(`\\b${peer}\\s(\\d[\\d.]*\\d)`, "g"))]
        .map(([, version]) => version);
      const used = runs.flatMap(({ text }) => [
        ...text.matchAll(new RegExp(`npm:${peer}@([\\d.]+)`, "g")),
      ]).map(([, version]) => version);
      assert(named.length >= 1 && used.length >= 2, `${page.path}: ${peer}`);
      assert.equal(new Set([...named, ...used]).size, 1, `${page.path}: ${peer}`);
    }
  }
});

/** A row of the README's table, a table of bench/RESULTS.md, and the contenders that it compares. */
interface Comparison {
  readonly group: string;
  readonly column: number;
  readonly names: readonly string[];
}

const CONTENDERS = [
  "switchgear, consecutive",
  "cockatiel, consecutive",
  "effect, consecutive",
  "mollitia, count",
  "opossum, no timeout",
];
const SUCCESS = { group: "### closed, success\n", column: 3 };

const COSTS: readonly Comparison[] = [
  { ...SUCCESS, names: CONTENDERS },
  { group: "### open, refused\n", column: 1, names: CONTENDERS },
  {
    group: "### bytes, used\n",
    column: 1,
    names: [
      "switchgear, of a provider",
      "cockatiel, consecutive",
      "effect, one key each",
      "mollitia, count",
      "opossum",
    ],
  },
];

async function measured(
  { group, column }: Omit<Comparison, "names">,
): Promise<Map<string, string>> {
  const { text } = await readPage("bench/RESULTS.md");
  return new Map(tableAfter(text, group).map((row) => [row[0] ?? "", row[column] ?? ""]));
}

Deno.test("what the README says that a call costs is what bench/RESULTS.md says", async () => {
  const rows = tableAfter((await readPage("README.md")).text, "The cost, from");
  assert.equal(rows.length, COSTS.length);
  for (const [i, comparison] of COSTS.entries()) {
    const figures = await measured(comparison);
    const expected = comparison.names.map((name) => figures.get(name));
    assert.deepEqual(rows[i]?.slice(1), expected, comparison.group);
  }
});

Deno.test("what a time limit costs stands in the docs as in bench/RESULTS.md", async () => {
  const figures = await measured(SUCCESS);
  const ours = figures.get("switchgear, timeout") ?? assert.fail("not measured");
  const theirs = figures.get("opossum") ?? assert.fail("not measured");
  const withoutBreaker = figures.get("effect, no breaker") ?? assert.fail("not measured");
  const readme = (await readPage("README.md")).text.replaceAll(/\s+/g, " ");
  assert(readme.includes(`costs ${ours} with Switchgear and ${theirs} with opossum`));
  const peers = (await readPage("docs/peers.md")).text.replaceAll(/\s+/g, " ");
  assert(peers.includes(`costs ${theirs}; Switchgear with a time limit costs ${ours}.`));
  assert(peers.includes(`${withoutBreaker} are the cost of running it without a breaker`));
});

/** Each fault by name, and under it what came of it with each library. */
function outcomes(text: string): Map<string, string[]> {
  const names = [...text.matchAll(/^### (.+)$/gm)].map(([, name = ""]) => name);
  return new Map(names.map((name) => [name, listItems(`\n${text}`, `### ${name}`)]));
}

/** The words of the README's table, and what each stands for. */
const MEANING: Record<string, RegExp> = {
  "no effect": /: (?:no effect|the caller gets its operation's error)$/,
  "recovers": /: recovers/,
  "**stuck**": /: \*\*refuses each call\*\*/,
  "**waits**": /: \*\*each call waits with it\*\*/,
  "**closes**": /: \*\*closes it\*\*/,
  "**opens**": /: \*\*opens it\*\*/,
  "**reopens**": /: \*\*reopens it\*\*/,
  "**thrown**": /: \*\*the caller gets the listener's error\*\*$/,
  "**hangs**": /: \*\*the call never settles\*\*/,
  "opens": /: `stream`: opens the breaker$/,
  "**success**": /: \*\*counts as a success\*\*$/,
};

/** The rows of the README's table, and the faults that they sum up. */
const ROWS: Record<string, string> = {
  "late success in half-open": "A success from before the trip arrives in half-open",
  "late failure in half-open": "A failure from before the trip arrives in half-open",
  "late failures after closing":
    "Two failures from before the trip arrive after the breaker has closed",
  "a probe hangs": "A probe hangs",
  "a listener throws": "A listener throws when the breaker opens",
  "a stream breaks off": "Calls give async iterables, which break off",
};

// It takes some 20 s of real time, because the peers read the system's clock and set its timers.
Deno.test("what docs/peers.md and the README say of faults is what bench/peer_faults.ts prints", async () => {
  const { success, stdout, stderr } = await denoCommand({
    args: ["run", "-A", "bench/peer_faults.ts"],
    cwd: ROOT,
  }).output();
  const decoder = new TextDecoder();
  assert(success, decoder.decode(stderr));
  const printed = outcomes(decoder.decode(stdout));
  assert(printed.size > 5);
  assert.deepEqual(outcomes((await readPage("docs/peers.md")).text), printed);

  const rows = tableAfter((await readPage("README.md")).text, "## Beside its peers");
  assert.deepEqual(rows.map(([fault]) => fault), Object.keys(ROWS));
  for (const [fault = "", ...words] of rows) {
    const told = printed.get(ROWS[fault] ?? "") ?? assert.fail(fault);
    assert.equal(words.length, told.length, fault);
    for (const [i, word] of words.entries()) {
      assert.match(told[i] ?? "", MEANING[word] ?? assert.fail(word), fault);
    }
  }
  // The faults that the README leaves out harm nobody.
  const left = [...printed].filter(([fault]) => !Object.values(ROWS).includes(fault));
  assert.deepEqual(left.filter(([, told]) => told.some((text) => text.includes("**"))), []);
});

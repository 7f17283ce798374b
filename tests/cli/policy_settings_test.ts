import assert from "node:assert/strict";
import { memoryBackend } from "../../backends/memory.ts";
import { parseInvocation } from "../../cli/parse_invocation.ts";
import { runCli } from "../../cli/run_cli.ts";
import { DeadlineBackend } from "../../cli/store/deadline_backend.ts";
import { openStore } from "../../cli/store/open_store.ts";
import type { PolicyStore } from "../../cli/store/policy_store.ts";
import { STORE_OPTIONS } from "../../cli/store/store_options.ts";
import { UsageError } from "../../cli/usage_error.ts";
import { ManualClock } from "../../src/testing/mod.ts";
import { freePort } from "../servers/free_port.ts";
import { policyFiles } from "./policy_files.ts";
import { captureIo, PREFIX, runOn } from "./policy_support.ts";

const SECRET = "hunter2-swordfish";

function open(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<PolicyStore> {
  return openStore(parseInvocation(args, STORE_OPTIONS), captureIo({ env }).io);
}

Deno.test("settings: options win over the environment, and that over the file of settings", async () => {
  await using folder = await policyFiles({
    "settings.json": { file: "c", service: "from-file", transport: "gateway" },
  });
  const env = { SWITCHGEAR_FILE: "b", SWITCHGEAR_CONFIG: folder.path("settings.json") };
  assert.equal((await open(["--file", "a"], env)).folder, "a");
  assert.equal((await open([], env)).folder, "b");
  assert.equal((await open([], { ...env, SWITCHGEAR_FILE: "" })).folder, folder.path("c"));
  const etcd = await open(["--etcd", "h:1"], env);
  assert.match(etcd.backend.description, /etcd\(http:\/\/h:1, gateway\)/);
  assert.equal(etcd.prefix, "/config/prod/from-file/breakers/");
  const inDevelopment = await open(["--etcd", "h", "--service", "s", "--env", "development"]);
  assert.equal(inDevelopment.prefix, "/config/dev/s/breakers/");
  assert.equal(inDevelopment.environment.policy.openStateTimeout, "10s");
  assert.equal((await open(["--prefix", "/x/", "--etcd", "h"], env)).prefix, "/x/");
});

interface WrongCase {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly settings?: unknown;
  readonly message: RegExp;
}

const ETCD = ["--etcd", "h", "--service", "s"];

const WRONG: readonly WrongCase[] = [
  { message: /Say where the policies are: --etcd HOST,… or --file FOLDER/ },
  { args: ["--etcd", "h", "--file", "f"], message: /--etcd and --file exclude each other/ },
  { args: ["--etcd", "h"], message: /--service NAME or --prefix PREFIX/ },
  { args: [...ETCD, "--prefix", "/x/"], message: /--prefix and --service exclude each other/ },
  { args: ["--etcd", "h", "--prefix", "/x"], message: /--prefix must end in "\/"/ },
  { args: ["--etcd", "h", "--service", "a/b"], message: /--service must be a name without "\/"/ },
  { args: ["--etcd", "h:x", "--service", "s"], message: /"hosts" must be/ },
  { env: { SWITCHGEAR_FILE: "f", SWITCHGEAR_ENV: "prod" }, message: /SWITCHGEAR_ENV must be/ },
  { args: ETCD, env: { SWITCHGEAR_ETCD_TRANSPORT: "tcp" }, message: /must be grpc or gateway/ },
  {
    args: [...ETCD, "--ca", "/nowhere/ca.pem"],
    message: /--ca names, \/nowhere\/ca\.pem: no such/,
  },
  { args: [...ETCD, "--user", "root"], message: /No password: use --password-file or/ },
  { args: ETCD, env: { SWITCHGEAR_ETCD_PASSWORD: SECRET }, message: /a password, but no --user/ },
  { args: [...ETCD, `--password=${SECRET}`], message: /every user of the machine can read it/ },
  { args: [...ETCD, "--password", SECRET], message: /every user of the machine can read it/ },
  { args: [...ETCD, `--pasword=${SECRET}`], message: /Unknown option "--pasword"/ },
  { args: [...ETCD, "--user", `root:${SECRET}`], message: /without the password after it/ },
  { args: ["--etcd", `http://u:${SECRET}@h`, "--service", "s"], message: /names hosts only/ },
  {
    args: [...ETCD, "--user", "root", "--password-file", SECRET],
    message: /Cannot read the file that --password-file names: no such file/,
  },
  { settings: `{ "password": "${SECRET}", }`, message: /it is no JSON/ },
  { settings: { password: [SECRET] }, message: /"password" in .* must be text/ },
  { settings: { pasword: SECRET }, message: /"pasword"; did you mean "password"\?/ },
  { settings: [], message: /no JSON object/ },
];

for (const [index, { args = [], env = {}, settings, message }] of WRONG.entries()) {
  Deno.test(`settings: wrong ones are refused, without a secret: ${index} ${message.source}`, async () => {
    await using folder = await policyFiles(settings === undefined ? {} : { "s.json": settings });
    const file = settings === undefined ? [] : ["--config", folder.path("s.json")];
    const { io, captured } = captureIo({ env });
    assert.equal(await runCli(["policy", "list", ...args, ...file], io), 2);
    assert.match(captured().stderr, message);
    assert.equal(captured().stdout, "");
    assert.ok(!captured().stderr.includes(SECRET));
  });
}

Deno.test("settings: the password comes from a file, the environment or the file of settings", async () => {
  await using folder = await policyFiles({
    "password": `${SECRET}\n`,
    "s.json": { etcd: ["h1", "h2"], service: "s", user: "u", passwordFile: "password" },
    "empty": "\n",
  });
  const cases: readonly (readonly [readonly string[], Readonly<Record<string, string>>])[] = [
    [[...ETCD, "--user", "u", "--password-file", folder.path("password")], {}],
    [ETCD, { SWITCHGEAR_ETCD_USER: "u", SWITCHGEAR_ETCD_PASSWORD: SECRET }],
    [ETCD, { SWITCHGEAR_ETCD_USER: "u", SWITCHGEAR_ETCD_PASSWORD_FILE: folder.path("password") }],
    [["--config", folder.path("s.json")], {}],
  ];
  for (const [args, env] of cases) {
    const store = await open(args, env);
    assert.deepEqual(store.secrets, [SECRET]);
    assert.ok(!store.backend.description.includes(SECRET));
  }
  const empty = ["--user", "u", "--password-file", folder.path("empty")];
  await assert.rejects(open([...ETCD, ...empty]), UsageError);
});

const COMMANDS = [
  ["policy", "list"],
  ["policy", "get", "a"],
  ["policy", "set", "a", "timeout=1s"],
  ["policy", "put", "a", "-"],
  ["policy", "delete", "a", "--yes"],
  ["policy", "force-open", "a"],
  ["policy", "normal", "a"],
  ["policy", "history", "a"],
  ["policy", "diff", "a"],
  ["policy", "watch"],
  ["doctor"],
];

for (const command of COMMANDS) {
  Deno.test(`${command.join(" ")}: etcd out of reach is status 2, and the password is nowhere`, async () => {
    const env = {
      SWITCHGEAR_ETCD: `127.0.0.1:${freePort()}`,
      SWITCHGEAR_ETCD_USER: "root",
      SWITCHGEAR_ETCD_PASSWORD: SECRET,
      SWITCHGEAR_ETCD_TRANSPORT: "gateway",
      SWITCHGEAR_SERVICE: "s",
    };
    for (const json of [[], ["--json"]]) {
      const { io, captured } = captureIo({ env, stdin: "{}" });
      assert.equal(await runCli([...command, ...json], io), 2);
      const { stdout, stderr } = captured();
      assert.ok((stdout + stderr).length > 0);
      assert.ok(!(stdout + stderr).includes(SECRET), stdout + stderr);
      if (json.length > 0) assert.equal(typeof JSON.parse(stdout), "object");
    }
  });
}

Deno.test("a backend's message that shows the password is printed without it", async () => {
  const backend = memoryBackend();
  for (const shown of [SECRET, encodeURIComponent("p w"), JSON.stringify('p"w')]) {
    backend.fail(new Error(`refused: ${shown}`));
    const secrets = [SECRET, "p w", 'p"w'];
    for (const args of [["policy", "list"], ["doctor", "--json"], ["doctor"]]) {
      const { stdout, stderr, status } = await runOn(backend, args, { secrets });
      assert.equal(status, 2);
      assert.match(stdout + stderr, /refused: \\*"?…/);
      for (const secret of secrets) assert.ok(!(stdout + stderr).includes(secret));
    }
  }
});

Deno.test("a backend that never answers ends with an error after 15 s, and a write says that it may have been done", async () => {
  const inner = memoryBackend();
  const clock = new ManualClock();
  const backend = new DeadlineBackend(inner, clock);
  inner.hang();
  const cases: readonly (readonly [() => Promise<unknown>, RegExp])[] = [
    [() => backend.read(PREFIX), /^No answer from memory\(\) within 15 s$/],
    [() => backend.put(PREFIX, "a", "{}"), /may have been made, or may not$/],
    [() => backend.delete(PREFIX, "a"), /may have been made, or may not$/],
    [() => backend.compareAndSet(PREFIX, "a", "{}", "1"), /may have been made, or may not$/],
  ];
  for (const [ask, message] of cases) {
    const answer = assert.rejects(ask(), { name: "BackendError", message });
    await clock.tick("15s");
    await answer;
  }
  assert.equal(clock.pendingTimers, 0);
  inner.recover();
  assert.equal((await backend.read(PREFIX)).entries.length, 0);
});

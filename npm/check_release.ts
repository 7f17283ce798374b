/**
 * Holds a tag to the version that it would release: `check_release.ts TAG`. Prints
 * what is wrong and exits with 1, or nothing and exits with 0.
 *
 * @module
 */
import { readFile } from "node:fs/promises";
import process from "node:process";
import { VERSION } from "../cli/version.ts";
import config from "../deno.json" with { type: "json" };

const USAGE = `Usage: check_release.ts TAG

Checks that TAG, such as v1.2.3, is the version in deno.json and in the command
line tool, and that CHANGELOG.md has an entry for it with a date.
`;

/** What a release is made of. */
export interface Release {
  /** The tag in git. */
  readonly tag: string;
  /** The version in `deno.json`. */
  readonly version: string;
  /** The version that the command line tool says. */
  readonly toolVersion: string;
  /** The text of `CHANGELOG.md`. */
  readonly changelog: string;
}

/** What keeps a release from being made; nothing where all agrees. */
export function releaseFaults({ tag, version, toolVersion, changelog }: Release): string[] {
  const faults: string[] = [];
  if (tag !== `v${version}`) faults.push(`The tag is ${tag}, the version in deno.json ${version}`);
  if (toolVersion !== version) {
    faults.push(`cli/version.ts says ${toolVersion}, deno.json ${version}`);
  }
  const lines = changelog.split("\n");
  const start = lines.findIndex((line) => line.startsWith(`## [${version}]`));
  if (start < 0) return [...faults, `CHANGELOG.md has no entry for ${version}`];
  if (!/ - \d{4}-\d{2}-\d{2}$/.test(lines[start] ?? "")) {
    faults.push(`CHANGELOG.md gives ${version} no date`);
  }
  const end = lines.findIndex((line, i) => i > start && line.startsWith("## "));
  const entry = lines.slice(start + 1, end < 0 ? undefined : end);
  if (!entry.some((line) => /^[-*] ./.test(line))) {
    faults.push(`CHANGELOG.md says nothing about ${version}`);
  }
  return faults;
}

async function main(args: readonly string[]): Promise<number> {
  const [tag] = args;
  if (tag === "--help" || tag === "-h") {
    console.log(USAGE);
    return 0;
  }
  if (tag === undefined || args.length > 1 || tag.startsWith("-")) {
    console.error(USAGE);
    return 2;
  }
  const changelog = await readFile(new URL("../CHANGELOG.md", import.meta.url), "utf8");
  const faults = releaseFaults({ tag, version: config.version, toolVersion: VERSION, changelog });
  for (const fault of faults) console.error(fault);
  return faults.length === 0 ? 0 : 1;
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));

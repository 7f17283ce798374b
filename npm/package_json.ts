/** The oldest Node that the package runs on: the first with `Symbol.asyncDispose` and `AbortSignal.any`. */
export const OLDEST_NODE = "20.4.0";

/** Where the command line tool stands in the package. */
export const BIN = "bin/switchgear.js";

/** Where the CommonJS form stands, each module at the path that it has as an ES module. */
export const COMMON_JS = "cjs";

/**
 * The clients that an entry point loads by itself, and their oldest and newest version that the
 * checks run with. All others are given by the caller and taken by their shape.
 */
export const CLIENTS: Readonly<Record<string, { oldest: string; newest: string }>> = {
  etcd3: { oldest: "1.1.0", newest: "1.1.2" },
};

/** Where the two forms of an entry point stand, and their types, by the conditions of Node and TypeScript. */
export interface EntryTargets {
  readonly import: FormTargets;
  readonly require: FormTargets;
  readonly default: string;
}

/** One form of an entry point; the types come first, because TypeScript takes what comes first. */
export interface FormTargets {
  readonly types: string;
  readonly default: string;
}

/** What the files of an npm package need to say about it. */
export interface PackageJson {
  readonly name: string;
  readonly version: string;
  readonly exports: Readonly<Record<string, EntryTargets | string>>;
  readonly [field: string]: unknown;
}

/** What `deno pack` says of it. */
export interface PackedJson {
  readonly name: string;
  readonly version: string;
  readonly exports: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

/** What nobody can know but who packs. */
export interface PackageOrigin {
  /** Where the sources are: `git+https://…`. @default left out */
  readonly repository?: string;
}

/**
 * Completes the `package.json` that `deno pack` wrote: what it made a dependency
 * becomes an optional peer, so that installing the package brings nothing else.
 *
 * @throws {Error} If it depends on something that is no known client.
 */
export function completePackageJson(
  packed: PackedJson,
  { repository }: PackageOrigin = {},
): PackageJson {
  const { name, version, dependencies = {}, exports, ...rest } = packed;
  const unknown = Object.keys(dependencies).filter((client) => !Object.hasOwn(CLIENTS, client));
  if (unknown.length > 0) {
    throw new Error(`Cannot pack ${name}: it would depend on ${unknown.join(", ")}`);
  }
  const clients = Object.entries(CLIENTS);
  return {
    name,
    version,
    description:
      "Circuit breakers whose policies live in a config backend and change while the program runs",
    keywords: [
      "circuit-breaker",
      "resilience",
      "fault-tolerance",
      "retry",
      "timeout",
      "bulkhead",
      "rate-limit",
      "hedging",
      "fallback",
      "etcd",
      "typescript",
    ],
    ...rest,
    ...entryFields(exports),
    ...(repository !== undefined && { repository: { type: "git", url: repository } }),
    bin: { switchgear: BIN },
    sideEffects: false,
    engines: { node: `>=${OLDEST_NODE}` },
    peerDependencies: Object.fromEntries(
      clients.map(([client, { oldest, newest }]) => [client, `>=${oldest} <=${newest}`]),
    ),
    peerDependenciesMeta: Object.fromEntries(
      clients.map(([client]) => [client, { optional: true }]),
    ),
  };
}

/** How each entry point is found: by `import`, by `require`, and by tools that know neither `exports`. */
function entryFields(
  packed: PackedJson["exports"],
): Readonly<Record<string, unknown>> & Pick<PackageJson, "exports"> {
  const targets = Object.entries(packed).map(([entry, conditions]): [string, EntryTargets] => {
    const { types, default: module } = conditions;
    if (types === undefined || module === undefined) throw new Error(`No module for ${entry}`);
    const common = { types: commonPath(types), default: commonPath(module) };
    return [entry, { import: { types, default: module }, require: common, default: module }];
  });
  const main = targets.find(([entry]) => entry === ".")?.[1];
  const subpaths = targets.filter(([entry]) => entry !== ".");
  return {
    main: main?.require.default,
    module: main?.import.default,
    types: main?.require.types,
    exports: { ...Object.fromEntries(targets), "./package.json": "./package.json" },
    // For TypeScript with `moduleResolution: node10`, which does not read `exports`.
    typesVersions: {
      "*": Object.fromEntries(
        subpaths.map(([entry, { require }]) => [entry.slice(2), [require.types]]),
      ),
    },
  };
}

function commonPath(path: string): string {
  return path.replace(/^\.\//, `./${COMMON_JS}/`);
}

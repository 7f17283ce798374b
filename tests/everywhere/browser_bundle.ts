import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import * as esbuild from "npm:esbuild@0.28.2";
import config from "../../deno.json" with { type: "json" };

/** The repository. */
export const ROOT: string = fileURLToPath(new URL("../..", import.meta.url));

/** The bundler's own version. */
export const BUNDLER_VERSION: string = esbuild.version;

/** The entry points that claim to run in a browser; the others need Node's modules, as Deno and Bun have them. */
export const BROWSER_ENTRY_POINTS = [
  ".",
  "./memory",
  "./testing",
  "./fetch",
  "./guard",
  "./connect",
  "./http_server",
  "./otel",
  "./prometheus",
] as const;

/** How large a bundle is, in bytes. */
export interface BundleSize {
  readonly minified: number;
  readonly gzipped: number;
}

/** A bundle for browsers. */
export interface Bundle extends BundleSize {
  readonly text: string;
}

/** What goes into a bundle. */
export interface BundleOptions {
  /** Whether the bundler may leave out modules of which nothing is used, as `"sideEffects": false` in a package.json says. @default false */
  readonly sideEffectFree?: boolean;
  /** Modules in the place of others, by the name that these are imported by. @default none */
  readonly replaced?: Readonly<Record<string, string>>;
}

/** Where each entry point stands, by the name that users import it by. */
export function entryPointPaths(): Map<string, string> {
  return new Map(
    Object.entries(config.exports).map(([path, file]) => [config.name + path.slice(1), file]),
  );
}

/**
 * Bundles and minifies a module for browsers, as a user's bundler does. What a browser has not, a
 * module of Node's say, is an error and not replaced by anything.
 */
export async function bundle(source: string, options: BundleOptions = {}): Promise<Bundle> {
  const { outputFiles } = await esbuild.build({
    stdin: { contents: source, resolveDir: ROOT, sourcefile: "entry.ts", loader: "ts" },
    bundle: true,
    format: "esm",
    platform: "browser",
    minify: true,
    write: false,
    logLevel: "silent",
    plugins: [resolving(options)],
  });
  const [file] = outputFiles;
  if (file === undefined) throw new Error("esbuild made no bundle");
  const gzipped = gzipSync(file.contents, { level: 9 }).length;
  return { text: file.text, minified: file.contents.length, gzipped };
}

/**
 * The modules of some folders as browsers take them, one by one, their imports as they are.
 *
 * @returns Their texts by path: `"/src/clock.ts"`
 */
export async function modulesOf(folders: readonly string[]): Promise<Map<string, string>> {
  const { outputFiles } = await esbuild.build({
    entryPoints: ["mod.ts", ...folders.map((folder) => `${folder}/**/*.ts`)],
    absWorkingDir: ROOT,
    outdir: ROOT,
    outbase: ROOT,
    outExtension: { ".js": ".ts" },
    format: "esm",
    write: false,
    logLevel: "silent",
    tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } },
  });
  return new Map(outputFiles.map(({ path, text }) => [`/${relative(ROOT, path)}`, text]));
}

/** Ends the bundler's own process. */
export async function stopBundler(): Promise<void> {
  await esbuild.stop();
}

/** Finds the entry points by the names that users import them by. */
function resolving({ sideEffectFree = false, replaced = {} }: BundleOptions): esbuild.Plugin {
  const paths = new Map([...entryPointPaths(), ...Object.entries(replaced)]);
  return {
    name: "entry points",
    setup(build): void {
      build.onResolve({ filter: /^[^./]/ }, ({ path }) => {
        const file = paths.get(path);
        if (file === undefined) return { errors: [{ text: `a browser has no ${path}` }] };
        return { path: join(ROOT, file), sideEffects: !sideEffectFree };
      });
      build.onResolve({ filter: /^\.\.?\// }, ({ path, resolveDir }) => {
        return { path: join(resolveDir, path), sideEffects: !sideEffectFree };
      });
    },
  };
}

import { type BinaryRequest, provideBinary, type ProvideOptions } from "./debian_package.ts";

/** Registers a test, as `Deno.test` does. */
export type RegisterTest = (name: string, body: () => Promise<void> | void) => void;

/** How tests that need a server are registered. */
export interface ServerTestsOptions extends ProvideOptions {
  /** Whether a server that cannot be had is a failure. @default the environment's CI */
  readonly mustRun?: boolean;
  /** @default Deno.test */
  readonly register?: (test: Deno.TestDefinition) => void;
}

/**
 * Registers tests that need a real server. Where it cannot be had they are left out, each named
 * with the reason; with `CI` set they fail instead.
 *
 * The first call on a machine may take a minute, in which the server is downloaded.
 */
export async function serverTests(
  request: BinaryRequest,
  options: ServerTestsOptions = {},
): Promise<RegisterTest> {
  const binary = await provideBinary(request, options);
  const register = options.register ?? Deno.test;
  if (binary.available) return (name, fn) => register({ name, fn });
  const { reason } = binary;
  if (options.mustRun ?? isContinuousIntegration()) {
    return (name) => register({ name, fn: () => Promise.reject(new Error(reason)) });
  }
  const report = options.report ?? ((line: string) => console.error(line));
  return (name, fn) => {
    report(`left out: ${name}: ${reason}`);
    register({ name, fn, ignore: true });
  };
}

function isContinuousIntegration(): boolean {
  return !["", "0", "false"].includes(Deno.env.get("CI") ?? "");
}

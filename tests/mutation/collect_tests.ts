/** What a test is given: `step` runs a part of it. */
interface StepContext {
  step(name: string, body: (context: StepContext) => unknown): Promise<boolean>;
}

/** A test that a module registered with `Deno.test`. */
export interface CollectedTest {
  /** The module, such as `tests/breaker/do_test.ts`. */
  readonly file: string;
  /** Its name. */
  readonly name: string;
  /** Runs it; a promise if it is asynchronous. */
  readonly run: () => unknown;
}

interface TestDefinition {
  readonly name?: string;
  readonly ignore?: boolean;
  readonly fn: (context: StepContext) => unknown;
}

const CONTEXT: StepContext = {
  async step(_name, body): Promise<boolean> {
    await body(CONTEXT);
    return true;
  },
};

/**
 * Puts a collector in the place of `Deno.test`, so that the tests of a module
 * that is imported next can be run again and again in one process.
 *
 * @returns Imports a module and gives the tests that it registered.
 */
export function collectTests(): (url: string, file: string) => Promise<CollectedTest[]> {
  let collected: CollectedTest[] = [];
  let file = "";
  const collect = (...given: unknown[]): void => {
    const { name = "", ignore = false, fn } = definitionOf(given);
    if (!ignore) collected.push({ file, name, run: () => fn(CONTEXT) });
  };
  Object.defineProperty(Deno, "test", { value: collect, configurable: true });
  return async (url, path) => {
    collected = [];
    file = path;
    await import(url);
    return collected;
  };
}

/** The definition that `Deno.test` was called with, in whichever of its forms. */
function definitionOf(given: readonly unknown[]): TestDefinition {
  let definition: Partial<TestDefinition> = {};
  for (const part of given) {
    if (typeof part === "string") definition = { ...definition, name: part };
    else if (isBody(part)) definition = { name: part.name, ...definition, fn: part };
    else if (typeof part === "object") definition = { ...definition, ...part };
  }
  const { fn } = definition;
  if (fn === undefined) throw new Error(`Cannot collect test "${definition.name}": no function`);
  return { ...definition, fn };
}

function isBody(value: unknown): value is TestDefinition["fn"] & { readonly name: string } {
  return typeof value === "function";
}

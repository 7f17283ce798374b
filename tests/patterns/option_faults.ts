import assert from "node:assert/strict";
import { inspect } from "node:util";

/** Options that are wrong, and how that is said. */
export interface OptionFault {
  readonly options: unknown;
  readonly error: ErrorConstructor;
  readonly message: RegExp;
}

/** Registers a test for each fault: `create` is given the options as they are, and throws. */
export function testOptionFaults(
  create: (...args: never[]) => unknown,
  faults: readonly OptionFault[],
): void {
  for (const { options, error, message } of faults) {
    const title = `${create.name}(${inspect(options, { breakLength: Infinity })})`;
    Deno.test(`${title} throws a ${error.name} that names the field`, () => {
      assert.throws(() => Reflect.apply(create, undefined, [options]), (thrown) => {
        assert(thrown instanceof error);
        assert.match(thrown.message, message);
        return true;
      });
    });
  }
}

/**
 * What a user's predicate, or other callback, answered. A promise is no answer: nobody can wait for
 * it. It is let go of, so that its rejection does not end the program.
 *
 * @param name What the predicate is called in the error.
 * @param answer What it returned.
 * @returns The answer as it is, which need not be a boolean.
 * @throws {TypeError} If the answer is a promise.
 */
export function verdict(name: string, answer: unknown): unknown {
  if (!(answer instanceof Promise)) return answer;
  answer.catch(() => {});
  throw new TypeError(`${name} must answer at once, not with a promise`);
}

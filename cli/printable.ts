/** What moves the cursor, colours or reorders text on a terminal, and half surrogates; line ends and tabs stay. */
// deno-lint-ignore no-control-regex -- control characters are what is looked for
const UNPRINTABLE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** A word that needs no quotes around it. */
const WORD = /^[^\s"'`\\]+$/u;

/**
 * A text from outside as a terminal can show it: what would steer the terminal
 * is written as JSON would escape it, so that JSON keeps its meaning.
 */
export function printable(text: string): string {
  return text.toWellFormed().replace(
    UNPRINTABLE,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** A breaker's name as it is, or in quotes where it would be misread. */
export function printableName(name: string): string {
  const shown = printable(name);
  return WORD.test(shown) ? shown : printable(JSON.stringify(name));
}

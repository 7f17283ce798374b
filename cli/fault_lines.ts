import type { Fault } from "../src/check/fault.ts";

/**
 * A fault as people read it: a line with the file and the JSON path, then what
 * was found there, what is allowed and, where there is one, what was meant.
 */
export function faultLines(file: string, fault: Fault): string[] {
  return [
    `${file}: ${fault.path}`,
    `  found        ${fault.found}`,
    `  allowed      ${fault.allowed}`,
    ...(fault.suggestion === undefined ? [] : [`  did you mean ${fault.suggestion}?`]),
  ];
}

/** `1 fault`, `2 faults`. */
export function counted(count: number, one: string, several = `${one}s`): string {
  return `${count} ${count === 1 ? one : several}`;
}

/**
 * Breaks a sentence at spaces into lines of at most `width` characters; a word
 * that is longer stands alone.
 *
 * @param sentence Text without line ends.
 * @param width Characters in a line.
 * @returns At least one line.
 */
export function wrap(sentence: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of sentence.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}

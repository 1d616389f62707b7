const shownCharacters = 2_500;
const shownLines = 40;

/** The beginning of a text too long to stand in the log as a whole; `undefined` when it is not. */
export function previewOf(body: string): string | undefined {
  let end = body.length > shownCharacters + 500 ? shownCharacters : body.length;
  let line = -1;
  for (let lines = 0; lines < shownLines; lines++) {
    line = body.indexOf("\n", line + 1);
    if (line < 0) break;
  }
  // a text only a little longer is not worth a button
  if (line >= 0 && body.slice(line).split("\n", 12).length > 10) end = Math.min(end, line);
  if (end === body.length) return undefined;
  return `${body.slice(0, end).toWellFormed().trimEnd()}…`;
}

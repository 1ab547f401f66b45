// A QR code's rows as one SVG path. Pure.

/** Light modules around the code that readers need. */
export const quiet = 4;

/** Runs of dark modules as rectangles, one unit a module; the side is the width with its quiet zone. */
export function qrPath(rows: string[]): { path: string; side: number } {
  const parts: string[] = [];
  rows.forEach((row, y) => {
    for (const run of row.matchAll(/1+/g)) {
      parts.push(`M${run.index + quiet} ${y + quiet}h${run[0].length}v1h-${run[0].length}z`);
    }
  });
  return { path: parts.join(''), side: rows.length + 2 * quiet };
}

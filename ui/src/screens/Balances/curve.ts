// The curve of worth: points to a path in a box. Pure.

import type { WorthPoint } from '../../lib/bindings';

export type Plot = { line: string; area: string; low: number; high: number; from: number; until: number };

/** Null where there are fewer than two points: one look is no curve. */
export function plot(points: WorthPoint[], width: number, height: number): Plot | null {
  const first = points[0];
  const last = points.at(-1);
  if (!first || !last || points.length < 2 || last.at <= first.at) return null;
  const low = Math.min(...points.map((p) => p.usd_micro));
  const high = Math.max(...points.map((p) => p.usd_micro));
  // A level line stands in the middle; a little room above and below any other.
  const room = high === low ? Math.max(1, high * 0.1) : (high - low) * 0.08;
  const x = (at: number) => ((at - first.at) / (last.at - first.at)) * width;
  const y = (worth: number) => height - ((worth - low + room) / (high - low + 2 * room)) * height;
  const spots = points.map((p) => `${round(x(p.at))} ${round(y(p.usd_micro))}`);
  const line = `M${spots.join('L')}`;
  return { line, area: `${line}L${width} ${height}L0 ${height}Z`, low, high, from: first.at, until: last.at };
}

/** At most so many points, the first and the last among them, for the table. */
export function sample(points: WorthPoint[], most: number): WorthPoint[] {
  if (points.length <= most) return points;
  return Array.from({ length: most }, (_, i) => points[Math.round((i * (points.length - 1)) / (most - 1))] as WorthPoint);
}

function round(n: number): number {
  return Math.round(n * 10) / 10;
}

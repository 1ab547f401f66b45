// The activity's filter, and its rows by day. Pure.

import type { ActivityKind, ActivityRow } from '../../lib/bindings';
import { day } from '../../lib/format.svelte';

export const kinds: ActivityKind[] = ['in', 'out', 'swap', 'wrap', 'approve', 'revoke', 'fee', 'other'];

/** The filter as it is typed: dates as `2026-11-25`. */
export type Draft = { kinds: ActivityKind[]; asset: string; with: string; text: string; chain: string; from: string; until: string };

export const emptyFilter: Draft = { kinds: [], asset: '', with: '', text: '', chain: '', from: '', until: '' };

export function isEmpty(filter: Draft): boolean {
  return filter.kinds.length === 0 && [filter.asset, filter.with, filter.text, filter.chain, filter.from, filter.until].every((f) => !f.trim());
}

/** The beginning of a day in the person's time zone, so many days later, in Unix seconds; null for what is no date. */
export function midnight(date: string, later: number): number | null {
  const parts = /^(\d{4})-(\d{2})-(\d{2})$/.exec(date);
  if (!parts) return null;
  const at = new Date(Number(parts[1]), Number(parts[2]) - 1, Number(parts[3]) + later).getTime();
  return Number.isFinite(at) && at >= 0 ? Math.floor(at / 1000) : null;
}

/** Rows, in their order, under the day that they happened on. */
export function byDay(rows: ActivityRow[]): { day: string; rows: ActivityRow[] }[] {
  const groups: { day: string; rows: ActivityRow[] }[] = [];
  for (const row of rows) {
    const on = day(row.at);
    const last = groups.at(-1);
    if (last?.day === on) last.rows.push(row);
    else groups.push({ day: on, rows: [row] });
  }
  return groups;
}

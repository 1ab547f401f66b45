// The activity's filter, and its rows by day. Pure.

import type { ActivityFilter, ActivityKind, ActivityRow } from '../../lib/bindings';
import { day } from '../../lib/format.svelte';

const kinds: ActivityKind[] = ['in', 'out', 'swap', 'wrap', 'bridge', 'approve', 'revoke', 'x402', 'agent', 'loan', 'fee', 'other'];
/** What not every wallet ever does. */
const rare: ActivityKind[] = ['bridge', 'x402', 'agent', 'loan'];

/** The kinds to choose among: the usual ones, and of the others those that were seen. */
export function offered(seen: ActivityKind[]): ActivityKind[] {
  return kinds.filter((kind) => !rare.includes(kind) || seen.includes(kind));
}

/** The filter as it is typed: dates as `2026-11-25`. */
export type Draft = { kinds: ActivityKind[]; asset: string; with: string; text: string; chain: string; from: string; until: string };

export const emptyFilter: Draft = { kinds: [], asset: '', with: '', text: '', chain: '', from: '', until: '' };

export function isEmpty(filter: Draft): boolean {
  return filter.kinds.length === 0 && [filter.asset, filter.with, filter.text, filter.chain, filter.from, filter.until].every((f) => !f.trim());
}

/** The beginning of a day in the person's time zone, so many days later, in Unix seconds; null for what is no date. */
export function midnight(date: string, later: number): number | null {
  const parts = /^(\d{4})-(\d{2})-(\d{2})$/.exec(date.trim());
  if (!parts) return null;
  const [year, month, on] = [Number(parts[1]), Number(parts[2]) - 1, Number(parts[3])];
  const named = new Date(year, month, on);
  // A 45th of November is taken for a day in December otherwise.
  if (named.getMonth() !== month || named.getDate() !== on) return null;
  const at = new Date(year, month, on + later).getTime();
  return at >= 0 ? Math.floor(at / 1000) : null;
}

/** Names of what is wrong with the dates, by field; empty where they can be used. */
export function wrongDates(filter: Draft): { from?: string; until?: string } {
  const wrong: { from?: string; until?: string } = {};
  if (filter.from.trim() && midnight(filter.from, 0) === null) wrong.from = 'activity.no_date';
  if (filter.until.trim() && midnight(filter.until, 0) === null) wrong.until = 'activity.no_date';
  const [from, until] = [midnight(filter.from, 0), midnight(filter.until, 0)];
  if (from !== null && until !== null && until < from) wrong.until = 'activity.ends_before';
  return wrong;
}

/** The filter as the shell takes it. */
export function asked(filter: Draft, offset: number, limit: number): ActivityFilter {
  const text = (value: string) => value.trim() || null;
  return {
    kinds: [...filter.kinds],
    asset: text(filter.asset),
    with: text(filter.with),
    text: text(filter.text),
    chain: text(filter.chain),
    from: midnight(filter.from, 0),
    until: midnight(filter.until, 1),
    offset,
    limit,
  };
}

/** The next page behind what is there. What happened meanwhile moves the pages: an entry that is there already stays once. */
export function joined(rows: ActivityRow[], next: ActivityRow[]): ActivityRow[] {
  const known = new Set(rows.map((row) => row.id));
  return [...rows, ...next.filter((row) => !known.has(row.id))];
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

// The address book's rows, and what is typed to be added to it. Pure.

import type { ContactRow } from '../../lib/bindings';

/** New contacts are asked about for so long, whatever the rules say of contacts. */
const cooling = 24 * 3600;

/** Until when a contact is new; null once it is no longer. */
export function coolsUntil(row: ContactRow, now: number): number | null {
  const until = row.added + cooling;
  return now < until ? until : null;
}

/** Those with the searched words in name or address, by name. */
export function matching(rows: ContactRow[], search: string): ContactRow[] {
  const wanted = search.trim().toLocaleLowerCase();
  return rows
    .filter((row) => `${row.name} ${row.address}`.toLocaleLowerCase().includes(wanted))
    .sort((a, b) => a.name.localeCompare(b.name));
}

/** True where it can be looked up: a whole address, or a name with a dot and something behind it. */
export function isWhole(address: string): boolean {
  const typed = address.trim();
  return /^0x/i.test(typed) ? typed.length >= 42 : /[^.\s]\.[^.\s]{2,}$/.test(typed);
}

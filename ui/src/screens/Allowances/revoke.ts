// Allowances in order, and what takes them back. Pure.

import type { AllowanceRow, Intent } from '../../lib/bindings';

export type Order = 'risk' | 'asset' | 'spender';

export function keyOf(row: AllowanceRow): string {
  return `${row.via}:${row.token}:${row.spender}`;
}

export function sorted(rows: AllowanceRow[], order: Order): AllowanceRow[] {
  const by = {
    // What can't be priced stands before what is worth nothing: it is not known to be harmless.
    risk: (a: AllowanceRow, b: AllowanceRow) => risk(b) - risk(a) || Number(b.unlimited) - Number(a.unlimited),
    asset: (a: AllowanceRow, b: AllowanceRow) => a.symbol.localeCompare(b.symbol),
    spender: (a: AllowanceRow, b: AllowanceRow) => (a.spender_label ?? a.spender).localeCompare(b.spender_label ?? b.spender),
  };
  return [...rows].sort(by[order]);
}

function risk(row: AllowanceRow): number {
  return row.at_risk_micro ?? 0.5;
}

/** Of what was chosen, what is still there. */
export function standing(chosen: string[], rows: AllowanceRow[]): string[] {
  const keys = new Set(rows.map(keyOf));
  return chosen.filter((key) => keys.has(key));
}

/**
 * One revocation, or several as steps; null for none. Tokens are named by contract: symbols can be anybody's. A revocation takes back
 * all that one spender may take of a token, by whatever mechanism, so each pair is named once.
 */
export function revocation(rows: AllowanceRow[], chain: string | null): Intent | null {
  const one = (row: AllowanceRow): Intent => {
    const intent: Intent = { intent: 'revoke', asset: row.token, spender: row.spender };
    if (chain) intent.chain = chain;
    return intent;
  };
  const pairs = new Map(rows.map((row) => [`${row.token}:${row.spender}`.toLowerCase(), row]));
  const [first, ...rest] = pairs.values();
  if (!first) return null;
  return rest.length === 0 ? one(first) : { intent: 'steps', do: [first, ...rest].map(one) };
}

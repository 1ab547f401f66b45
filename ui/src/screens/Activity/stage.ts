// How far a transaction is, for the eye. Pure.

import type { TransactionRow, TransactionStage } from '../../lib/bindings';

/** What a transaction goes through, in order. */
export const way: TransactionStage[] = ['signed', 'sent', 'mined', 'final'];

/** How many of the steps are done; null where it left that way. */
export function steps(row: TransactionRow): number | null {
  const at = way.indexOf(row.stage);
  return at < 0 ? null : at + 1;
}

export function toneOf(stage: TransactionStage): 'plain' | 'accent' | 'good' | 'warn' | 'bad' {
  switch (stage) {
    case 'final':
      return 'good';
    case 'mined':
      return 'accent';
    case 'reverted':
      return 'bad';
    case 'dropped':
    case 'replaced':
    case 'abandoned':
      return 'warn';
    default:
      return 'plain';
  }
}

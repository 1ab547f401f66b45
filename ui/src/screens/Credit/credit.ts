// What proofs and lines stand for, and the intents that come of them. Pure.

import type { BankView, CreditView, Intent, LenderView, LineStatus, LineView, ProofView, TierView } from '../../lib/bindings';

/** An amount that is asked for: what for, of whom, in what. */
export type Borrowing = {
  does: 'apply' | 'draw' | 'repay';
  lender: string;
  /** Symbol; null where the lender knows it. */
  asset: string | null;
  /** The most that makes sense, where it is known: exact decimal. */
  most: string | null;
  /** What is due, for paying back. */
  due: string | null;
};

export const tones: Record<LineStatus, 'good' | 'warn' | 'bad' | 'plain'> = {
  current: 'good',
  grace: 'warn',
  delinquent: 'bad',
  default: 'bad',
  closed: 'plain',
};

/** Whether something can be drawn: on time, not over, something left. */
export function canDraw(line: LineView, now: number): boolean {
  return line.status === 'current' && line.expires_at > now && Number(line.available) > 0;
}

/** How a proof stands. */
export function standing(proof: ProofView, now: number): 'counts' | 'over' | 'refused' | 'unanswered' {
  if (!proof.answered) return 'unanswered';
  if (!proof.accepted) return 'refused';
  return proof.expires_at > now ? 'counts' : 'over';
}

export const standings = {
  counts: { tone: 'good', icon: 'check' },
  over: { tone: 'plain', icon: 'clock' },
  refused: { tone: 'bad', icon: 'close' },
  unanswered: { tone: 'warn', icon: 'clock' },
} as const;

/** The line that can be applied for with a proof; null where the lender offers none. */
export function lineFor(proof: ProofView, now: number): Borrowing | null {
  if (standing(proof, now) !== 'counts' || proof.limit === null) return null;
  return { does: 'apply', lender: proof.lender, asset: null, most: amountOf(proof.limit.split(' ')[0] ?? ''), due: null };
}

/** An amount as it is typed, or null: digits, and a point where there is a fraction. Commas between thousands may stand. */
export function amountOf(typed: string): string | null {
  const text = typed.trim();
  const digits = /^\d{1,3}(,\d{3})+(\.\d+)?$/.test(text) ? text.replaceAll(',', '') : text;
  return /^\d+(\.\d+)?$/.test(digits) && Number(digits) > 0 ? digits : null;
}

/** Name of the text that says what is wrong with an amount; null for nothing. */
export function wrongAmount(typed: string, most: string | null): string | null {
  if (typed.trim() === 'max') return null;
  const amount = amountOf(typed);
  if (amount === null) return 'credit.amount_wrong';
  return most !== null && Number(amount) > Number(most) ? 'credit.amount_above' : null;
}

export function borrow({ does, lender, asset }: Borrowing, amount: string): Intent {
  const intent: Intent = { intent: `loan_${does}`, amount };
  if (asset) intent.asset = asset;
  if (does === 'apply') intent.lender = lender;
  return intent;
}

export function prove(atLeast: string, currency: string, bank: string, lender: string): Intent {
  return { intent: 'prove_balance', at_least: `${atLeast} ${currency}`.trim(), bank, lender };
}

/** The best terms that such a balance reaches; null for none. */
export function tierFor(tiers: TierView[], atLeast: string | null, currency: string): TierView | null {
  const reached = tiers.filter((tier) => tier.currency === currency && Number(tier.at_least_units) <= Number(atLeast ?? 0));
  return reached.sort((a, b) => Number(a.at_least_units) - Number(b.at_least_units)).at(-1) ?? null;
}

/** Banks that a lender accepts, those with a login first. */
export function banksFor(lender: LenderView | undefined, { banks, logins }: CreditView): (BankView & { ready: boolean })[] {
  const ready = new Set(logins.map((login) => login.template));
  return banks
    .filter((bank) => lender?.banks.includes(bank.template))
    .map((bank) => ({ ...bank, ready: ready.has(bank.template) }))
    .sort((a, b) => Number(b.ready) - Number(a.ready) || a.name.localeCompare(b.name));
}

/** Whether it is an address at which a lender can be asked: https, or this computer. */
export function isLenderUrl(typed: string): boolean {
  if (!URL.canParse(typed.trim())) return false;
  const { protocol, hostname, username, password } = new URL(typed.trim());
  if (username || password) return false;
  return protocol === 'https:' || (protocol === 'http:' && ['127.0.0.1', '[::1]', 'localhost'].includes(hostname));
}

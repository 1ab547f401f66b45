// A rule as it is filled in, and what is wrong with it, field by field. Pure; the wallet's engine has the last word.

import type { Problem, RuleFormView } from '../../lib/bindings';

export type RuleFields = {
  effect: RuleFormView['effect'];
  action: RuleFormView['action'];
  asset: string;
  to: string;
  over: string;
  per: NonNullable<RuleFormView['per']>;
};
export type Wrong = Partial<Record<'asset' | 'to' | 'over', string>>;

export const emptyFields: RuleFields = { effect: 'forbid', action: 'any', asset: '', to: '', over: '', per: 'day' };

/** True while it says nothing yet: as a rule it would forbid everything. */
export function isBlank({ asset, to, over }: RuleFields): boolean {
  return [asset, to, over].every((text) => !text.trim());
}

/** `contacts` gives names as the book spells them. */
export function formOf(fields: RuleFields, contacts: string[] = []): RuleFormView {
  const { effect, action, per } = fields;
  const amount = amountOf(fields.over);
  const to = fields.to.trim();
  const known = contacts.find((name) => name.toLocaleLowerCase() === to.toLocaleLowerCase());
  return {
    effect,
    action,
    asset: fields.asset.trim() || amount?.symbol || null,
    to: (known ?? to) || null,
    over: amount ? amount.text : fields.over.trim() || null,
    per,
  };
}

/** Names of texts that say what is wrong. */
export function wrongs(fields: RuleFields): Wrong {
  const found: Wrong = {};
  const amount = amountOf(fields.over);
  const asset = fields.asset.trim();
  const to = fields.to.trim();
  if (fields.over.trim() && !amount) found.over = 'rules.wrong_over';
  else if (amount?.symbol && asset && amount.symbol.toUpperCase() !== asset.toUpperCase()) found.over = 'rules.wrong_over_asset';
  else if (!amount && fields.effect === 'allow') found.over = 'rules.wrong_allow';
  else if (amount && !amount.text.startsWith('$') && !amount.symbol && !asset) found.over = 'rules.wrong_over_of';
  if (asset && !/^[A-Za-z0-9.]{1,16}$/.test(asset)) found.asset = 'rules.wrong_asset';
  if (/^0x/i.test(to) && !/^0x[0-9a-fA-F]{40}$/.test(to)) found.to = 'rules.wrong_to';
  return found;
}

/** Which field the engine's complaint is about. */
export function fieldOf({ message }: Problem): keyof Wrong | null {
  if (/\bover is\b|needs a limit|plain number/.test(message)) return 'over';
  if (/\basset\b|\btoken\b|Symbol::/.test(message)) return 'asset';
  if (/\bto is\b|Contact::/.test(message)) return 'to';
  return null;
}

/** `$200`, `200 USD`, `50 USDC` or `0.5`, as the wallet spells it. */
function amountOf(said: string): { text: string; symbol: string | null } | null {
  const [, dollar, number, unit] = /^(\$?)\s*(\d+(?:\.\d{1,6})?)\s*([A-Za-z][A-Za-z0-9.]*|\$)?$/.exec(said.trim()) ?? [];
  if (!number || (dollar && unit)) return null;
  if (dollar || unit === '$' || unit?.toUpperCase() === 'USD') return { text: `$${number}`, symbol: null };
  return { text: number, symbol: unit?.toUpperCase() ?? null };
}

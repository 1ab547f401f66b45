// Numbers, dates and addresses for people, in their language, time zone and currency.

import type { CurrencyRow } from './bindings';
import { language, t } from './i18n.svelte';

const shown = $state<{ currency: CurrencyRow }>({ currency: { code: 'USD', per_usd: 1, at: null, note: null } });

export function setCurrency(currency: CurrencyRow): void {
  shown.currency = currency;
}

export function currency(): CurrencyRow {
  return shown.currency;
}

/** Micro-USD in the person's currency. */
export function money(microUsd: number | null | undefined): string {
  const rate = shown.currency.per_usd;
  if (microUsd === null || microUsd === undefined || rate === null) return t('shell.no_price');
  const value = (microUsd / 1e6) * rate;
  const small = value !== 0 && Math.abs(value) < 0.01;
  return new Intl.NumberFormat(language(), {
    style: 'currency',
    currency: shown.currency.code,
    maximumFractionDigits: small ? 6 : 2,
  }).format(value);
}

/** Micro-USD in dollars, whatever the currency: what rules and the signer speak of. */
export function dollars(microUsd: number): string {
  return new Intl.NumberFormat(language(), { style: 'currency', currency: 'USD', maximumFractionDigits: 2 }).format(microUsd / 1e6);
}

/** A decimal with its unit, all digits of it; what is no decimal stays as it is. */
export function sum(amount: string, unit?: string | null, digits: Intl.NumberFormatOptions = { maximumFractionDigits: 20 }): string {
  // A string keeps all its digits, which a number does not.
  const known = /^\d+(\.\d+)?$/.test(amount);
  const shown = known ? new Intl.NumberFormat(language(), digits).format(amount as Intl.StringNumericLiteral) : amount;
  return unit ? `${shown} ${unit}` : shown;
}

/** The same, short. */
export function about(amount: string, unit?: string | null): string {
  return sum(amount, unit, Number(amount) >= 1 ? { maximumFractionDigits: 2 } : { maximumSignificantDigits: 2 });
}

/** Unix seconds as date and time. */
export function date(unix: number): string {
  return new Intl.DateTimeFormat(language(), { dateStyle: 'medium', timeStyle: 'short' }).format(unix * 1000);
}

/** Unix seconds as a day. */
export function day(unix: number): string {
  return new Intl.DateTimeFormat(language(), { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' }).format(unix * 1000);
}

/** Unix seconds as a time of day. */
export function time(unix: number): string {
  return new Intl.DateTimeFormat(language(), { timeStyle: 'short' }).format(unix * 1000);
}

const steps: [number, Intl.RelativeTimeFormatUnit][] = [
  [60, 'second'],
  [3600, 'minute'],
  [86400, 'hour'],
  [86400 * 30, 'day'],
  [86400 * 365, 'month'],
  [Infinity, 'year'],
];
const lengths: Record<string, number> = { second: 1, minute: 60, hour: 3600, day: 86400, month: 86400 * 30, year: 86400 * 365 };

/** How long ago, in words. */
export function ago(unix: number, now = Date.now() / 1000): string {
  const seconds = unix - now;
  const [, unit] = steps.find(([limit]) => Math.abs(seconds) < limit) ?? [0, 'year' as const];
  return new Intl.RelativeTimeFormat(language(), { numeric: 'auto' }).format(Math.round(seconds / (lengths[unit] ?? 1)), unit);
}

/** A size in bytes. */
export function bytes(n: number): string {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte'];
  const power = Math.min(units.length - 1, n > 0 ? Math.floor(Math.log10(n) / 3) : 0);
  return new Intl.NumberFormat(language(), { style: 'unit', unit: units[power] ?? 'byte', maximumFractionDigits: power === 0 ? 0 : 1 }).format(
    n / 1000 ** power,
  );
}

/** The ends of an address, for places where the whole one stands beside it. */
export function shortAddress(address: string): string {
  return address.length > 14 ? `${address.slice(0, 6)}…${address.slice(-4)}` : address;
}

/** An address in groups of four, to be compared by eye. */
export function grouped(address: string): string[] {
  const digits = address.replace(/^0x/, '');
  return ['0x', ...(digits.match(/.{1,4}/g) ?? [])];
}

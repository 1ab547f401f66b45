import { describe, expect, it } from 'vitest';
import type { AllowanceRow } from '../src/lib/bindings';
import { bytes, grouped, money, setCurrency } from '../src/lib/format.svelte';
import { merge } from '../src/lib/merge';
import { byDay, emptyFilter, isEmpty, midnight } from '../src/screens/Activity/filter';
import { revocation, sorted } from '../src/screens/Allowances/revoke';
import { plot, sample } from '../src/screens/Balances/curve';
import { qrPath, quiet } from '../src/screens/Balances/qr';

describe('formats', () => {
  it('show money in the chosen currency, small sums too', () => {
    expect(money(50_000_000)).toBe('$50.00');
    expect(money(234)).toBe('$0.000234');
    setCurrency({ code: 'EUR', per_usd: 0.5, at: 1, note: null });
    expect(money(50_000_000)).toBe('€25.00');
    setCurrency({ code: 'USD', per_usd: 1, at: null, note: null });
  });
  it('group an address without losing a digit', () => {
    const address = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8';
    expect(grouped(address).join('')).toBe(address);
    expect(grouped(address)).toHaveLength(11);
  });
  it('name sizes', () => {
    expect(bytes(0)).toContain('0');
    expect(bytes(3_300_000)).toContain('3.3');
  });
});

describe('the activity filter', () => {
  it('knows days, and what is none', () => {
    const from = midnight('2026-11-25', 0) ?? 0;
    expect((midnight('2026-11-25', 1) ?? 0) - from).toBe(86400);
    expect(midnight('', 0)).toBeNull();
    expect(midnight('25.11.2026', 0)).toBeNull();
    expect(isEmpty(emptyFilter)).toBe(true);
    expect(isEmpty({ ...emptyFilter, text: 'x' })).toBe(false);
  });
  it('keeps rows in order under their day', () => {
    const row = (id: number, at: number) => ({ id, at }) as never;
    const groups = byDay([row(1, 1_800_000_000), row(2, 1_799_999_990), row(3, 1_799_800_000)]);
    expect(groups.map((group) => group.rows.length)).toEqual([2, 1]);
  });
});

describe('the curve', () => {
  it('is none for one point and stays in its box', () => {
    expect(plot([{ at: 1, usd_micro: 5 }], 100, 50)).toBeNull();
    const drawn = plot([1, 5, 3, 9].map((usd_micro, at) => ({ at, usd_micro })), 100, 50);
    const numbers = (drawn?.line.match(/[\d.]+/g) ?? []).map(Number);
    numbers.forEach((n, i) => {
      expect(n).toBeGreaterThanOrEqual(0);
      expect(n).toBeLessThanOrEqual(i % 2 === 0 ? 100 : 50);
    });
    expect([drawn?.low, drawn?.high]).toEqual([1, 9]);
  });
  it('is sampled with both ends', () => {
    const points = Array.from({ length: 100 }, (_, at) => ({ at, usd_micro: at }));
    const few = sample(points, 12);
    expect([few.length, few[0]?.at, few.at(-1)?.at]).toEqual([12, 0, 99]);
  });
});

describe('the QR code', () => {
  it('draws each dark module once, inside its quiet zone', () => {
    const { path, side } = qrPath(['110', '001', '101']);
    expect(side).toBe(3 + 2 * quiet);
    const dark = [...path.matchAll(/h(\d+)v1/g)].reduce((sum, run) => sum + Number(run[1]), 0);
    expect(dark).toBe(5);
    expect(path.startsWith(`M${quiet} ${quiet}h2`)).toBe(true);
  });
});

describe('allowances', () => {
  const row = (over: Partial<AllowanceRow>): AllowanceRow => ({
    symbol: 'USDC', token: '0xT', spender: '0xS', spender_label: null, amount: '1', unlimited: false, via: 'erc20', expires: null, at_risk_micro: 0, ...over,
  });
  it('stand with the most at risk first, and what has no price before what is worth nothing', () => {
    const rows = sorted([row({ amount: 'zero' }), row({ amount: 'unknown', at_risk_micro: null }), row({ amount: 'much', at_risk_micro: 9e6 })], 'risk');
    expect(rows.map((r) => r.amount)).toEqual(['much', 'unknown', 'zero']);
  });
  it('are taken back one by one or in steps', () => {
    expect(revocation([], null)).toBeNull();
    expect(revocation([row({})], 'base')).toEqual({ intent: 'revoke', asset: '0xT', spender: '0xS', chain: 'base' });
    expect(revocation([row({}), row({ spender: '0xR' })], null)?.intent).toBe('steps');
  });
});

describe('merge', () => {
  it('gives what was told, and touches only what differs', () => {
    const written: string[] = [];
    const watched = (object: object): object => new Proxy(object, { set: (to, key, value) => (written.push(String(key)), Reflect.set(to, key, value)) });
    const inner = watched({ state: 'locked', limits: [1, 2], gone: 1 });
    const held = watched({ signer: inner, block: 1, problem: null, none: null });
    const told = { signer: { state: 'locked', limits: [1, 2] }, block: 2, problem: { code: 'x' }, none: null };
    merge(held, told);
    expect(held).toEqual(told);
    expect(written).toEqual(['block', 'problem']);
    merge(held, { ...told, signer: { state: 'locked', limits: [1, 3] } });
    expect(held).toEqual({ ...told, signer: { state: 'locked', limits: [1, 3] } });
  });
});

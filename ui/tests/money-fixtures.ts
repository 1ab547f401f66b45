// Rows of the screens about money over `fixtures.ts`, and what a test does to the shell that gives them.

import { emit } from '@tauri-apps/api/event';
import axe from 'axe-core';
import { tick } from 'svelte';
import { app } from '../src/lib/app.svelte';
import type {
  ActivityDetail,
  ActivityFilter,
  ActivityPage,
  ActivityRow,
  AllowanceRow,
  AllowancesView,
  BalancesView,
  ContactCheck,
  ContactRow,
  HoldingRow,
  ReceiveView,
  TransactionRow,
} from '../src/lib/bindings';
import { credit, lender } from './credit-fixtures';
import { address as mine, answer, problem, world, type Calls } from './fixtures';

export const alice = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8';
/** An account of one's own that does not pay. */
export const cold = '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC';
export const usdc = '0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48';
export const permit2 = '0x000000000022D473030F116dDEE9F6B43aC78BA3';
export const hash = `0x${'ab'.repeat(32)}`;

export function entry(over: Partial<ActivityRow> = {}): ActivityRow {
  return {
    id: 1,
    at: 1_795_600_000,
    kind: 'out',
    chain: 'local',
    gave: { symbol: 'USDC', amount: '50', usd_micro: 50_000_000 },
    got: null,
    fee: { symbol: 'ETH', amount: '0.000021', usd_micro: 60_000 },
    with: alice,
    with_name: 'Alice',
    note: 'Send 50 USDC to Alice',
    hash,
    ...over,
  };
}

export function transaction(over: Partial<TransactionRow> = {}): TransactionRow {
  return {
    id: 7,
    hash,
    chain: 'local',
    summary: 'Send 50 USDC to Alice',
    stage: 'sent',
    state: 'sent, waiting for a block',
    nonce: 4,
    block: null,
    confirmations: null,
    confirmations_needed: 3,
    fee: null,
    created: 1_795_600_000,
    updated: 1_795_600_000,
    replaceable: true,
    explorer: null,
    ...over,
  };
}

export function holding(over: Partial<HoldingRow> = {}): HoldingRow {
  return {
    symbol: 'USDC',
    name: 'USD Coin',
    amount: '4950.123456',
    shown: '4,950.12',
    usd_micro: 4_950_123_456,
    price_micro: 1_000_000,
    caveat: 'counted as one dollar each',
    remark: null,
    contract: usdc,
    native: false,
    ...over,
  };
}

export function balances(over: Partial<BalancesView> = {}): BalancesView {
  return {
    chain: 'local',
    chain_title: 'Local chain',
    account: mine,
    holdings: [
      holding({ symbol: 'ETH', name: 'Ether', amount: '2', shown: '2', usd_micro: 6_000_000_000, price_micro: 3_000_000_000, caveat: null, contract: null, native: true }),
      holding(),
    ],
    hidden: [holding({ symbol: 'WIN', name: 'claim at example', amount: '99', shown: '99', usd_micro: null, price_micro: null, caveat: null, remark: 'probably spam: its name is an address on the web', contract: alice })],
    total_micro: 10_950_123_456,
    uncertain_micro: 4_950_123_456,
    complete: true,
    at: Math.floor(Date.now() / 1000),
    ...over,
  };
}

export function card(over: Partial<ReceiveView> = {}): ReceiveView {
  return {
    address: mine,
    spaced: mine,
    uri: `ethereum:${mine}@31337`,
    note: 'Only send what is on Local chain to this address.',
    modules: ['1110111', '1010101', '1110111', '0000000', '1110111', '1010101', '1110111'],
    ...over,
  };
}

export function contact(over: Partial<ContactRow> = {}): ContactRow {
  return { name: 'Alice', address: alice, added: 1_700_000_000, paid: 3, ...over };
}

export function allowance(over: Partial<AllowanceRow> = {}): AllowanceRow {
  return {
    symbol: 'USDC',
    token: usdc,
    spender: permit2,
    spender_label: 'Permit2',
    amount: '100',
    unlimited: false,
    via: 'erc20',
    expires: null,
    at_risk_micro: 100_000_000,
    ...over,
  };
}

export function allowances(rows: AllowanceRow[], over: Partial<AllowancesView> = {}): AllowancesView {
  return { chain: 'local', rows, complete: true, from_block: 0, ...over };
}

type Answers = Record<string, (given: Record<string, unknown>) => unknown>;

export const offline = problem({ code: 'offline', message: 'The network does not answer.', remedy: 'Look at the endpoints in Settings.' });
export const fails = () => {
  throw offline;
};

const usual: Answers = {
  activity: (): ActivityPage => ({ rows: [entry()], more: false }),
  activity_detail: (): ActivityDetail => ({
    row: entry(),
    account: mine,
    transaction: transaction({ stage: 'final', state: 'done, final in block 90', block: 90, replaceable: false }),
    explorer: `https://explorer.example/tx/${hash}`,
  }),
  activity_export: () => '/home/ada/Downloads/parlance-activity.csv',
  outstanding: () => [],
  worth_over_time: () => [],
  balances: () => balances(),
  receive: () => card(),
  contacts: () => [contact()],
  contact_check: (): ContactCheck => ({ address: alice, known_as: null, notes: [] }),
  contact_add: () => 'Alice is in your address book.',
  contact_remove: () => 'Alice is no longer in your address book.',
  allowances: () => allowances([allowance()]),
  credit: () => credit(),
  add_lender: () => lender({ name: 'Birch' }),
  remove_lender: () => null,
  add_login: () => ({ template: 'starling', bank: 'Starling', account: 'bbcc…0011' }),
  remove_login: () => null,
  forget_proof: () => null,
  export_proof: () => '/home/ada/Downloads/parlance-3f3f3f3f.proof',
};

/** The shell begins to answer; `asked` gives what was asked of it, `now` changes its answers. */
export function shell(changes: Answers = {}): { asked: (command: string) => Calls[number]['args'][]; now: (changes: Answers) => void } {
  const all = { ...usual, ...changes };
  const known = world();
  known.status.signer.accounts.push({ address: cold, label: 'Savings', path: null, watch_only: true });
  const calls = answer(known, Object.fromEntries(Object.keys(all).map((command) => [command, (given) => all[command]?.(given)])));
  app.status = structuredClone(known.status);
  app.toasts = [];
  app.wish = null;
  return {
    asked: (command) => calls.filter((call) => call.command === command).map((call) => call.args),
    now: (more) => {
      const strange = Object.keys(more).filter((command) => !(command in all));
      if (strange.length > 0) throw new Error(`not among the answers: ${strange.join(', ')}`);
      Object.assign(all, more);
    },
  };
}

export function filterOf(given: Record<string, unknown> | undefined): ActivityFilter {
  return given?.filter as ActivityFilter;
}

/** A transaction went a step further. */
export async function moved(row: TransactionRow): Promise<void> {
  await emit('transaction-changed', row);
  await tick();
}

/** The status as it comes each second: the same, but for the block and the time until the lock. */
export async function seconds(many: number): Promise<void> {
  for (let n = 1; n <= many; n++) {
    const { status } = world();
    app.status = { ...status, network: { ...status.network, block: 2000 + n }, signer: { ...status.signer, lock_in: 500 - n } };
    await tick();
    await settled();
  }
}

/** What was promised has come. */
export async function settled(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 0));
}

/** What is copied from now on. */
export function clipboard(): string[] {
  const taken: string[] = [];
  const writeText = async (text: string) => void taken.push(text);
  Object.defineProperty(navigator, 'clipboard', { configurable: true, value: { writeText } });
  return taken;
}

/** What keeps somebody out, in a screen where it stands in the app; colours are looked at in the real window. */
export async function barriers(container: Element): Promise<string[]> {
  const main = document.createElement('main');
  container.replaceWith(main);
  main.append(container);
  const { violations } = await axe.run(main, { rules: { 'color-contrast': { enabled: false } } });
  main.replaceWith(container);
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`);
}

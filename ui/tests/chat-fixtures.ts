// A wallet in daily use: conversations, balances and history over `fixtures.ts`, and the moments of a chat that are hard to come by.

import { emit } from '@tauri-apps/api/event';
import type {
  ActivityKind,
  ActivityRow,
  ChatEvent,
  ChatState,
  commands,
  Event,
  Intent,
  MessageRow,
  Preview,
  RuleRef,
  Thread,
  TransactionRow,
} from '../src/lib/bindings';
import { credit, lender, line, progress, proof, refusedProof } from './credit-fixtures';
import { address as me, answer, world, type Calls, type World } from './fixtures';

type Args = Record<string, unknown>;
type Answers = { [K in keyof typeof commands]: (args: Args) => Awaited<ReturnType<(typeof commands)[K]>> };

const now = Math.floor(Date.now() / 1000);
const alice = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8';
export const bob = '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC';
const router = '0x5FbDB2315678afecb367f032d93F642f64180aa3';
const usdc = '0xe7f1725E7734CE288F8367e1Bb143E90bb3F0512';
export const hash = '0x8a1bd1c1a3f1e1b29f5e8e0c6bb3f6b7d5b3c2d7a90e4f1c2b3a4d5e6f708192';

export const idle: ChatState = { name: 'idle', question: null, missing: [], pending: null };
const clickRule: RuleRef = { id: 'click-contacts', sentence: 'A click sends up to $100 to people in your address book.' };
const dayRule: RuleRef = { id: 'at-most-200-a-day', sentence: 'Never more than $200 a day.' };

export const send: Intent = { intent: 'send', asset: 'USDC', amount: '50', to: 'Alice' };
export const preview: { event: 'preview' } & Preview = {
  event: 'preview',
  chain: 'local',
  account: me,
  intent: send,
  steps: ['Send 50 USDC to Alice'],
  changes: [{ text: '-50 USDC', symbol: 'USDC', usd: '$50.00' }],
  fee: 'at most 0.00021 ETH ($0.52)',
  parties: [{ role: 'to', name: 'Alice', address: alice, source: 'address_book' }],
  risks: [],
  simulated_by: 'node',
};
export const decision: Event = {
  event: 'decision',
  level: 1,
  rules: [clickRule],
  why: [],
  effects: ['Send 50 USDC to Alice'],
  usd_micro: 50_000_000,
};
export const asked: Event = { event: 'approval', state: 'asked', level: 1 };
export const approved: Event = { event: 'approval', state: 'approved', level: 1 };
export const rejected: Event = { event: 'approval', state: 'rejected', level: 1 };
export const sent: Event = { event: 'sent', id: 7, hash, chain: 'local', explorer: `https://explorer.example/tx/${hash}` };
export const receipt: Event = { event: 'receipt', id: 7, hash, success: true, block: 1281, text: 'Done: Send 50 USDC to Alice.' };
/** A send from what was understood to its receipt. */
export const sending: Event[] = [{ event: 'understood', intent: send, confidence: 0.98, ms: 310 }, preview, decision, asked, approved, sent, receipt];

/** A send to an address that was typed, refused by a rule of the owner. */
export const refused: Event[] = [
  {
    ...preview,
    intent: { intent: 'send', asset: 'ETH', amount: '0.5', to: bob },
    steps: [`Send 0.5 ETH to ${bob}`],
    changes: [{ text: '-0.5 ETH', symbol: 'ETH', usd: '$1,240.00' }],
    parties: [{ role: 'to', name: null, address: bob, source: 'typed' }],
    risks: ['You have never paid this address.', 'This is more than half of your ETH.'],
  },
  {
    event: 'decision',
    level: 'refused',
    rules: [dayRule],
    why: ['It would make $1,322.50 today, and your rule allows $200.'],
    effects: [`Send 0.5 ETH to ${bob}`],
    usd_micro: 1_240_000_000,
  },
];

/** Two readings that the wallet does not choose between by itself. */
export const readings: Event = {
  event: 'say',
  text: 'I am not sure which of these you mean.',
  data: {
    alternatives: [
      { intent: { intent: 'send', asset: 'USDC', amount: '20', to: 'Alice' }, words: 'Send 20 USDC to Alice' },
      { intent: { intent: 'send', asset: 'ETH', amount: '20', to: 'Alice' }, words: 'Send 20 ETH to Alice' },
    ],
  },
};

export const transaction: TransactionRow = {
  id: 7,
  hash,
  chain: 'local',
  summary: 'Send 50 USDC to Alice',
  stage: 'sent',
  state: 'waiting for a block since 20 s',
  nonce: 4,
  block: null,
  confirmations: null,
  confirmations_needed: 2,
  fee: null,
  created: now - 90,
  updated: now - 20,
  replaceable: true,
  explorer: null,
};

/** A conversation: a text is the person's, an event the wallet's. */
export function thread(said: (string | Event)[], more: Partial<Thread> = {}): Thread {
  const messages = said.map(
    (one, i): MessageRow =>
      typeof one === 'string'
        ? { id: i + 1, at: now - 600 + i, role: 'person', text: one, event: null }
        : { id: i + 1, at: now - 600 + i, role: 'wallet', text: null, event: one },
  );
  return { id: 1, title: 'Lunch', messages, state: idle, busy: false, ...more };
}

/** A question that waits for its answer. */
export function question(name: ChatState['name'], words: string, missing: string[] = []): Thread {
  return thread(['send alice 5', { event: 'say', text: words }], { state: { name, question: words, missing, pending: null } });
}

function activity(id: number, kind: ActivityKind, days: number, more: Partial<ActivityRow>): ActivityRow {
  const fee = { symbol: 'ETH', amount: '0.000042', usd_micro: 104_000 };
  const nothing = { gave: null, got: null, with: null, with_name: null, note: null };
  return { id, at: now - days * 86400 - id * 700, kind, chain: 'local', fee, hash, ...nothing, ...more };
}

const history: ActivityRow[] = [
  activity(1, 'out', 0, { gave: { symbol: 'USDC', amount: '50', usd_micro: 50e6 }, with: alice, with_name: 'Alice', note: 'Send 50 USDC to Alice' }),
  activity(2, 'in', 0, { got: { symbol: 'ETH', amount: '0.25', usd_micro: 620e6 }, with: bob }),
  activity(3, 'wrap', 2, { gave: { symbol: 'ETH', amount: '0.1', usd_micro: 248e6 }, got: { symbol: 'WETH', amount: '0.1', usd_micro: 248e6 } }),
  activity(4, 'revoke', 5, { with: router, with_name: 'Uniswap', note: 'Uniswap may take no USDC any more' }),
];

const plain = { contract: null, native: false, caveat: null, remark: null };
const holdings = [
  { ...plain, symbol: 'ETH', name: 'Ether', amount: '1.62', shown: '1.62', usd_micro: 4_017_600_000, price_micro: 2_480_000_000, native: true },
  { ...plain, symbol: 'USDC', name: 'USD Coin', amount: '4950', shown: '4,950', usd_micro: 4_950_000_000, price_micro: 1_000_000, contract: usdc },
  { ...plain, symbol: 'PEPE', name: 'Pepe', amount: '120000', shown: '120,000', usd_micro: null, price_micro: null, caveat: 'No price that can be checked.', contract: router },
];

function use(): Partial<Answers> {
  return {
    conversations: () => [
      { id: 1, title: 'Lunch', started: now - 900, updated: now - 60 },
      { id: 2, title: 'Rent for November', started: now - 86400 * 3, updated: now - 86400 * 2 },
    ],
    conversationOpen: ({ id }) =>
      id === 2
        ? thread([], { id: 2, title: 'Rent for November' })
        : thread(
            [
              'shoot alice fifty bucks in usdc',
              ...sending,
              'what have I got',
              { event: 'say', text: 'On the local chain you have\n1.62 ETH, worth $4,017.60\n4,950 USDC, worth $4,950.00' },
              `send half an eth to ${bob}`,
              ...refused,
            ],
            { state: { ...idle, name: 'refused', pending: send } },
          ),
    conversationNew: ({ title }) => thread([], { id: 3, title: String(title) }),
    conversationRename: () => null,
    conversationDelete: () => null,
    activity: () => ({ rows: history, more: false }),
    activityDetail: ({ id }) => ({ row: history.find((row) => row.id === id) ?? activity(0, 'other', 0, {}), account: me, transaction: null, explorer: null }),
    balances: () => ({
      chain: 'local',
      chain_title: 'Local chain',
      account: me,
      holdings,
      hidden: [],
      total_micro: 8_967_600_000,
      uncertain_micro: 0,
      complete: true,
      at: now - 5,
    }),
    worthOverTime: () =>
      Array.from({ length: 30 }, (_, i) => ({ at: now - (30 - i) * 86400, usd_micro: 8_400_000_000 + Math.round(Math.sin(i / 4) * 3e8) + i * 2e7 })),
    receive: () => ({
      address: me,
      spaced: me.match(/^0x|.{4}/g)?.join(' ') ?? me,
      uri: `ethereum:${me}`,
      note: 'For the local chain only.',
      modules: Array.from({ length: 29 }, (_, y) => Array.from({ length: 29 }, (_, x) => ((x * 7 + y * 13 + ((x * y) % 5)) % 3 === 0 ? '1' : '0')).join('')),
    }),
    contactAdd: () => 'Added.',
    contactRemove: () => 'Removed.',
    contactCheck: ({ address }) => ({ address: String(address), known_as: null, notes: ['This account has never sent anything.'] }),
    allowances: () => ({
      chain: 'local',
      rows: [
        { symbol: 'USDC', token: usdc, spender: router, spender_label: 'Uniswap', amount: 'everything', unlimited: true, via: 'erc20', expires: null, at_risk_micro: 4_950_000_000 },
        { symbol: 'PEPE', token: router, spender: bob, spender_label: null, amount: '500', unlimited: false, via: 'permit2', expires: now + 86400 * 20, at_risk_micro: null },
      ],
      complete: true,
      from_block: 0,
    }),
    credit: () => credit(),
    addLender: ({ url }) => lender({ name: new URL(String(url)).hostname, url: String(url) }),
    removeLender: () => null,
    addLogin: ({ template }) => ({ template: String(template), bank: String(template), account: '' }),
    removeLogin: () => null,
    forgetProof: () => null,
    exportProof: () => '/home/ada/Downloads/parlance-3f3f3f3f.proof',
  };
}

/** Answers by the names that the shell has for its commands. */
export function named(answers: Partial<Answers>): Record<string, (args: Args) => unknown> {
  return Object.fromEntries(Object.entries(answers).map(([name, give]) => [name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`), give]));
}

/** A wallet in use, for `answer`. */
export function inUse(changes: Partial<Answers> = {}): Record<string, (args: Args) => unknown> {
  return named({ ...use(), ...changes });
}

/** Put a wallet in use in the shell's place; gives what it is asked. */
export function wallet(changes: Partial<Answers> = {}, of: World = world()): Calls {
  return answer(of, inUse(changes));
}

/** Moments by name: how the world and its answers differ then. */
export const scenes: Record<string, { signer?: Partial<World['status']['signer']>; session?: Partial<World['session']>; answers?: Partial<Answers> }> = {
  empty: { answers: { conversationOpen: () => thread([]) } },
  asking: {
    signer: { asking: true, lock_in: 95 },
    answers: { conversationOpen: () => thread(['shoot alice fifty bucks in usdc', ...sending.slice(0, 4)], { busy: true }) },
  },
  sent: {
    answers: { conversationOpen: () => thread(['shoot alice fifty bucks in usdc', ...sending.slice(0, 6)]), outstanding: () => [transaction] },
  },
  readings: { answers: { conversationOpen: () => thread(['20 to alice', readings]) } },
  missing: { answers: { conversationOpen: () => question('asking', 'Which asset?', ['asset']) } },
  question: { answers: { conversationOpen: () => question('hesitating', 'That is all of your USDC. Go on?') } },
  proving: {
    answers: {
      conversationOpen: () => thread(['show Maple I have at least ten grand at my bank', progress(8, 'Making the proof on this computer', 41)], { busy: true }),
    },
  },
  stopped: {
    answers: {
      conversationOpen: () => thread(['show Maple I have at least ten grand at my bank', progress(8, 'Making the proof on this computer', 41), { event: 'say', text: 'Stopped. Nothing was sent to a lender.' }]),
    },
  },
  proved: {
    answers: {
      conversationOpen: () => thread(['show Maple I have at least ten grand at my bank', { event: 'proof', proof: proof() }]),
    },
  },
  unproved: {
    answers: {
      conversationOpen: () => thread(['show Maple I have at least fifty grand', { event: 'proof', proof: refusedProof }]),
    },
  },
  beginner: { answers: { credit: () => credit({ proofs: [], lines: [], logins: [], lenders: [] }) } },
  proven: { answers: { credit: () => credit({ lines: [] }) } },
  late: {
    answers: {
      credit: () =>
        credit({
          lines: (['grace', 'delinquent', 'default', 'closed'] as const).map((status, i) => line({ status, id: String(i), due_at: now - 86400 * 3, available: '0' })),
        }),
    },
  },
  locked: { signer: { state: 'locked', lock_in: null, limits: [] } },
  gone: { signer: { state: 'gone', lock_in: null } },
  rollback: { signer: { rollback: 'the ledger is older than the keyring says' } },
  starting: { session: { ready: false } },
  problem: {
    session: {
      ready: false,
      problem: { code: 'store', message: "The wallet's file was written by a newer Parlance.", remedy: 'Install the newer version again.' },
    },
  },
};

/** The wallet says something in a conversation. */
export async function tell(event: ChatEvent['event'], more: Partial<ChatEvent> = {}): Promise<void> {
  const told: ChatEvent = { conversation: 1, message: null, at: now, event, state: idle, busy: false, ...more };
  await emit('chat-event', told);
}

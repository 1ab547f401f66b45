// A wallet made of fixed answers: what the shell would say, for tests and for looking at the pages without it.

import { mockIPC } from '@tauri-apps/api/mocks';
import type {
  ActivityRow, CurrencyRow, DataView, HoldingRow, ModelRow, ModelSetup, NetworkForm, NetworkRow, PackView, Preferences, Problem, RuleDraft, RuleFormView,
  RulesCheck, RulesVersion, RulesView, SchemaWord, SecurityView, Session, StatusView,
} from '../src/lib/bindings';

export const address = '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266';
const now = Math.floor(Date.now() / 1000);

export const ownSource = `// Lunch is my own business.
@id("alice-lunch")
permit (
  principal,
  action == Action::"send",
  resource in Symbol::"USDC"
)
when
{
  context.approval >= 0 &&
  context has recipient &&
  context.recipient has contact &&
  context.recipient.contact == Contact::"Alice" &&
  context.usd <= 30000000 &&
  context.without_asking.day <= 60000000
};

@id("at-most-200-a-day")
forbid (
  principal,
  action in Action::"spend",
  resource
)
when { context.spent.day > 200000000 };
`;

const draftSource = '@id("forbid-any-usd700000000-day")\nforbid(\n  principal,\n  action in Action::"spend",\n  resource\n)\nwhen {\n  context.spent.day > 700000000\n};\n';

const rule = (id: string, sentence: string) => ({ id, sentence });
const packRules = [
  rule('small-to-contacts', 'Up to $20 goes to a contact without asking, when you paid them before, they have been a contact for a day, and no more than $50 goes without asking in a day.'),
  rule('own-accounts', 'Between your own accounts nothing is asked, when the fee is at most $2.'),
  rule('click-contacts', 'A click sends to a contact or an own account, up to $500 a day without your password.'),
  rule('look-alikes', 'What looks like a known address without being it takes the password.'),
];
const ownRules = [
  rule('alice-lunch', 'Allowed without asking: transfers of USDC, when the recipient is your contact Alice, it is worth at most $30 and at most $60 goes without asking in a day.'),
  rule('at-most-200-a-day', 'Never: everything that moves or grants something, when more than $200 leaves in a day.'),
];
const limits = [
  { label: 'Without asking, a day', used: 35_000_000, limit: 50_000_000 },
  { label: 'Without the password, a day', used: 120_000_000, limit: 500_000_000 },
  { label: 'In all, a day', used: 120_000_000, limit: 10_000_000_000 },
];

const word = (w: string, kind: SchemaWord['kind'], type = '', info = ''): SchemaWord => ({ word: w, kind, type, info });
export const words: SchemaWord[] = [
  word('permit', 'keyword', '', 'Allows what fits, at the level of approval that it names.'),
  word('forbid', 'keyword', '', 'Refuses what fits, whatever permits say.'),
  word('when', 'keyword'), word('unless', 'keyword'), word('has', 'keyword'), word('context', 'keyword', '', 'Everything else that the signer knows.'),
  word('principal', 'keyword'), word('action', 'keyword'), word('resource', 'keyword'),
  word('datetime', 'keyword'), word('contains', 'method', '', 'True where the set has the value.'), word('hasTag', 'method'), word('offset', 'method'),
  word('context.approval', 'attribute', 'Long', '0 nobody is asked, 1 a click, 2 the password, 3 a hardware key.'),
  word('context.usd', 'attribute', 'Long', 'Gross value in micro-USD.'),
  word('context.numbers', 'attribute', 'Numbers'), word('context.now', 'attribute', 'datetime'),
  word('context.recipient', 'attribute', 'Recipient', 'Recipient or spender, where the effect names one.'),
  word('context.recipient.known', 'attribute', 'Bool', 'In the address book.'),
  word('context.recipient.contact', 'attribute', 'Contact'),
  word('context.spent', 'attribute', 'Windows'), word('context.spent.day', 'attribute', 'Long'), word('context.spent.week', 'attribute', 'Long'),
  word('Action::"send"', 'action', '', 'For transfers.'), word('Action::"swap"', 'action', '', 'For swaps.'),
  word('Action::"spend"', 'action', 'group', 'For everything that moves something.'),
  word('Account', 'entity', '', 'An account of the owner.'), word('Asset', 'entity'), word('Symbol', 'entity'), word('Contact', 'entity'),
];

/** What the wallet holds; a test changes what it needs before the page is shown. */
export function world() {
  const status: StatusView = {
    signer: {
      state: 'unlocked', pack: 'cautious', rules_version: 3, limits, lock_in: 540, approver: 'window', asking: false, rollback: null,
      accounts: [{ address, label: 'Main', path: "m/44'/60'/0'/0/0", watch_only: false }],
    },
    model: { name: 'parlance-small', backend: 'cpu', ready: true, problem: null },
    network: { name: 'local', title: 'Local chain', testnet: true, block: 1204, latency_ms: 3, problem: null },
    play_money: true,
  };
  const session: Session = { version: '0.1.0', data: '/home/ada/.local/share/parlance', problem: null, ready: true, play_money: true, warning: null };
  const preferences: Preferences = {
    theme: 'light', language: 'en', text_size: 100, currency: 'USD', notifications: true, tray: false, reduced_motion: false,
  };
  const rules: RulesView = { version: 3, pack: 'cautious', pack_source: draftSource, own_source: ownSource, pack_rules: packRules, own_rules: ownRules, limits };
  const packs: PackView[] = [
    { name: 'cautious', summary: 'Small payments to people you know go through, the rest asks.', source: draftSource, rules: packRules, in_force: true },
    {
      name: 'paranoid', summary: 'Nothing leaves without asking, and nothing that the signer does not understand is signed at all.', source: draftSource, in_force: false,
      rules: [rule('look-alikes', 'What looks like a known address without being it takes the password.'), rule('password-contacts', 'The password sends to contacts of more than a day and to own accounts, up to $500 a day.')],
    },
  ];
  const history: RulesVersion[] = [
    { version: 3, pack: 'cautious', own_source: ownSource, seen: now - 600 },
    { version: 2, pack: 'everyday', own_source: ownSource, seen: now - 90_000 },
    { version: 1, pack: 'cautious', own_source: '', seen: now - 900_000 },
  ];
  const networks: NetworkRow[] = [
    {
      name: 'local', title: 'Local chain', chain_id: 31337, native: 'ETH', testnet: true, current: true, own: false, private_relay: null, explorer: null,
      endpoints: [{ host: '127.0.0.1:8545', state: 'good', latency_ms: 3, block: 1204, last_error: null }],
    },
    {
      name: 'base', title: 'Base', chain_id: 8453, native: 'ETH', testnet: false, current: false, own: true, private_relay: 'relay.example', explorer: 'https://basescan.org/',
      endpoints: [
        { host: 'mainnet.base.org', state: 'failing', latency_ms: null, block: null, last_error: 'no answer within 5 seconds' },
        { host: 'base.example', state: 'unknown', latency_ms: null, block: null, last_error: null },
      ],
    },
  ];
  const models: ModelRow[] = [
    { name: 'parlance-small', path: '/usr/lib/parlance/parlance-small.gguf', bytes: 3_300_000, memory: null, licence: null, quantization: null, standing: 'shipped', exam: null, shipped: true, in_use: true, backend: 'cpu', hash: 'a3f1'.repeat(16), problem: null },
    { name: 'mine', path: '/home/ada/mine.gguf', bytes: 0, memory: 900_000_000, licence: 'Apache-2.0', quantization: 'Q8_0', standing: 'not_examined', exam: null, shipped: false, in_use: false, backend: '', hash: null, problem: 'No such file or directory (os error 2)' },
  ];
  const setup: ModelSetup = {
    gpu_layers: null,
    devices: [],
    free_memory: 8_000_000_000,
    offers: [
      { name: 'Some 7B Instruct', file: 'some-7b.gguf', licence: 'MIT', bytes: 4_700_000_000, memory: 6_000_000_000, ready: false },
      { name: 'Tiny Instruct', file: 'tiny.gguf', licence: 'MIT', bytes: 500_000_000, memory: 900_000_000, ready: true },
    ],
  };
  const security: SecurityView = {
    sandbox: ['It can read and write its own folder only.', 'It can open no connection to the network.'],
    keyring: 'The keyring of your session holds the second secret.',
    approver: 'window',
    rollback: null,
    worker: ['No files but its model, no network, no other processes.'],
    store_key: 'The keyring of your session keeps the key of chats and history.',
  };
  const currencies: CurrencyRow[] = [
    { code: 'USD', per_usd: 1, at: null, note: null },
    { code: 'EUR', per_usd: 0.92, at: now - 4000, note: 'set once a day' },
  ];
  const data: DataView = {
    folder: '/home/ada/.local/share/parlance',
    parts: [
      { name: 'wallet', bytes: 1_204_224, note: 'Chats, history, transactions and settings, encrypted.' },
      { name: 'signer', bytes: 40_960, note: "Keys (encrypted), rules, contacts, spend ledger and audit log: the signer's own folder." },
    ],
    downloads: '/home/ada/Downloads',
  };
  const check: RulesCheck = { ok: true, problems: [], rules: ownRules };
  return { status, session, preferences, rules, packs, history, networks, models, setup, security, currencies, data, check };
}
export type World = ReturnType<typeof world>;

export const problem = (over: Partial<Problem> = {}): Problem => ({ code: 'x', message: 'It did not work.', remedy: 'Try it again.', ...over });

type Answer = (args: Record<string, unknown>) => unknown;
/** Every command that was given, in order. */
export type Calls = { command: string; args: Record<string, unknown> }[];

/** Answer as that world does; `over` answers instead where it names a command. */
export function answer(of: World, over: Record<string, Answer> = {}): Calls {
  const calls: Calls = [];
  const answers: Record<string, Answer> = { ...usual(of), ...over };
  mockIPC(
    async (command, payload) => {
      // As it goes over the wire: text.
      const args = JSON.parse(JSON.stringify(payload ?? {})) as Record<string, unknown>;
      calls.push({ command, args });
      const found = answers[command];
      if (!found) throw problem({ message: `no answer to ${command}` });
      return structuredClone(await found(args));
    },
    { shouldMockEvents: true },
  );
  return calls;
}

function usual(of: World): Record<string, Answer> {
  const row = (name: unknown) => of.networks.find((network) => network.name === name) ?? of.networks[0];
  return {
    session: () => of.session,
    status: () => of.status,
    unlock: () => ((of.status.signer.state = 'unlocked'), 'Unlocked.'),
    lock: () => ((of.status.signer.state = 'locked'), 'Locked.'),
    ceremony: ({ kind }) => `Done: ${String(kind)}.`,
    withdraw: () => null,
    conversations: () => [],
    conversation_open: () => ({ id: 1, title: 'New', messages: [], state: { name: 'idle', question: null, missing: [], pending: null }, busy: false }),
    conversation_new: () => ({ id: 1, title: 'New', messages: [], state: { name: 'idle', question: null, missing: [], pending: null }, busy: false }),
    say: () => null,
    act: () => null,
    outstanding: () => [],
    activity: () => ({ rows: [] as ActivityRow[], more: false }),
    activity_export: () => '/home/ada/Downloads/parlance-activity.csv',
    balances: () => ({
      chain: 'local', chain_title: 'Local chain', account: address, holdings: [] as HoldingRow[], hidden: [], total_micro: 0, uncertain_micro: 0, complete: true, at: now,
    }),
    worth_over_time: () => [],
    contacts: () => [
      { name: 'Alice', address: '0x70997970C51812dc3A010C7d01b50e0d17dc79C8', added: now - 900_000, paid: 5 },
      { name: 'Bob', address: '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC', added: now - 7200, paid: 0 },
    ],
    allowances: () => ({ chain: 'local', rows: [], complete: true, from_block: 0 }),
    rules: () => of.rules,
    rules_check: () => of.check,
    rules_format: ({ source }) => `${String(source).trim()}\n`,
    rules_propose: ({ source }) => ((of.rules = { ...of.rules, version: of.rules.version + 1, own_source: String(source) }), 'The new rules are in force.'),
    rules_form: ({ form }) => draft(of, form as RuleFormView),
    rules_packs: () => of.packs,
    rules_propose_pack: ({ name }) => ((of.rules = { ...of.rules, version: of.rules.version + 1, pack: String(name) }), `The pack ${String(name)} is in force.`),
    rules_history: () => of.history,
    rules_words: () => words,
    networks: () => of.networks,
    network_check: ({ name }) => row(name),
    network_use: ({ name }) => ((of.networks = of.networks.map((network) => ({ ...network, current: network.name === name }))), row(name)),
    network_save: ({ network }) => saved(of, network as NetworkForm),
    network_remove: ({ name }) => ((of.networks = of.networks.filter((network) => network.name !== name)), null),
    models: () => of.models,
    model_use: ({ name }) => of.models.find((model) => (name === null ? model.shipped : model.name === name)),
    model_setup: () => of.setup,
    model_layers: ({ layers }) => ((of.setup = { ...of.setup, gpu_layers: layers as number | null }), null),
    model_add: ({ source }) => ((of.models = [...of.models, { ...(of.models[1] as ModelRow), name: 'new', path: String(source), problem: null }]), of.models.at(-1)),
    model_stop: () => null,
    model_remove: ({ name }) => ((of.models = of.models.filter((model) => model.name !== name)), null),
    model_exam: ({ name }) => of.models.find((model) => model.name === name),
    model_bench: () => ({ read_per_s: 812.4, written_per_s: 41.6, ms_message: 38.2, ms_first: 902.7 }),
    security: () => of.security,
    audit_verify: () => ({ entries: 42, head: 'c0ffee'.repeat(10) }),
    preferences: () => of.preferences,
    set_preferences: ({ preferences }) => (of.preferences = preferences as Preferences),
    currencies: () => of.currencies,
    data: () => of.data,
  };
}

/** As the engine has it, for the forms that the tests fill. */
function draft(of: World, form: RuleFormView): RuleDraft {
  if (form.over && !/^\$?\d+(\.\d{1,6})?$/.test(form.over)) {
    throw problem({ code: 'rule', message: `over is \`${form.over}\`, expected an amount such as $200 or 0.5, with at most 6 decimals`, remedy: 'Say up to how much.' });
  }
  if (form.effect === 'allow' && !form.over) throw problem({ code: 'rule', message: 'a rule that allows needs a limit: say up to how much' });
  const id = [form.effect, form.action, form.over ?? 'all', form.per ?? 'tx'].join('-').replace(/[^a-z0-9-]/g, '');
  const source = `@id("${id}")\nforbid(\n  principal,\n  action in Action::"spend",\n  resource\n)\nwhen {\n  context.spent.day > 700000000\n};\n`;
  return { id, sentence: `Never: everything that moves or grants something, when more than ${form.over ?? 'nothing'} leaves in a day.`, source, whole: `${of.rules.own_source.trimEnd()}\n\n${source}`.trimStart() };
}

function saved(of: World, form: NetworkForm): NetworkRow {
  const network: NetworkRow = {
    ...form, title: form.name, current: false, own: true, private_relay: null,
    endpoints: form.endpoints.map((url) => ({ host: new URL(url).host, state: 'unknown', latency_ms: null, block: null, last_error: null })),
  };
  of.networks = [...of.networks.filter((known) => known.name !== form.name), network];
  return network;
}

// The desktop shell's commands and events as the pages use them. The types are held against those of the shell, which its test
// writes into generated.ts: see tests/bindings.types.ts.
import { invoke } from '@tauri-apps/api/core';
import { listen, type UnlistenFn } from '@tauri-apps/api/event';

export const commands = {
  // session and signer
  session: () => invoke<Session>('session'),
  status: () => invoke<StatusView>('status'),
  unlock: () => invoke<string>('unlock'),
  lock: () => invoke<string>('lock'),
  /** Starts one of the signer's own dialogues; it goes on in the signer's window. Resolves with a sentence when it is over. */
  ceremony: (kind: Ceremony) => invoke<string>('ceremony', { kind }),
  /** Takes back what the signer's window asks at present. */
  withdraw: () => invoke<null>('withdraw'),
  // conversations
  conversations: () => invoke<ConversationRow[]>('conversations'),
  conversationOpen: (id: number | null) => invoke<Thread>('conversation_open', { id }),
  conversationNew: (title: string) => invoke<Thread>('conversation_new', { title }),
  conversationRename: (id: number, title: string) => invoke<null>('conversation_rename', { id, title }),
  conversationDelete: (id: number) => invoke<null>('conversation_delete', { id }),
  /** Hears a message; what comes of it arrives as `chatEvent`s. Resolves at once. */
  say: (conversation: number, text: string) => invoke<null>('say', { conversation, text }),
  /** A typed intent, from a button or a form. */
  act: (conversation: number, intent: Intent) => invoke<null>('act', { conversation, intent }),
  // activity
  activity: (filter: ActivityFilter) => invoke<ActivityPage>('activity', { filter }),
  activityDetail: (id: number) => invoke<ActivityDetail>('activity_detail', { id }),
  /** Transactions that are on their way. */
  outstanding: () => invoke<TransactionRow[]>('outstanding'),
  /** Writes a CSV file into the person's download folder; resolves with its path. */
  activityExport: (filter: ActivityFilter) => invoke<string>('activity_export', { filter }),
  // balances
  balances: (chain: string | null, account: string | null) => invoke<BalancesView>('balances', { chain, account }),
  worthOverTime: (chain: string | null, days: number) => invoke<WorthPoint[]>('worth_over_time', { chain, days }),
  receive: (chain: string | null, asset: string | null, amount: string | null, account: string | null) =>
    invoke<ReceiveView>('receive', { chain, asset, amount, account }),
  // contacts (each change ends in the signer's window)
  contacts: () => invoke<ContactRow[]>('contacts'),
  contactAdd: (name: string, address: string) => invoke<string>('contact_add', { name, address }),
  contactRemove: (name: string) => invoke<string>('contact_remove', { name }),
  /** What an address or ENS name stands for, before it is proposed. */
  contactCheck: (name: string, address: string) => invoke<ContactCheck>('contact_check', { name, address }),
  // allowances (revoking is an intent: `act`)
  allowances: (chain: string | null) => invoke<AllowancesView>('allowances', { chain }),
  // proofs and loans (proving, applying, drawing and paying back are intents: `act`)
  credit: () => invoke<CreditView>('credit'),
  /** Asks the lender at that address for its terms. */
  addLender: (url: string) => invoke<LenderView>('add_lender', { url }),
  removeLender: (name: string) => invoke<null>('remove_lender', { name }),
  /** The token goes to the system's keyring and never comes back. */
  addLogin: (template: string, account: string, token: string) => invoke<LoginView>('add_login', { template, account, token }),
  removeLogin: (template: string) => invoke<null>('remove_login', { template }),
  forgetProof: (id: string) => invoke<null>('forget_proof', { id }),
  /** Writes the proof file into the person's download folder; resolves with its path. */
  exportProof: (id: string) => invoke<string>('export_proof', { id }),
  // rules (each change ends in the signer's window)
  rules: () => invoke<RulesView>('rules'),
  rulesCheck: (source: string) => invoke<RulesCheck>('rules_check', { source }),
  rulesFormat: (source: string) => invoke<string>('rules_format', { source }),
  /** Proposes a complete new text of the owner's own rules. */
  rulesPropose: (source: string) => invoke<string>('rules_propose', { source }),
  /** The Cedar text and sentence that a filled form stands for; nothing is proposed. */
  rulesForm: (form: RuleFormView) => invoke<RuleDraft>('rules_form', { form }),
  rulesPacks: () => invoke<PackView[]>('rules_packs'),
  rulesProposePack: (name: string) => invoke<string>('rules_propose_pack', { name }),
  /** Versions that this wallet has seen, the latest first. */
  rulesHistory: () => invoke<RulesVersion[]>('rules_history'),
  /** Words of the rule language with their meaning, from the schema. */
  rulesWords: () => invoke<SchemaWord[]>('rules_words'),
  // settings
  networks: () => invoke<NetworkRow[]>('networks'),
  /** Asks each endpoint of a network now. */
  networkCheck: (name: string) => invoke<NetworkRow>('network_check', { name }),
  networkUse: (name: string) => invoke<NetworkRow>('network_use', { name }),
  networkSave: (network: NetworkForm) => invoke<NetworkRow>('network_save', { network }),
  networkRemove: (name: string) => invoke<null>('network_remove', { name }),
  models: () => invoke<ModelRow[]>('models'),
  /** How models are run here, and which are recommended. */
  modelSetup: () => invoke<ModelSetup>('model_setup'),
  /** Takes a model into use; null goes back to the shipped one. */
  modelUse: (name: string | null) => invoke<ModelRow>('model_use', { name }),
  /** Layers on the graphics card; null for as many as fit. */
  modelLayers: (layers: number | null) => invoke<null>('model_layers', { layers }),
  /** A file, an https address, or a name of the catalogue; `modelProgress` tells how far it is. */
  modelAdd: (source: string, sha256: string | null) => invoke<ModelRow>('model_add', { source, sha256 }),
  /** Stops what is added or examined at present. */
  modelStop: () => invoke<null>('model_stop'),
  modelRemove: (name: string) => invoke<null>('model_remove', { name }),
  /** `modelProgress` tells how far it is. */
  modelExam: (name: string) => invoke<ModelRow>('model_exam', { name }),
  modelBench: (name: string | null) => invoke<BenchView>('model_bench', { name }),
  security: () => invoke<SecurityView>('security'),
  auditVerify: () => invoke<AuditView>('audit_verify'),
  preferences: () => invoke<Preferences>('preferences'),
  setPreferences: (preferences: Preferences) => invoke<Preferences>('set_preferences', { preferences }),
  currencies: () => invoke<CurrencyRow[]>('currencies'),
  data: () => invoke<DataView>('data'),
};

export const events = {
  /** Something was said in a conversation. */
  chatEvent: (then: (e: ChatEvent) => void): Promise<UnlistenFn> => listen<ChatEvent>('chat-event', (e) => then(e.payload)),
  /** Signer, model or network changed; at least every few seconds. */
  statusChanged: (then: (e: StatusView) => void): Promise<UnlistenFn> => listen<StatusView>('status-changed', (e) => then(e.payload)),
  /** How far adding a model, or its exam, has come. */
  modelProgress: (then: (e: ModelProgress) => void): Promise<UnlistenFn> => listen<ModelProgress>('model-progress', (e) => then(e.payload)),
  /** A transaction went a step further. */
  transactionChanged: (then: (e: TransactionRow) => void): Promise<UnlistenFn> =>
    listen<TransactionRow>('transaction-changed', (e) => then(e.payload)),
  /** From the tray or another start of the program: show this screen. */
  goTo: (then: (e: GoTo) => void): Promise<UnlistenFn> => listen<GoTo>('go-to', (e) => then(e.payload)),
};

/** What every command throws. */
export type Problem = { code: string; message: string; remedy: string };

export type GoTo = { screen: string };

export type Session = {
  version: string;
  /** Folder of this wallet. */
  data: string;
  /** Set while or where the wallet can't be opened. */
  problem: Problem | null;
  /** False while it is still being opened. */
  ready: boolean;
  play_money: boolean;
  /** Said once: how the chats' key is kept where there is no keyring. */
  warning: string | null;
};

export type SignerState = 'starting' | 'no_vault' | 'locked' | 'unlocked' | 'gone';
export type StatusView = {
  signer: SignerView;
  model: ModelStatus;
  network: NetworkStatus;
  play_money: boolean;
};
export type SignerView = {
  state: SignerState;
  pack: string;
  rules_version: number;
  limits: Gauge[];
  /** Seconds until it locks itself. */
  lock_in: number | null;
  /** `window`, `terminal` or `none`. */
  approver: string;
  /** True while the signer's window asks something on behalf of this wallet. */
  asking: boolean;
  /** Why everything asks for the password, while a rollback is not acknowledged. */
  rollback: string | null;
  accounts: AccountRow[];
};
/** Micro-USD. */
export type Gauge = { label: string; used: number; limit: number };
export type AccountRow = { address: string; label: string; path: string | null; watch_only: boolean };
export type ModelStatus = { name: string; backend: string; ready: boolean; problem: string | null };
export type NetworkStatus = {
  name: string;
  title: string;
  testnet: boolean;
  block: number | null;
  latency_ms: number | null;
  problem: string | null;
};

export type ConversationRow = { id: number; title: string; started: number; updated: number };
export type Thread = {
  id: number;
  title: string;
  messages: MessageRow[];
  state: ChatState;
  /** True while a message is being dealt with. */
  busy: boolean;
};
export type MessageRow = {
  id: number;
  /** Unix seconds. */
  at: number;
  role: 'person' | 'wallet' | 'event';
  /** What the person said. */
  text: string | null;
  /** What the wallet said. */
  event: Event | null;
};
export type ChatStateName =
  | 'idle' | 'asking' | 'hesitating' | 'asking_public' | 'resuming' | 'signing' | 'waiting' | 'proving' | 'applying' | 'refused';
export type ChatState = {
  name: ChatStateName;
  question: string | null;
  /** Fields that a question is about. */
  missing: string[];
  /** What stands to be amended. */
  pending: Intent | null;
};
export type ChatEvent = {
  conversation: number;
  /** Row of the message; null for events that are not written down. */
  message: number | null;
  at: number;
  event: Event;
  state: ChatState;
  busy: boolean;
};

/** 0 nobody is asked, 1 a click, 2 the password, 3 a hardware key. */
export type Level = number | 'refused';
export type RuleRef = { id: string; sentence: string };
export type Event =
  | { event: 'understood'; intent: Intent; confidence: number | null; ms: number | null; provenance?: Record<string, string> }
  | ({ event: 'preview' } & Preview)
  | { event: 'decision'; level: Level; rules: RuleRef[]; why: string[]; effects: string[]; usd_micro: number | null }
  | { event: 'approval'; state: 'asked' | 'approved' | 'rejected'; level: Level }
  | { event: 'sent'; id: number; hash: string; chain: string; explorer?: string | null }
  | { event: 'receipt'; id: number; hash: string; success: boolean; block: number; text: string }
  | { event: 'say'; text: string; data?: JsonValue }
  | { event: 'error'; code: string; message: string; remedy: string }
  | ({ event: 'progress' } & ProgressView)
  | { event: 'proof'; proof: ProofView }
  /** Not written down: the message is dealt with. */
  | { event: 'done' };
export type Preview = {
  chain: string;
  account: string;
  /** What was wished; its fields can be edited and sent back by `amend`. */
  intent: Intent;
  steps: string[];
  changes: Change[];
  fee: string;
  parties: Party[];
  risks: string[];
  simulated_by?: string | null;
};
/** `usd` is the amount's worth in words, as `$50.00`. */
export type Change = { text: string; symbol: string; usd: string | null };
export type Party = { role: string; name?: string | null; address: string; source: string };
/** An intent as docs/intents.md has it: `intent` names it, the other fields are its own. */
export type Intent = { intent: string; [field: string]: JsonValue };
export type JsonValue = null | boolean | number | string | JsonValue[] | { [key: string]: JsonValue };

export type ActivityKind =
  | 'in' | 'out' | 'swap' | 'bridge' | 'wrap' | 'approve' | 'revoke' | 'x402' | 'loan' | 'agent' | 'fee' | 'other';
export type ActivityFilter = {
  kinds: ActivityKind[];
  asset: string | null;
  with: string | null;
  /** Free text in note, name, address or hash. */
  text: string | null;
  chain: string | null;
  /** Unix seconds. */
  from: number | null;
  until: number | null;
  offset: number;
  limit: number;
};
export type ActivityPage = { rows: ActivityRow[]; more: boolean };
export type LegView = { symbol: string; amount: string; usd_micro: number | null };
export type ActivityRow = {
  id: number;
  at: number;
  kind: ActivityKind;
  chain: string;
  gave: LegView | null;
  got: LegView | null;
  fee: LegView | null;
  with: string | null;
  with_name: string | null;
  note: string | null;
  hash: string | null;
};
export type ActivityDetail = { row: ActivityRow; account: string; transaction: TransactionRow | null; explorer: string | null };
export type TransactionStage = 'prepared' | 'signed' | 'sent' | 'mined' | 'final' | 'reverted' | 'replaced' | 'dropped' | 'abandoned';
export type TransactionRow = {
  id: number;
  hash: string | null;
  chain: string;
  summary: string;
  stage: TransactionStage;
  /** In words. */
  state: string;
  nonce: number;
  block: number | null;
  /** Blocks on top of its own, and how many make it final. */
  confirmations: number | null;
  confirmations_needed: number;
  fee: string | null;
  created: number;
  updated: number;
  /** True while speeding up and cancelling are possible. */
  replaceable: boolean;
  explorer: string | null;
};

export type BalancesView = {
  chain: string;
  chain_title: string;
  account: string;
  holdings: HoldingRow[];
  hidden: HoldingRow[];
  total_micro: number;
  uncertain_micro: number;
  complete: boolean;
  at: number;
};
export type HoldingRow = {
  symbol: string;
  name: string;
  /** Decimal, exact. */
  amount: string;
  /** Short for the eye. */
  shown: string;
  usd_micro: number | null;
  price_micro: number | null;
  /** What to know about the price. */
  caveat: string | null;
  remark: string | null;
  contract: string | null;
  native: boolean;
};
export type WorthPoint = { at: number; usd_micro: number };
export type ReceiveView = {
  address: string;
  spaced: string;
  uri: string;
  note: string;
  /** Rows of `0` and `1`, without quiet zone. */
  modules: string[];
};

export type ContactRow = { name: string; address: string; added: number; paid: number };
export type ContactCheck = {
  address: string;
  /** The address is one of the book already, under this name. */
  known_as: string | null;
  notes: string[];
};

export type AllowancesView = { chain: string; rows: AllowanceRow[]; complete: boolean; from_block: number };
export type AllowanceRow = {
  symbol: string;
  token: string;
  spender: string;
  spender_label: string | null;
  amount: string;
  unlimited: boolean;
  via: 'erc20' | 'eip2612' | 'permit2';
  expires: number | null;
  /** Worth that can be taken at most now. */
  at_risk_micro: number | null;
};

/** How far something long is; it can be cancelled. */
export type ProgressView = {
  what: string;
  /** From 1. */
  stage: number;
  stages: number;
  /** What is done now. */
  sentence: string;
  seconds_left: number | null;
};

export type CreditView = {
  lenders: LenderView[];
  banks: BankView[];
  logins: LoginView[];
  proofs: ProofView[];
  lines: LineView[];
  /** Why the lines are shown as they were read last. */
  lines_problem: Problem | null;
};
export type LenderView = {
  name: string;
  url: string;
  /** These three are empty while it was never reached. */
  chain: string;
  pool: string;
  /** Symbol of what it lends. */
  asset: string;
  /** Play money. */
  demo: boolean;
  reachable: boolean;
  problem: Problem | null;
  tiers: TierView[];
  /** Ids of bank templates. */
  banks: string[];
};
/** The `units` are exact decimals, the words beside them are for people. */
export type TierView = {
  at_least: string;
  at_least_units: string;
  currency: string;
  limit: string;
  limit_units: string;
  rate: string;
  cycle_days: number;
};
export type BankView = {
  template: string;
  name: string;
  domain: string;
  /** What a login needs besides the token. */
  parameter: string | null;
  /** Why a lender may not accept it yet. */
  notes: string | null;
};
/** `account` is shortened; empty where the login is the token alone. */
export type LoginView = { template: string; bank: string; account: string };
export type ProofView = {
  id: string;
  lender: string;
  bank: string;
  statement: string;
  made_at: number;
  expires_at: number;
  accepted: boolean;
  /** False while the lender has not answered. */
  answered: boolean;
  /** The most that it lends with it, for people. */
  limit: string | null;
  /** What the lender learned besides. */
  visible: string[];
  checks: CheckView[];
  /** Why it is not accepted, or why no line goes with it. */
  reasons: string[];
};
export type CheckView = { name: string; passed: boolean; sentence: string };
export type LineStatus = 'current' | 'grace' | 'delinquent' | 'default' | 'closed';
export type LineView = {
  id: string;
  lender: string;
  chain: string;
  pool: string;
  asset: string;
  /** Decimals, exact. */
  limit: string;
  drawn: string;
  /** With interest, in this second. */
  owed: string;
  available: string;
  due: string | null;
  due_at: number | null;
  rate: string;
  status: LineStatus;
  opened_at: number;
  expires_at: number;
  /** What was proved for it. */
  statement: string | null;
};

export type RulesView = {
  version: number;
  pack: string;
  pack_source: string;
  own_source: string;
  pack_rules: RuleRef[];
  own_rules: RuleRef[];
  limits: Gauge[];
};
export type RulesCheck = { ok: boolean; problems: RuleProblem[]; rules: RuleRef[] };
export type RuleProblem = {
  severity: 'error' | 'warning';
  /** UTF-16 offsets into the source; the same where the place is not known. */
  from: number;
  to: number;
  line: number;
  message: string;
  help: string | null;
};
export type RuleFormView = {
  effect: 'allow' | 'ask' | 'forbid';
  action: 'send' | 'swap' | 'approve' | 'x402' | 'any';
  asset: string | null;
  to: string | null;
  over: string | null;
  per: 'tx' | 'day' | 'week' | 'month' | null;
};
export type RuleDraft = { id: string; sentence: string; source: string; whole: string };
export type PackView = { name: string; summary: string; source: string; rules: RuleRef[]; in_force: boolean };
export type RulesVersion = { version: number; pack: string; own_source: string; seen: number };
export type SchemaWord = { word: string; kind: 'attribute' | 'action' | 'entity' | 'keyword' | 'method'; type: string; info: string };

export type NetworkRow = {
  name: string;
  title: string;
  chain_id: number;
  native: string;
  testnet: boolean;
  current: boolean;
  /** True where the person added or changed it. */
  own: boolean;
  private_relay: string | null;
  explorer: string | null;
  endpoints: EndpointRow[];
};
export type EndpointRow = {
  host: string;
  state: 'unknown' | 'good' | 'resting' | 'failing' | 'wrong_chain';
  latency_ms: number | null;
  block: number | null;
  last_error: string | null;
};
export type NetworkForm = {
  name: string;
  chain_id: number;
  native: string;
  endpoints: string[];
  explorer: string | null;
  testnet: boolean;
};
export type ModelStanding = 'shipped' | 'licensed' | 'questions_only' | 'not_examined';
export type ExamView = {
  passed: boolean;
  at: number;
  actionable: number;
  exact: number;
  unclear: number;
  declined: number;
  harmful: number;
  mistakes: { text: string; understood: string }[];
};
export type ModelRow = {
  name: string;
  path: string;
  bytes: number;
  /** About; null for the shipped one. */
  memory: number | null;
  licence: string | null;
  quantization: string | null;
  standing: ModelStanding;
  exam: ExamView | null;
  shipped: boolean;
  in_use: boolean;
  backend: string;
  hash: string | null;
  problem: string | null;
};
export type ModelOffer = { name: string; file: string; licence: string; bytes: number; memory: number; ready: boolean };
export type ModelSetup = { gpu_layers: number | null; devices: string[]; free_memory: number | null; offers: ModelOffer[] };
/** Tokens a second, and milliseconds. */
export type BenchView = { read_per_s: number; written_per_s: number; ms_message: number; ms_first: number };
/** Bytes, or questions of the exam. */
export type ModelProgress = { done: number; total: number | null };
export type SecurityView = {
  sandbox: string[];
  keyring: string;
  approver: string;
  rollback: string | null;
  worker: string[];
  store_key: string;
};
export type AuditView = { entries: number; head: string };
export type Preferences = {
  theme: 'system' | 'light' | 'dark';
  language: 'system' | 'en' | 'es' | 'zh';
  /** Percent of the normal text size: 80 to 200. */
  text_size: number;
  /** ISO 4217; `USD` where the chain has no feed for it. */
  currency: string;
  notifications: boolean;
  /** Go on in the tray when the window is closed. */
  tray: boolean;
  reduced_motion: boolean;
};
export type CurrencyRow = { code: string; per_usd: number | null; at: number | null; note: string | null };
export type DataView = { folder: string; parts: DataPart[]; downloads: string };
export type DataPart = { name: string; bytes: number; note: string };

export type Ceremony =
  | 'first_run' | 'import' | 'add_account' | 'watch_account' | 'export' | 'backup' | 'restore' | 'change_password' | 'incident';

// Lenders, logins, proofs and lines for tests and for looking at the pages.

import type { CreditView, Event, LenderView, LineView, ProofView } from '../src/lib/bindings';
import { problem } from './fixtures';

const now = Math.floor(Date.now() / 1000);
const day = 86400;
export const pool = '0x9fE46736679d2D9a65F0992F2272dE9f3c7fa6e0';

export function lender(over: Partial<LenderView> = {}): LenderView {
  const tier = (at_least: string, at_least_units: string, limit: string, limit_units: string, rate: string) => ({
    at_least, at_least_units, currency: 'USD', limit, limit_units, rate, cycle_days: 30,
  });
  return {
    name: 'Maple',
    url: 'http://127.0.0.1:8402',
    chain: 'local',
    pool,
    asset: 'USDC',
    demo: true,
    reachable: true,
    problem: null,
    tiers: [
      tier('$2,500', '2500', '300 USDC', '300', '16% a year'),
      tier('$10,000', '10000', '1,500 USDC', '1500', '12% a year'),
      tier('$50,000', '50000', '9,000 USDC', '9000', '9% a year'),
    ],
    banks: ['demo'],
    ...over,
  };
}

export const away = lender({
  name: 'Oak & Daughters',
  url: 'https://lend.oak.example',
  demo: false,
  reachable: false,
  tiers: [],
  chain: '',
  pool: '',
  asset: '',
  banks: [],
  problem: problem({ code: 'lender', message: 'https://lend.oak.example does not answer within 10 seconds.', remedy: 'Try again later, or check the address.' }),
});

export function proof(over: Partial<ProofView> = {}): ProofView {
  return {
    id: `0x${'3f'.repeat(32)}`,
    lender: 'Maple',
    bank: 'Demo bank',
    statement: 'An account at Demo bank holds at least $10,000',
    made_at: now - 3600,
    expires_at: now + 6 * day,
    accepted: true,
    answered: true,
    limit: '1,500 USDC',
    visible: ['The bank: api.demo-bank.example.', "The lengths of the bank's answer (412 bytes) and of the token (28 bytes).", 'A code by which it knows this account again, and not which account it is.'],
    checks: [
      { name: 'notary', passed: true, sentence: 'The notary of Maple signed the recording 20 seconds after it began.' },
      { name: 'certificate', passed: true, sentence: 'The certificate of api.demo-bank.example leads to a root that Maple trusts.' },
      { name: 'proof', passed: true, sentence: 'The proof holds for this statement and for no other.' },
    ],
    reasons: [],
    ...over,
  };
}

export const refusedProof = proof({
  id: `0x${'a7'.repeat(32)}`,
  statement: 'An account at Demo bank holds at least $50,000',
  made_at: now - 2 * day,
  accepted: false,
  limit: null,
  checks: [
    { name: 'notary', passed: true, sentence: 'The notary of Maple signed the recording.' },
    { name: 'age', passed: false, sentence: 'The session was 3 hours old, and Maple takes at most one hour.' },
  ],
  reasons: ['The session was 3 hours old, and Maple takes at most one hour.'],
});

export function line(over: Partial<LineView> = {}): LineView {
  return {
    id: '1',
    lender: 'Maple',
    chain: 'local',
    pool,
    asset: 'USDC',
    limit: '1500',
    drawn: '400',
    owed: '401.315068',
    available: '1100',
    due: '41.315068',
    due_at: now + 12 * day,
    rate: '12% a year',
    status: 'current',
    opened_at: now - 18 * day,
    expires_at: now + 72 * day,
    statement: 'An account at Demo bank holds at least $10,000',
    ...over,
  };
}

export function credit(over: Partial<CreditView> = {}): CreditView {
  return {
    lenders: [lender(), away],
    banks: [
      { template: 'demo', name: 'Demo bank', domain: 'api.demo-bank.example', parameter: 'account', notes: null },
      { template: 'mercury', name: 'Mercury', domain: 'api.mercury.com', parameter: null, notes: 'Its ids can be guessed: no lender may accept it yet.' },
      { template: 'starling', name: 'Starling', domain: 'api.starlingbank.com', parameter: 'account', notes: null },
    ],
    logins: [{ template: 'demo', bank: 'Demo bank', account: '7c9e…0ae7' }],
    proofs: [proof(), refusedProof],
    lines: [line()],
    lines_problem: null,
    ...over,
  };
}

export const progress = (stage: number, sentence: string, seconds_left: number | null = null): Event => ({
  event: 'progress', what: 'proof', stage, stages: 9, sentence, seconds_left,
});

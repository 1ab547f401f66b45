import { cleanup, render, screen, waitFor, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { emit } from '@tauri-apps/api/event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { app } from '../src/lib/app.svelte';
import type { ChatEvent, CreditView } from '../src/lib/bindings';
import { about, sum } from '../src/lib/format.svelte';
import Credit from '../src/screens/Credit/Credit.svelte';
import { amountOf, banksFor, borrow, canDraw, isLenderUrl, lineFor, prove, standing, tierFor, wrongAmount, type Borrowing } from '../src/screens/Credit/credit';
import { away, credit, lender, line, proof, refusedProof } from './credit-fixtures';
import { idle } from './chat-fixtures';
import { problem } from './fixtures';
import { barriers, fails, moved, seconds, settled, shell, transaction } from './money-fixtures';
import './patience';

beforeEach(() => {
  app.place = null;
  app.screen = 'credit';
});

// A screen stops listening before the shell is gone.
afterEach(async () => {
  cleanup();
  await settled();
});

const now = Date.now() / 1000;
const draw: Borrowing = { does: 'draw', lender: 'Maple', asset: 'USDC', most: '1100', due: null };

describe('amounts', () => {
  it('are digits, with a point and with commas between thousands', () => {
    for (const [typed, amount] of [['250', '250'], [' 99.50 ', '99.50'], ['1,500', '1500'], ['1,234,567.8', '1234567.8']]) expect(amountOf(typed ?? ''), typed).toBe(amount);
    for (const wrong of ['', '0', '0.00', '-5', '1e3', '1,50', '15,00', '1.500,00', '5 USDC', '$5', '.5', '5.', 'max']) expect(amountOf(wrong), wrong).toBeNull();
  });

  it('are held against what there is', () => {
    expect(wrongAmount('1100', '1100')).toBeNull();
    expect(wrongAmount('1100.000001', '1100')).toBe('credit.amount_above');
    expect(wrongAmount('ten', '1100')).toBe('credit.amount_wrong');
    expect(wrongAmount('999999', null)).toBeNull();
  });

  it('are shown whole, or short', () => {
    expect(sum('12345678901234567890.123456', 'USDC')).toBe('12,345,678,901,234,567,890.123456 USDC');
    expect(sum('1,500 USDC')).toBe('1,500 USDC');
    expect(about('401.315068', 'USDC')).toBe('401.32 USDC');
    expect(about('0.0000412', 'ETH')).toBe('0.000041 ETH');
    expect(about('0', 'USDC')).toBe('0 USDC');
  });
});

describe('what proofs and lines stand for', () => {
  it('a proof counts until its time is over, and only where it was accepted', () => {
    expect(standing(proof(), now)).toBe('counts');
    expect(standing(proof({ expires_at: 1000 }), now)).toBe('over');
    expect(standing(refusedProof, now)).toBe('refused');
    expect(standing(proof({ answered: false, accepted: false }), now)).toBe('unanswered');
  });

  it('a line is offered with a proof that counts and that the lender lends for', () => {
    expect(lineFor(proof(), now)).toEqual({ does: 'apply', lender: 'Maple', asset: null, most: '1500', due: null });
    for (const none of [refusedProof, proof({ limit: null }), proof({ expires_at: 1000 })]) expect(lineFor(none, now)).toBeNull();
  });

  it('a line is drawn from while it is on time, open, and something is left', () => {
    expect(canDraw(line(), now)).toBe(true);
    for (const no of [line({ status: 'grace' }), line({ expires_at: 1000 }), line({ available: '0' })]) expect(canDraw(no, now)).toBe(false);
  });

  it('terms are those of the highest tier that is reached, in that currency', () => {
    const { tiers } = lender();
    expect(tierFor(tiers, '12000', 'USD')?.limit).toBe('1,500 USDC');
    expect(tierFor([...tiers].reverse(), '10000', 'USD')?.limit).toBe('1,500 USDC');
    expect(tierFor(tiers, '2499.99', 'USD')).toBeNull();
    expect(tierFor(tiers, '12000', 'EUR')).toBeNull();
    expect(tierFor(tiers, null, 'USD')).toBeNull();
  });

  it('banks are those that the lender accepts, with a login first', () => {
    const banks = banksFor(lender({ banks: ['demo', 'starling', 'unheard-of'] }), credit({ logins: [{ template: 'starling', bank: 'Starling', account: '' }] }));
    expect(banks.map((bank) => [bank.template, bank.ready])).toEqual([['starling', true], ['demo', false]]);
    expect(banksFor(undefined, credit())).toEqual([]);
  });

  it('intents are as the vocabulary has them', () => {
    expect(borrow(draw, '250')).toEqual({ intent: 'loan_draw', amount: '250', asset: 'USDC' });
    expect(borrow({ ...draw, does: 'repay' }, 'max')).toEqual({ intent: 'loan_repay', amount: 'max', asset: 'USDC' });
    expect(borrow({ ...draw, does: 'apply', asset: null }, '900')).toEqual({ intent: 'loan_apply', amount: '900', lender: 'Maple' });
    expect(prove('10000', 'USD', 'demo', 'Maple')).toEqual({ intent: 'prove_balance', at_least: '10000 USD', bank: 'demo', lender: 'Maple' });
  });

  it('lenders are asked over TLS, or on this computer', () => {
    for (const good of ['https://lend.example', ' https://lend.example/maple ', 'http://127.0.0.1:8402', 'http://localhost:1', 'http://[::1]:8402']) expect(isLenderUrl(good), good).toBe(true);
    for (const bad of ['', 'lend.example', 'http://lend.example', 'http://127.0.0.1.example', 'ftp://127.0.0.1', 'javascript:alert(1)', 'https://me:secret@lend.example']) expect(isLenderUrl(bad), bad).toBe(false);
  });
});

describe('lines', () => {
  it('say what is drawn, available, owed and due', async () => {
    const { asked } = shell();
    const { container } = render(Credit);
    const card = await screen.findByRole('region', { name: 'Line 1 of Maple' });
    const gauge = within(card).getByRole('meter', { name: 'Drawn' });
    expect(gauge).toHaveAttribute('aria-valuetext', '400 USDC of 1,500 USDC');
    expect([gauge.getAttribute('aria-valuenow'), gauge.getAttribute('aria-valuemax')]).toEqual(['400', '1500']);
    expect(card).toHaveTextContent(/On time.*Available\s*1,100 USDC.*401\.32 USDC.*41\.32 USDC.*in 12 days.*12% a year/s);
    await seconds(4);
    expect(asked('credit')).toHaveLength(1);
    expect(await barriers(container)).toEqual([]);
  });

  it.each([
    ['grace', 'Payment late', /days of grace/],
    ['delinquent', 'Overdue', /loses value/],
    ['default', 'In default', /All of it is due now/],
    ['closed', 'Closed', /paid back and over/],
  ] as const)('in %s say so in words', async (status, badge, words) => {
    shell({ credit: () => credit({ lines: [line({ status, available: '0', due: null, due_at: null })] }) });
    const { container } = render(Credit);
    const card = await screen.findByRole('region', { name: 'Line 1 of Maple' });
    expect(within(card).getByText(badge)).toBeVisible();
    expect(card).toHaveTextContent(words);
    expect(card).toHaveTextContent('nothing is due');
    if (status === 'closed') expect(within(card).queryAllByRole('button', { name: /Pay|Draw/ })).toEqual([]);
    else expect(within(card).getByRole('button', { name: 'Draw from the line of Maple' })).toBeDisabled();
    expect(await barriers(container)).toEqual([]);
  });

  it('of one lender are told apart', async () => {
    shell({ credit: () => credit({ lines: [line({ id: '7' }), line({ status: 'closed' })] }) });
    const { container } = render(Credit);
    expect(await screen.findByRole('region', { name: 'Line 7 of Maple' })).toBeVisible();
    expect(screen.getByRole('region', { name: 'Line 1 of Maple' })).toHaveTextContent('Closed');
    expect(await barriers(container)).toEqual([]);
  });

  it('are drawn from by an amount, which goes to the chat', async () => {
    shell();
    render(Credit);
    await userEvent.click(await screen.findByRole('button', { name: 'Draw from the line of Maple' }));
    const field = await screen.findByLabelText('Amount in USDC');
    await userEvent.type(field, '1200{Enter}');
    expect(screen.getByText('That is more than 1,100 USDC.')).toHaveAttribute('role', 'alert');
    expect(app.wish).toBeNull();
    await userEvent.clear(field);
    await userEvent.type(field, '250{Enter}');
    expect(app.wish).toEqual({ intent: { intent: 'loan_draw', amount: '250', asset: 'USDC' } });
    expect(app.screen).toBe('chat');
  });

  it.each([
    ['What is due: 41.315068 USDC', '41.315068'],
    ['All of it', 'max'],
  ])('are paid back: %s', async (name, amount) => {
    shell();
    render(Credit);
    await userEvent.click(await screen.findByRole('button', { name: 'Pay Maple back' }));
    await userEvent.click(await screen.findByRole('button', { name }));
    expect(app.wish).toEqual({ intent: { intent: 'loan_repay', amount, asset: 'USDC' } });
  });

  it('that are none say what to do: prove, or apply where that is done', async () => {
    const { now: next } = shell({ credit: () => credit({ lines: [], proofs: [] }) });
    const { unmount, container } = render(Credit);
    expect(await screen.findByText('Nothing borrowed yet')).toBeVisible();
    expect(screen.getByText('Nothing proved yet')).toBeVisible();
    expect(screen.getAllByRole('button', { name: 'Prove a balance' })).toHaveLength(2);
    expect(await barriers(container)).toEqual([]);
    unmount();
    next({ credit: () => credit({ lines: [] }) });
    render(Credit);
    await userEvent.click(await screen.findByRole('button', { name: 'Apply for a line' }));
    expect(await screen.findByLabelText('Amount')).toHaveValue('1500');
    await userEvent.keyboard('{Tab}');
    await userEvent.click(within(screen.getByRole('dialog', { name: 'Apply for a line of Maple' })).getByRole('button', { name: 'Apply for a line' }));
    expect(app.wish).toEqual({ intent: { intent: 'loan_apply', amount: '1500', lender: 'Maple' } });
  });

  it('that can not be read stand as they were, with what to do, and nothing else goes', async () => {
    const wrong = problem({ code: 'offline', message: 'The local chain does not answer.', remedy: 'Look at the endpoints in Settings.' });
    const { now: next } = shell({ credit: () => credit({ lines_problem: wrong, lenders: [lender()] }) });
    render(Credit);
    expect(await screen.findByRole('alert')).toHaveTextContent('The local chain does not answer. Look at the endpoints in Settings.');
    expect(screen.getByRole('region', { name: 'Line 1 of Maple' })).toBeVisible();
    next({ credit: () => credit({ lines: [], lines_problem: problem({ code: 'locked' }), lenders: [lender()] }) });
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(await screen.findByText('The wallet is locked. Unlock it to see this.')).toBeVisible();
    expect(screen.queryByText('Nothing borrowed yet')).toBeNull();
    expect(screen.getByRole('button', { name: /holds at least \$10,000/ })).toBeVisible();
  });
});

describe('proofs', () => {
  it('say what was proved, to whom, and how it stands', async () => {
    shell({ credit: () => credit({ proofs: [proof(), refusedProof, proof({ id: '0x1', expires_at: 1000 }), proof({ id: '0x2', answered: false, accepted: false, visible: [], checks: [] })] }) });
    render(Credit);
    const rows = within(await screen.findByRole('region', { name: 'Proofs' })).getAllByRole('listitem');
    expect(rows.map((row) => /Accepted, counts no more|Not accepted|No answer yet|Accepted/.exec(row.textContent ?? '')?.[0])).toEqual([
      'Accepted', 'Not accepted', 'Accepted, counts no more', 'No answer yet',
    ]);
    expect(rows[0]).toHaveTextContent(/to Maple, about Demo bank.*counts until/s);
    expect(rows[1]).toHaveTextContent('Maple takes at most one hour.');
    expect(rows[2]).not.toHaveTextContent('counts until');
  });

  it('are looked at whole: what was learned, and each check', async () => {
    const { asked } = shell();
    const { container } = render(Credit);
    await userEvent.click(await screen.findByRole('button', { name: /holds at least \$50,000/ }));
    const panel = await screen.findByRole('dialog', { name: 'Proof' });
    expect(within(panel).getByRole('region', { name: 'What Maple learned' })).toHaveTextContent('The bank: api.demo-bank.example.');
    expect(panel).toHaveTextContent('1 of 2 checks hold');
    expect(panel).toHaveTextContent(/holds: The notary.*fails: The session was 3 hours old/s);
    expect(within(panel).queryByRole('button', { name: 'Apply for a line' })).toBeNull();
    expect(await barriers(container)).toEqual([]);
    await userEvent.click(within(panel).getByRole('button', { name: 'Export the file' }));
    expect(asked('export_proof')).toEqual([{ id: refusedProof.id }]);
    expect(app.toasts.map((toast) => toast.text)).toEqual(['Exported to /home/ada/Downloads/parlance-3f3f3f3f.proof']);
  });

  it('are opened from a verdict in the chat', async () => {
    app.place = proof().id;
    shell();
    render(Credit);
    const panel = await screen.findByRole('dialog', { name: 'Proof' });
    expect(panel).toHaveTextContent('holds at least $10,000');
    await userEvent.click(within(panel).getByRole('button', { name: 'Apply for a line' }));
    expect(await screen.findByRole('dialog', { name: 'Apply for a line of Maple' })).toBeVisible();
  });

  it('are forgotten only when there is no undoing any more', async () => {
    const { asked } = shell();
    render(Credit);
    await screen.findByText('Proofs');
    vi.useFakeTimers({ shouldAdvanceTime: true });
    try {
      const forget = async () => {
        screen.getByRole('button', { name: /holds at least \$10,000/ }).click();
        (await screen.findByRole('button', { name: 'Forget' })).click();
        await vi.advanceTimersByTimeAsync(100);
        expect(screen.queryByRole('button', { name: /holds at least \$10,000/ })).toBeNull();
      };
      await forget();
      app.toasts.at(-1)?.action?.run();
      await vi.advanceTimersByTimeAsync(9000);
      expect(asked('forget_proof')).toEqual([]);
      await forget();
      await vi.advanceTimersByTimeAsync(9000);
      expect(asked('forget_proof')).toEqual([{ id: proof().id }]);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('lenders', () => {
  it('show their terms, and why one can not be reached', async () => {
    shell();
    const { container } = render(Credit);
    const table = await screen.findByRole('table', { name: 'Terms of Maple' });
    expect(within(table).getAllByRole('row').map((row) => [...row.children].map((cell) => cell.textContent).join(' '))).toEqual([
      'Proved at least Lends up to Interest Pay every', '$2,500 300 USDC 16% a year 30 days', '$10,000 1,500 USDC 12% a year 30 days', '$50,000 9,000 USDC 9% a year 30 days',
    ]);
    const card = screen.getByRole('region', { name: 'Lenders' });
    expect(card).toHaveTextContent(/Accepts proofs about Demo bank/);
    expect(card).toHaveTextContent(/Oak & Daughters does not answer.*within 10 seconds.*check the address/s);
    expect(within(card).getByText('play money')).toBeVisible();
    expect(await barriers(container)).toEqual([]);
  });

  it('are added by address; a wrong one is told before it is asked', async () => {
    const { asked } = shell();
    render(Credit);
    await userEvent.click(await screen.findByRole('button', { name: 'Add a lender' }));
    const field = await screen.findByLabelText('Address of the lender');
    await userEvent.type(field, 'http://lend.example{Enter}');
    expect(screen.getByText(/begins with https/)).toBeVisible();
    expect(asked('add_lender')).toEqual([]);
    await userEvent.clear(field);
    await userEvent.type(field, ' https://lend.example {Enter}');
    await waitFor(() => expect(asked('add_lender')).toEqual([{ url: 'https://lend.example' }]));
    await waitFor(() => expect(asked('credit')).toHaveLength(2));
    expect(app.toasts.map((toast) => toast.text)).toEqual(['Birch is among your lenders.']);
    expect(screen.queryByLabelText('Address of the lender')).toBeNull();
  });

  it('that can not be added say why, and the address stays', async () => {
    shell({ add_lender: fails });
    render(Credit);
    await userEvent.click(await screen.findByRole('button', { name: 'Add a lender' }));
    const dialog = screen.getByRole('dialog', { name: 'Add a lender' });
    await userEvent.type(within(dialog).getByLabelText('Address of the lender'), 'https://lend.example{Enter}');
    expect(await within(dialog).findByRole('alert')).toHaveTextContent('The network does not answer.');
    expect(within(dialog).getByLabelText('Address of the lender')).toHaveValue('https://lend.example');
  });

  it('are removed after a question', async () => {
    const { asked } = shell();
    render(Credit);
    await userEvent.click(await screen.findByRole('button', { name: 'Remove Maple' }));
    const dialog = await screen.findByRole('dialog', { name: 'Remove Maple' });
    expect(dialog).toHaveTextContent('what you owe, you still owe');
    await userEvent.click(within(dialog).getByRole('button', { name: 'Cancel' }));
    expect(asked('remove_lender')).toEqual([]);
    await userEvent.click(screen.getByRole('button', { name: 'Remove Maple' }));
    await userEvent.click(await screen.findByRole('button', { name: 'Remove' }));
    await waitFor(() => expect(asked('remove_lender')).toEqual([{ name: 'Maple' }]));
  });

  it('that are none say so', async () => {
    shell({ credit: () => credit({ lenders: [], logins: [] }) });
    render(Credit);
    expect(await screen.findByText('No lender yet. Add one by its address.')).toBeVisible();
    expect(screen.getByText(/^No bank login yet/)).toBeVisible();
  });
});

describe('bank logins', () => {
  const token = 'tok-3c1f-secret';

  it('hide the token while it is typed, and the page keeps nothing of it, whatever comes of it', async () => {
    let done: (login: unknown) => void = () => undefined;
    const { asked, now: next } = shell({ add_login: () => new Promise((resolve) => (done = resolve)) });
    const { container } = render(Credit);
    await userEvent.click(await screen.findByRole('button', { name: 'Add a bank login' }));
    await userEvent.selectOptions(await screen.findByLabelText('Bank'), 'starling');
    const field = screen.getByLabelText('Access token');
    expect(field).toHaveAttribute('type', 'password');
    expect(field).toHaveAttribute('autocomplete', 'off');
    expect(screen.getByText(/never shown again/)).toBeVisible();
    expect(await barriers(container)).toEqual([]);
    await userEvent.type(screen.getByLabelText('Account id'), 'bbccbbcc-bbcc-bbcc-bbcc-bbccbbcc0011');
    await userEvent.type(field, `${token}{Enter}`);
    expect(field).toHaveValue('');
    expect(asked('add_login')).toEqual([{ template: 'starling', account: 'bbccbbcc-bbcc-bbcc-bbcc-bbccbbcc0011', token }]);
    expect(screen.getByText('Putting it into the keyring…')).toBeVisible();
    done({ template: 'starling', bank: 'Starling', account: 'bbcc…0011' });
    await waitFor(() => expect(app.toasts.map((toast) => toast.text)).toEqual(['The login to Starling is in the keyring.']));
    expect(asked('credit')).toHaveLength(2);

    next({ add_login: fails });
    await userEvent.click(screen.getByRole('button', { name: 'Add a bank login' }));
    await userEvent.selectOptions(screen.getByLabelText('Bank'), 'starling');
    await userEvent.type(screen.getByLabelText('Account id'), 'x');
    await userEvent.type(screen.getByLabelText('Access token'), `${token}{Enter}`);
    expect(await screen.findByText(/this page has forgotten it/)).toBeVisible();
    expect(screen.getByLabelText('Access token')).toHaveValue('');
    expect(screen.getByLabelText('Account id')).toHaveValue('x');
    expect(document.body.innerHTML).not.toContain(token);
    expect(JSON.stringify(app.toasts)).not.toContain(token);
  });

  it('ask for what the bank needs, and say what is missing', async () => {
    const { asked } = shell();
    render(Credit);
    await userEvent.click(await screen.findByRole('button', { name: 'Add a bank login' }));
    // One without a login is meant first.
    expect(await screen.findByLabelText('Bank')).toHaveValue('mercury');
    expect(screen.queryByLabelText('Account id')).toBeNull();
    expect(screen.getByText(/no lender may accept it yet/)).toBeVisible();
    await userEvent.click(screen.getByRole('button', { name: 'Add' }));
    expect(screen.getByText('This is needed.')).toBeVisible();
    expect(asked('add_login')).toEqual([]);
    await userEvent.type(screen.getByLabelText('Access token'), `${token}{Enter}`);
    await waitFor(() => expect(asked('add_login')).toEqual([{ template: 'mercury', account: '', token }]));
  });

  it('are removed after a question', async () => {
    const { asked } = shell();
    render(Credit);
    await userEvent.click(await screen.findByRole('button', { name: 'Remove the login to Demo bank' }));
    await userEvent.click(within(await screen.findByRole('dialog', { name: 'Remove the login to Demo bank' })).getByRole('button', { name: 'Remove' }));
    await waitFor(() => expect(asked('remove_login')).toEqual([{ template: 'demo' }]));
  });
});

describe('proving a balance', () => {
  async function form(view?: CreditView) {
    const told = shell(view ? { credit: () => view } : {});
    app.place = 'prove';
    const shown = render(Credit);
    return { ...told, ...shown, dialog: await screen.findByRole('dialog', { name: 'Prove a balance' }) };
  }

  it('says what the lender will learn, and goes to the chat', async () => {
    const { dialog, container } = await form();
    await userEvent.type(within(dialog).getByLabelText('The balance is at least'), '12,000');
    expect(dialog).toHaveTextContent('For that Maple lends up to 1,500 USDC at 12% a year.');
    const learns = within(dialog).getByRole('region', { name: 'What Maple will learn' });
    expect(learns).toHaveTextContent('That an account at Demo bank (api.demo-bank.example) holds at least 12,000 USD, and when.');
    expect(learns).toHaveTextContent("What it won't learn");
    expect(await barriers(container)).toEqual([]);
    await userEvent.click(within(dialog).getByRole('button', { name: 'Prove it to Maple' }));
    expect(app.wish).toEqual({ intent: { intent: 'prove_balance', at_least: '12000 USD', bank: 'demo', lender: 'Maple' } });
    expect(app.screen).toBe('chat');
  });

  it('takes the amount of a tier, and says where nothing is lent for it', async () => {
    const { dialog } = await form();
    const field = within(dialog).getByLabelText('The balance is at least');
    await userEvent.type(field, '100');
    expect(dialog).toHaveTextContent('Maple lends nothing for less than $2,500.');
    await userEvent.click(within(dialog).getByRole('button', { name: '$10,000 for up to 1,500 USDC' }));
    expect(field).toHaveValue('10000');
    expect(within(dialog).getByRole('button', { name: '$10,000 for up to 1,500 USDC' })).toHaveAttribute('aria-pressed', 'true');
  });

  it('sends nothing without an amount', async () => {
    const { dialog } = await form();
    await userEvent.click(within(dialog).getByRole('button', { name: 'Prove it to Maple' }));
    expect(within(dialog).getByRole('alert')).toHaveTextContent('Write it in digits');
    expect(app.wish).toBeNull();
  });

  it('leads to the login that is missing', async () => {
    const { dialog } = await form(credit({ logins: [] }));
    expect(dialog).toHaveTextContent('The wallet has no login to Demo bank yet.');
    expect(within(dialog).getByRole('button', { name: 'Prove it to Maple' })).toBeDisabled();
    await userEvent.click(within(dialog).getByRole('button', { name: 'Add a bank login' }));
    expect(await screen.findByLabelText('Account id')).toBeVisible();
    expect(screen.getByLabelText('Bank')).toHaveValue('demo');
  });

  it('takes the lender’s currency, and the one that is chosen where there are several', async () => {
    const both = lender({ tiers: [...lender().tiers, { ...lender().tiers[0], at_least: '€9,000', at_least_units: '9000', currency: 'EUR', limit: '1,400 USDC', limit_units: '1400', rate: '11% a year', cycle_days: 30 }] });
    const { dialog } = await form(credit({ lenders: [both] }));
    await userEvent.selectOptions(within(dialog).getByLabelText('Currency'), 'EUR');
    await userEvent.click(within(dialog).getByRole('button', { name: '€9,000 for up to 1,400 USDC' }));
    await userEvent.click(within(dialog).getByRole('button', { name: 'Prove it to Maple' }));
    expect(app.wish).toEqual({ intent: { intent: 'prove_balance', at_least: '9000 EUR', bank: 'demo', lender: 'Maple' } });
  });

  it('says what is missing where no lender was ever reached, or none accepts a known bank', async () => {
    const { dialog, unmount } = await form(credit({ lenders: [away] }));
    expect(dialog).toHaveTextContent('There is no lender to prove it to.');
    unmount();
    const { dialog: other } = await form(credit({ lenders: [lender({ banks: [] })] }));
    expect(other).toHaveTextContent('Maple accepts none of the banks that this wallet knows.');
    expect(within(other).getByRole('button', { name: 'Prove it to Maple' })).toBeDisabled();
  });
});

describe('the screen', () => {
  it('says what it waits for, tells a failure, keeps what it has, and tries again', async () => {
    const { now: next } = shell({ credit: () => new Promise(() => undefined) });
    const { unmount } = render(Credit);
    expect(screen.getByText('Reading your lines and asking the lenders…')).toBeVisible();
    expect(screen.getByRole('button', { name: 'Prove a balance' })).toBeDisabled();
    unmount();
    next({ credit: fails });
    const { container } = render(Credit);
    expect(await screen.findByRole('alert')).toHaveTextContent('The network does not answer. Look at the endpoints in Settings.');
    expect(await barriers(container)).toEqual([]);
    next({ credit: () => credit({ lenders: [lender()] }) });
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(await screen.findByRole('region', { name: 'Line 1 of Maple' })).toBeVisible();
    next({ credit: fails });
    await moved(transaction({ stage: 'mined' }));
    expect(await screen.findByRole('alert')).toBeVisible();
    expect(screen.getByRole('region', { name: 'Line 1 of Maple' })).toBeVisible();
  });

  it('reads anew when a transaction is in a block, and when a proof is there', async () => {
    const { asked } = shell();
    render(Credit);
    await screen.findByRole('region', { name: 'Line 1 of Maple' });
    await moved(transaction({ stage: 'sent' }));
    await settled();
    expect(asked('credit')).toHaveLength(1);
    await moved(transaction({ stage: 'mined' }));
    await waitFor(() => expect(asked('credit')).toHaveLength(2));
    const told: ChatEvent = { conversation: 1, message: 9, at: 1, event: { event: 'proof', proof: proof() }, state: idle, busy: false };
    await emit('chat-event', told);
    await waitFor(() => expect(asked('credit')).toHaveLength(3));
  });
});

import { render, screen, waitFor, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { emit } from '@tauri-apps/api/event';
import axe from 'axe-core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { app } from '../src/lib/app.svelte';
import Chat from '../src/screens/Chat/Chat.svelte';
import { thread } from '../src/screens/Chat/thread.svelte';
import { asked, bob, decision, hash, preview, question, readings, receipt, refused, rejected, send, sending, sent, tell, thread as of, transaction, wallet } from './chat-fixtures';
import { progress, proof, refusedProof } from './credit-fixtures';
import { problem, world, type Calls } from './fixtures';

let stop: Awaited<ReturnType<typeof thread.listen>> = () => undefined;

/** The chat over a shell that answers so. */
async function chat(changes: Parameters<typeof wallet>[0] = {}): Promise<Calls> {
  const shown = world();
  const calls = wallet(changes, shown);
  app.session = shown.session;
  app.status = shown.status;
  stop = await thread.listen();
  render(Chat);
  await waitFor(() => expect(calls.some(({ command }) => command === 'outstanding')).toBe(true));
  return calls;
}

const given = (calls: Calls, command: string) => calls.filter((call) => call.command === command).map((call) => call.args);
const empty = { conversationOpen: () => of([]) };
const card = (name: RegExp | string) => screen.findByRole('region', { name });
const step = (of: HTMLElement) => within(of).getByRole('list', { name: 'Progress' }).querySelector('[aria-current="step"]')?.textContent;

async function violations(): Promise<string[]> {
  // jsdom computes no colours; those are looked at in the real web view.
  const found = await axe.run(document.body, { rules: { 'color-contrast': { enabled: false }, region: { enabled: false } } });
  return found.violations.flatMap((v) => v.nodes.map((node) => `${v.id}: ${node.html}`));
}

beforeEach(() => {
  // One store a program, but a new one a test.
  Object.assign(thread, { id: null, title: '', turns: [], busy: false, list: [], problem: null, waiting: {}, drafts: {}, said: [] });
  Object.assign(app, { wish: null, toasts: [], screen: 'chat', place: null, palette: false, keys: false, problem: null });
  localStorage.clear();
});

afterEach(() => stop());

describe('a wish', () => {
  it('is one card that goes from the words to the block', async () => {
    const calls = await chat(empty);
    await userEvent.click(await screen.findByRole('button', { name: 'shoot alice fifty bucks in usdc' }));
    expect(given(calls, 'say')).toEqual([{ conversation: 1, text: 'shoot alice fifty bucks in usdc' }]);
    expect(screen.getByText('Working on it…')).toBeVisible();

    await tell(preview, { busy: true });
    await tell(decision, { busy: true });
    const shown = await card('Send 50 USDC to Alice');
    expect(within(shown).getByText('from your address book')).toBeVisible();
    expect(within(shown).getByLabelText('0x70997970C51812dc3A010C7d01b50e0d17dc79C8')).toHaveTextContent('709979');
    expect(within(shown).getByText('-50 USDC', { exact: false })).toHaveTextContent('$50.00');
    expect(within(shown).getByText('Asks for your yes')).toBeVisible();
    expect(step(shown)).toContain('Checked');

    await tell(asked, { busy: true });
    expect(await within(shown).findByText("Look at the signer's window and approve or reject there.")).toBeVisible();
    await tell({ event: 'approval', state: 'approved', level: 1 }, { busy: true });
    await waitFor(() => expect(step(shown)).toContain('Approved'));
    await tell(sent, { busy: true });
    await waitFor(() => expect(step(shown)).toContain('Signed and sent'));
    await tell({ event: 'done' });
    await tell(receipt);
    await waitFor(() => expect(step(shown)).toContain('In a block'));
    expect(within(shown).getByText('Done: Send 50 USDC to Alice.', { exact: false })).toHaveTextContent('1,281');
    await emit('transaction-changed', { ...transaction, stage: 'final', block: 1281 });
    await waitFor(() => expect(step(shown)).toContain('Final'));
    expect(screen.getAllByRole('region', { name: 'Send 50 USDC to Alice' })).toHaveLength(1);
    expect(screen.queryByText('Working on it…')).toBeNull();
  });

  it('is edited in place: what the signer asks is taken back first, and only what differs is sent', async () => {
    const calls = await chat({ conversationOpen: () => of(['pay alice', ...sending.slice(0, 4)]) });
    const shown = await card('Send 50 USDC to Alice');
    await userEvent.click(within(shown).getByRole('button', { name: 'Edit' }));
    const amount = within(shown).getByLabelText('Amount');
    expect(amount).toHaveValue('50');
    expect(within(shown).getByLabelText('To')).toHaveValue('Alice');
    await userEvent.clear(amount);
    await userEvent.type(amount, '20');
    await userEvent.click(within(shown).getByRole('button', { name: 'Change' }));
    const order = calls.map(({ command }) => command).filter((name) => ['withdraw', 'act'].includes(name));
    expect(order).toEqual(['withdraw', 'act']);
    expect(given(calls, 'act')).toEqual([{ conversation: 1, intent: { intent: 'amend', set: { amount: '20' } } }]);
  });

  it('is cancelled by taking the question back, or by saying so', async () => {
    const calls = await chat({ conversationOpen: () => of(['pay alice', ...sending.slice(0, 4)]) });
    await userEvent.click(within(await card('Send 50 USDC to Alice')).getByRole('button', { name: 'Cancel' }));
    expect(given(calls, 'withdraw')).toHaveLength(1);
    expect(given(calls, 'act')).toHaveLength(0);
  });

  it('that was replaced by an edited one can not be edited any more', async () => {
    await chat({ conversationOpen: () => of(['pay alice', preview, decision, asked, rejected, { ...preview, steps: ['Send 20 USDC to Alice'] }, decision]) });
    expect(within(await card('Send 50 USDC to Alice')).queryByRole('button', { name: 'Edit' })).toBeNull();
    expect(within(await card('Send 20 USDC to Alice')).getByRole('button', { name: 'Edit' })).toBeVisible();
  });

  it('that a rule refuses says which, and goes there', async () => {
    await chat({ conversationOpen: () => of([`half an eth to ${bob}`, ...refused]) });
    const shown = await card(/Send 0.5 ETH/);
    expect(within(shown).getByText('Refused by your rules')).toBeVisible();
    expect(within(shown).getByText('It would make $1,322.50 today, and your rule allows $200.')).toBeVisible();
    expect(within(shown).getByText('at-most-200-a-day')).toBeInTheDocument();
    expect(within(shown).getByText('You have never paid this address.')).toBeVisible();
    expect(within(shown).getByText('as you typed it')).toBeVisible();
    expect(within(shown).getByRole('button', { name: 'Edit' })).toBeVisible();
    await userEvent.click(within(shown).getByRole('button', { name: 'Show the rule' }));
    expect([app.screen, app.place]).toEqual(['rules', 'at-most-200-a-day']);
  });

  it('on its way can be sped up and cancelled by its hash, until it is in a block', async () => {
    const calls = await chat({ conversationOpen: () => of(['pay alice', ...sending.slice(0, 6)]), outstanding: () => [transaction] });
    const shown = await card('Send 50 USDC to Alice');
    await userEvent.click(await within(shown).findByRole('button', { name: 'Speed up' }));
    await userEvent.click(within(shown).getByRole('button', { name: 'Cancel the transaction' }));
    expect(given(calls, 'act').map(({ intent }) => intent)).toEqual([
      { intent: 'speed_up', tx: hash },
      { intent: 'cancel_tx', tx: hash },
    ]);
    await emit('transaction-changed', { ...transaction, stage: 'mined', block: 1281, replaceable: true });
    await waitFor(() => expect(within(shown).queryByRole('button', { name: 'Speed up' })).toBeNull());
    expect(within(shown).getByRole('button', { name: 'Copy hash' })).toBeVisible();
  });

  it('with the same change, risk or spender twice is shown whole', async () => {
    const party = { role: 'spender', name: null, address: bob, source: 'registry' };
    const change = { text: '-5 USDC', symbol: 'USDC', usd: null };
    await chat({
      conversationOpen: () => of(['x', { ...preview, changes: [change, change], parties: [party, party], risks: ['Twice.', 'Twice.'], intent: send }]),
    });
    const shown = await card('Send 50 USDC to Alice');
    expect(within(shown).getAllByText('Twice.')).toHaveLength(2);
    expect(within(shown).getAllByText('May take')).toHaveLength(2);
  });

  it('of a later release keeps its own words', async () => {
    const party = { role: 'guardian', name: 'Carol', address: bob, source: 'starlight' };
    await chat({ conversationOpen: () => of(['x', { ...preview, parties: [party] }]) });
    const shown = await card('Send 50 USDC to Alice');
    expect(within(shown).getByText('guardian')).toBeVisible();
    expect(within(shown).getByText('starlight')).toBeVisible();
  });
});

describe('questions', () => {
  it('of yes or no are two buttons', async () => {
    const calls = await chat({ conversationOpen: () => question('hesitating', 'That is all of your USDC. Go on?') });
    await userEvent.click(await screen.findByRole('button', { name: 'Yes' }));
    expect(given(calls, 'act')).toEqual([{ conversation: 1, intent: { intent: 'confirm' } }]);
    await tell({ event: 'done' }, { state: { name: 'resuming', question: 'Go on?', missing: [], pending: null } });
    await userEvent.click(await screen.findByRole('button', { name: 'No' }));
    expect(given(calls, 'act').at(-1)).toEqual({ conversation: 1, intent: { intent: 'cancel' } });
  });

  it('for a field offer what is known, and the input has the focus', async () => {
    const calls = await chat({ conversationOpen: () => question('asking', 'To whom?', ['to']) });
    await waitFor(() => expect(screen.getByLabelText('Your message')).toHaveFocus());
    await userEvent.click(await screen.findByRole('button', { name: 'Bob' }));
    expect(given(calls, 'act')).toEqual([{ conversation: 1, intent: { intent: 'amend', set: { to: 'Bob' } } }]);
  });

  it('between readings are buttons with their intents', async () => {
    const calls = await chat({ conversationOpen: () => of(['20 to alice', readings]) });
    await userEvent.click(await screen.findByRole('button', { name: 'Send 20 ETH to Alice' }));
    expect(given(calls, 'act')).toEqual([{ conversation: 1, intent: { intent: 'send', asset: 'ETH', amount: '20', to: 'Alice' } }]);
  });
});

describe('a proof', () => {
  const wish = 'show Maple I have at least ten grand at my bank';
  const asking = { conversationOpen: () => of([wish], { busy: true }) };

  it('is one card from the first stage to the verdict', async () => {
    await chat(asking);
    expect(await screen.findByText('Working on it…')).toBeVisible();
    await tell(progress(1, 'Asking Maple for an offer', 131), { busy: true });
    const going = await card('Proving a balance');
    expect(going).toHaveTextContent('step 1 of 9');
    expect(going).toHaveTextContent('Asking Maple for an offer');
    expect(going).toHaveTextContent('about 2 minutes left');
    expect(screen.queryByText('Working on it…')).toBeNull();
    await tell(progress(8, 'Making the proof on this computer', 41.4), { busy: true });
    const bar = within(going).getByRole('progressbar', { name: 'Proving a balance' });
    await waitFor(() => expect(bar).toHaveAttribute('aria-valuetext', 'step 8 of 9. Making the proof on this computer. about 41 seconds left'));
    expect([bar.getAttribute('aria-valuenow'), bar.getAttribute('aria-valuemax')]).toEqual(['8', '9']);
    expect(bar.querySelectorAll('.done')).toHaveLength(7);
    expect(await violations()).toEqual([]);
    await tell({ event: 'proof', proof: proof() }, { busy: true });
    const verdict = await card('An account at Demo bank holds at least $10,000');
    expect(screen.queryByRole('region', { name: 'Proving a balance' })).toBeNull();
    expect(within(verdict).getByText('Accepted')).toBeVisible();
    expect(within(verdict).getByText('With it Maple lends up to 1,500 USDC.')).toBeVisible();
    expect(within(within(verdict).getByRole('region', { name: 'What Maple learned' })).getAllByRole('listitem')).toHaveLength(3);
    expect(verdict).toHaveTextContent('3 of 3 checks hold');
    expect(await violations()).toEqual([]);
  });

  it('is cancelled by the button, but not once it is with the lender', async () => {
    const calls = await chat(asking);
    await tell(progress(8, 'Making the proof', 9), { busy: true });
    await userEvent.click(within(await card('Proving a balance')).getByRole('button', { name: 'Cancel' }));
    expect(given(calls, 'act')).toEqual([{ conversation: 1, intent: { intent: 'cancel' } }]);
    expect(screen.getByRole('button', { name: 'Cancelling…' })).toBeDisabled();
    await tell({ event: 'say', text: 'Stopped. Nothing was sent to a lender.' }, { busy: true });
    await tell({ event: 'done' }, { busy: true });
    await tell({ event: 'done' });
    expect(await screen.findByText('Stopped at: Making the proof')).toBeVisible();
    expect(screen.queryByRole('button', { name: 'Cancelling…' })).toBeNull();
    await tell(progress(9, 'Maple looks at the proof', 2), { busy: true });
    expect(await screen.findByText('Maple looks at the proof')).toBeVisible();
    expect(screen.queryByRole('button', { name: 'Cancel' })).toBeNull();
  });

  it('is cancelled by the word, which does not wait its turn', async () => {
    const calls = await chat(asking);
    await tell(progress(3, 'Connecting to the bank'), { busy: true });
    await card('Proving a balance');
    await userEvent.type(screen.getByLabelText('Your message'), 'Cancel{Enter}');
    expect(given(calls, 'act')).toEqual([{ conversation: 1, intent: { intent: 'cancel' } }]);
    expect(given(calls, 'say')).toEqual([]);
    expect(screen.queryByRole('list', { name: 'Messages that wait' })).toBeNull();
  });

  it('that failed stays as far as it came, and what comes next begins anew', async () => {
    await chat(asking);
    await tell(progress(3, 'Connecting to the bank'), { busy: true });
    await tell({ event: 'error', code: 'proof', message: 'The bank refuses the token.', remedy: 'Add the login anew.' }, { busy: true });
    await tell({ event: 'done' });
    expect(await card('Proving a balance')).toHaveTextContent('Stopped at: Connecting to the bank');
    expect(screen.getByText('Add the login anew.')).toBeVisible();
  });

  it('that is accepted leads to a line', async () => {
    const calls = await chat({ conversationOpen: () => of([wish, { event: 'proof', proof: proof() }]) });
    await userEvent.click(await screen.findByRole('button', { name: 'Apply for a line' }));
    const amount = await screen.findByLabelText('Amount');
    expect(amount).toHaveValue('1500');
    await userEvent.clear(amount);
    await userEvent.type(amount, '1,200{Enter}');
    await waitFor(() => expect(given(calls, 'act')).toEqual([{ conversation: 1, intent: { intent: 'loan_apply', amount: '1200', lender: 'Maple' } }]));
  });

  it('that is not accepted says why, offers nothing, and is looked at among the proofs', async () => {
    await chat({ conversationOpen: () => of([wish, { event: 'proof', proof: refusedProof }]) });
    const verdict = await card('An account at Demo bank holds at least $50,000');
    expect(within(verdict).getByText('Not accepted')).toBeVisible();
    expect(within(verdict).getByText('Not accepted because')).toBeVisible();
    expect(within(verdict).queryByRole('button', { name: 'Apply for a line' })).toBeNull();
    await userEvent.click(within(verdict).getByRole('button', { name: 'Show in Proofs & Loans' }));
    expect([app.screen, app.place]).toEqual(['credit', refusedProof.id]);
    expect(await violations()).toEqual([]);
  });

  it('is followed by one next step, which is no other reading', async () => {
    const next = { intent: { intent: 'loan_apply', amount: 'max', lender: 'Maple' }, words: 'Apply for a line at Maple' };
    await chat({ conversationOpen: () => of([wish, { event: 'say', text: 'Maple accepted it.', data: { alternatives: [next] } }]) });
    expect(await screen.findByRole('button', { name: 'Apply for a line at Maple' })).toBeVisible();
    expect(screen.queryByText('Did you mean')).toBeNull();
  });
});

describe('the input', () => {
  it('sends with Enter, breaks the line with Shift Enter, and brings back what was said', async () => {
    const calls = await chat(empty);
    const field = await screen.findByLabelText('Your message');
    await waitFor(() => expect(field).toBeEnabled());
    await userEvent.type(field, 'one{Shift>}{Enter}{/Shift}two{Enter}');
    expect(given(calls, 'say')).toEqual([{ conversation: 1, text: 'one\ntwo' }]);
    expect(field).toHaveValue('');
    await userEvent.keyboard('{ArrowUp}');
    expect(field).toHaveValue('one\ntwo');
    await userEvent.keyboard('{ArrowDown}');
    expect(field).toHaveValue('');
  });

  it('keeps a draft a conversation', async () => {
    await chat();
    const field = await screen.findByLabelText('Your message');
    await waitFor(() => expect(field).toBeEnabled());
    await userEvent.type(field, 'half a thou');
    await userEvent.click(screen.getByRole('button', { name: /^Rent for November/ }));
    await waitFor(() => expect(field).toHaveValue(''));
    await userEvent.click(screen.getByRole('button', { name: /^Lunch/ }));
    await waitFor(() => expect(field).toHaveValue('half a thou'));
  });

  it('lets messages wait while one is dealt with, and no answer lands under the wrong one', async () => {
    const calls = await chat(empty);
    const field = await screen.findByLabelText('Your message');
    await waitFor(() => expect(field).toBeEnabled());
    await userEvent.type(field, 'first{Enter}second{Enter}');
    expect(given(calls, 'say')).toHaveLength(2);
    expect(within(screen.getByRole('list', { name: 'Messages that wait' })).getByText('second')).toBeVisible();
    await tell({ event: 'say', text: 'Answer to the first.' }, { busy: true });
    expect(within(await screen.findByRole('article', { name: 'first' })).getByText('Answer to the first.')).toBeVisible();
    await tell({ event: 'done' }, { busy: true });
    await tell({ event: 'say', text: 'Answer to the second.' }, { busy: true });
    expect(within(await screen.findByRole('article', { name: 'second' })).getByText('Answer to the second.')).toBeVisible();
    expect(screen.queryByRole('list', { name: 'Messages that wait' })).toBeNull();
  });

  it('says calmly what did not work, with the remedy', async () => {
    await chat({
      ...empty,
      say: () => {
        throw problem({ message: 'This conversation has stopped.', remedy: 'Start Parlance again.' });
      },
    });
    const field = await screen.findByLabelText('Your message');
    await waitFor(() => expect(field).toBeEnabled());
    await userEvent.type(field, 'hello{Enter}');
    expect(await screen.findByText('Start Parlance again.')).toBeVisible();
    expect(screen.queryByText('Working on it…')).toBeNull();
  });
});

describe('conversations', () => {
  it('take the first words as their title, but not in place of one that was given', async () => {
    const calls = await chat({ conversationOpen: () => of([], { title: 'New conversation' }) });
    const field = await screen.findByLabelText('Your message');
    await waitFor(() => expect(field).toBeEnabled());
    await userEvent.type(field, 'rent{Enter}');
    await waitFor(() => expect(given(calls, 'conversation_rename')).toEqual([{ id: 1, title: 'rent' }]));
  });

  it('keep the title that was given', async () => {
    const calls = await chat(empty);
    const field = await screen.findByLabelText('Your message');
    await waitFor(() => expect(field).toBeEnabled());
    await userEvent.type(field, 'hello{Enter}');
    expect(given(calls, 'say')).toHaveLength(1);
    expect(given(calls, 'conversation_rename')).toEqual([]);
  });

  it('are deleted only when there is no undoing any more', async () => {
    const calls = await chat();
    const remove = await screen.findByRole('button', { name: 'Delete “Lunch”' });
    vi.useFakeTimers({ shouldAdvanceTime: true });
    try {
      remove.click();
      await vi.advanceTimersByTimeAsync(100);
      expect(screen.queryByRole('button', { name: 'Delete “Lunch”' })).toBeNull();
      app.toasts.at(-1)?.action?.run();
      await vi.advanceTimersByTimeAsync(9000);
      expect(given(calls, 'conversation_delete')).toEqual([]);
      screen.getByRole('button', { name: 'Delete “Lunch”' }).click();
      await vi.advanceTimersByTimeAsync(9000);
      expect(given(calls, 'conversation_delete')).toEqual([{ id: 1 }]);
    } finally {
      vi.useRealTimers();
    }
  });

  it('leave a new one where the last is deleted', async () => {
    const calls = await chat({ conversations: () => [{ id: 1, title: 'Lunch', started: 1, updated: 1 }] });
    await userEvent.click(await screen.findByRole('button', { name: 'Delete “Lunch”' }));
    await waitFor(() => expect(given(calls, 'conversation_new')).toHaveLength(1));
    expect(thread.id).toBe(3);
  });

  it('that can not be opened say why, and are tried again', async () => {
    let broken = true;
    const shown = world();
    wallet({
      conversationOpen: () => {
        if (broken) throw problem({ message: 'The store is busy.' });
        return of(['hi']);
      },
    }, shown);
    Object.assign(app, { session: shown.session, status: shown.status });
    stop = await thread.listen();
    render(Chat);
    expect(await screen.findByText('The store is busy.')).toBeVisible();
    broken = false;
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(await screen.findByText('hi')).toBeVisible();
  });
});

describe('screen readers', () => {
  it.each([
    ['a refusal', {}],
    ['the first sight', empty],
    ['a wish that is asked about', { conversationOpen: () => of(['pay alice', ...sending.slice(0, 4)]) }],
    ['a question', { conversationOpen: () => question('asking', 'Which asset?', ['asset']) }],
    ['readings', { conversationOpen: () => of(['20 to alice', readings]) }],
  ] as [string, Parameters<typeof wallet>[0]][])('find names for everything in %s', async (_, changes) => {
    await chat(changes);
    await screen.findByText('$8,967.60');
    expect(await violations()).toEqual([]);
  });
});

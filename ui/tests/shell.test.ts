import { render, screen, waitFor, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { emit } from '@tauri-apps/api/event';
import axe from 'axe-core';
import { beforeEach, describe, expect, it } from 'vitest';
import App from '../src/App.svelte';
import { app } from '../src/lib/app.svelte';
import { thread } from '../src/screens/Chat/thread.svelte';
import { inUse, scenes, tell, thread as of } from './chat-fixtures';
import { answer, problem, world, type Calls, type World } from './fixtures';

/** The whole app, in one of the scenes. */
async function open(scene = '', changes: Parameters<typeof inUse>[0] = {}, more: (of: World) => void = () => undefined): Promise<Calls> {
  const shown = world();
  const { signer, session, answers } = scenes[scene] ?? {};
  shown.status.signer = { ...shown.status.signer, ...signer };
  shown.session = { ...shown.session, ...session };
  more(shown);
  const calls = answer(shown, inUse({ ...answers, ...changes }));
  render(App);
  return calls;
}

const given = (calls: Calls, command: string) => calls.filter((call) => call.command === command).map((call) => call.args);
const inShell = () => screen.findByRole('navigation', { name: 'Screens' });

beforeEach(() => {
  Object.assign(thread, { id: null, title: '', turns: [], busy: false, list: [], problem: null, waiting: {}, drafts: {}, said: [] });
  Object.assign(app, { session: null, status: null, wish: null, toasts: [], screen: 'chat', place: null, palette: false, keys: false, problem: null });
  localStorage.clear();
});

describe('the start', () => {
  it('says that the wallet is being opened', async () => {
    await open('starting');
    expect(await screen.findByText('Opening your wallet…')).toBeVisible();
    expect(screen.queryByRole('navigation')).toBeNull();
  });

  it('says why the wallet can not be opened, and tries again', async () => {
    let broken = true;
    const shown = world();
    const wrong = problem({ message: 'Another Parlance uses this wallet.', remedy: 'Close it first.' });
    answer(shown, { ...inUse(), session: () => (broken ? { ...shown.session, ready: false, problem: wrong } : shown.session) });
    render(App);
    expect(await screen.findByText('Close it first.')).toBeVisible();
    broken = false;
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(await inShell()).toBeVisible();
  });

  it('shows the first run where there is no wallet yet', async () => {
    await open('', {}, (shown) => (shown.status.signer.state = 'no_vault'));
    expect(await screen.findByRole('list', { name: /./ })).toBeVisible();
    expect(screen.queryByRole('navigation', { name: 'Screens' })).toBeNull();
  });

  it('applies what the person prefers', async () => {
    await open('', {}, (shown) => (shown.preferences = { ...shown.preferences, theme: 'dark', text_size: 150, language: 'es', reduced_motion: true }));
    expect(await screen.findByRole('button', { name: 'Actividad' })).toBeVisible();
    const root = document.documentElement;
    expect([root.dataset.theme, root.dataset.motion, root.style.fontSize, root.lang]).toEqual(['dark', 'reduced', '150%', 'es']);
  });
});

describe('the banners', () => {
  it('say that money is for play, and that the signer asks; that can be taken back', async () => {
    const calls = await open('asking');
    expect(await screen.findByText(/^Play money/)).toBeVisible();
    expect(screen.getByText("The signer's window is asking you something.")).toBeVisible();
    await userEvent.click(screen.getByRole('button', { name: 'Take it back' }));
    expect(given(calls, 'withdraw')).toHaveLength(1);
    expect(screen.getByText('locks in 95 s')).toBeVisible();
  });

  it('say that the signer is gone', async () => {
    await open('gone');
    expect(await screen.findByText(/^The signer has stopped/)).toBeVisible();
    expect(screen.getByRole('button', { name: 'Signer stopped' })).toBeDisabled();
  });

  it('say why everything asks for the password', async () => {
    await open('rollback');
    expect(await screen.findByText(/the ledger is older than the keyring says/)).toBeVisible();
    await userEvent.click(screen.getByRole('button', { name: 'Have a look' }));
    expect([app.screen, app.place]).toEqual(['settings', 'security']);
  });
});

describe('the status line', () => {
  it('tells signer, model, network and limit, and follows them', async () => {
    const calls = await open();
    const line = await screen.findByRole('contentinfo', { name: 'Status' });
    expect(line).toHaveTextContent('Unlocked');
    expect(line).toHaveTextContent('parlance-small on cpu');
    expect(line).toHaveTextContent('Local chain, block 1,204');
    expect(line).toHaveTextContent('$35.00 of $50.00');
    await userEvent.click(within(line).getByRole('button', { name: /Unlocked/ }));
    expect(given(calls, 'lock')).toHaveLength(1);

    const now = world().status;
    await emit('status-changed', {
      ...now,
      signer: { ...now.signer, state: 'locked' },
      model: { ...now.model, ready: false, problem: 'killed' },
      network: { ...now.network, problem: 'no answer' },
    });
    await waitFor(() => expect(line).toHaveTextContent('Locked'));
    expect(line).toHaveTextContent('The language model does not answer');
    expect(line).toHaveTextContent('Local chain does not answer');
    await userEvent.click(within(line).getByRole('button', { name: /Locked/ }));
    expect(given(calls, 'unlock')).toHaveLength(1);
  });
});

describe('a status each second', () => {
  const reads = ['rules', 'models', 'networks', 'currencies', 'security'];

  async function at(name: 'settings' | 'rules') {
    const calls = await open();
    await inShell();
    app.go(name);
    await screen.findByRole('heading', { level: 1 });
    await waitFor(() => expect(given(calls, name === 'rules' ? 'rules' : 'currencies').length).toBeGreaterThan(0));
    await new Promise((resolve) => setTimeout(resolve, 100));
    return calls;
  }

  it.each(['settings', 'rules'] as const)('has nothing of %s read anew', async (name) => {
    const calls = await at(name);
    const before = reads.map((read) => given(calls, read).length);
    for (const block of [1205, 1206, 1207]) {
      const now = world().status;
      await emit('status-changed', { ...now, network: { ...now.network, block } });
      await waitFor(() => expect(screen.getByRole('contentinfo', { name: 'Status' })).toHaveTextContent(`block 1,${block - 1000}`));
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(reads.map((read) => given(calls, read).length)).toEqual(before);
  });

  it('has that read anew which it concerns', async () => {
    const calls = await at('settings');
    const before = given(calls, 'currencies').length;
    const now = world().status;
    await emit('status-changed', { ...now, network: { ...now.network, name: 'base', title: 'Base' } });
    await waitFor(() => expect(given(calls, 'currencies').length).toBe(before + 1));
  });
});

describe('the palette', () => {
  async function palette() {
    await inShell();
    await userEvent.keyboard('{Control>}k{/Control}');
    return screen.findByRole('combobox', { name: 'Do something' });
  }

  it('goes to a screen by the keyboard alone', async () => {
    await open();
    await userEvent.type(await palette(), 'contacts');
    expect(screen.getAllByRole('option').map((one) => one.getAttribute('aria-selected'))).toEqual(['true', 'false']);
    await userEvent.keyboard('{Enter}');
    expect(app.screen).toBe('contacts');
    expect(screen.queryByRole('combobox', { name: 'Do something' })).toBeNull();
  });

  it('sends what is typed to the chat', async () => {
    const calls = await open();
    await userEvent.type(await palette(), 'send bob 5 usdc');
    expect(screen.getByRole('option')).toHaveTextContent('Say “send bob 5 usdc”');
    await userEvent.keyboard('{Enter}');
    await waitFor(() => expect(given(calls, 'say')).toEqual([{ conversation: 1, text: 'send bob 5 usdc' }]));
  });

  it('walks around in both directions', async () => {
    await open();
    const field = await palette();
    await userEvent.type(field, '{ArrowUp}');
    expect(screen.getAllByRole('option').at(-1)).toHaveAttribute('aria-selected', 'true');
    await userEvent.type(field, '{ArrowDown}');
    expect(screen.getAllByRole('option')[0]).toHaveAttribute('aria-selected', 'true');
  });

  it.each([
    ['lock the', 'lock', {}],
    ['csv', 'activity_export', null],
    ['dark theme', 'set_preferences', null],
    ['new conv', 'conversation_new', null],
  ])('does “%s”', async (words, command, args) => {
    const calls = await open();
    await userEvent.type(await palette(), words);
    await userEvent.keyboard('{Enter}');
    await waitFor(() => expect(given(calls, command)).toHaveLength(1));
    if (args) expect(given(calls, command)[0]).toEqual(args);
  });
});

describe('the keys', () => {
  it('go to screens, begin a conversation, lock, and show their map', async () => {
    const calls = await open();
    await inShell();
    await userEvent.keyboard('{Control>}3{/Control}');
    expect(app.screen).toBe('balances');
    await userEvent.keyboard('{Control>}l{/Control}');
    expect(given(calls, 'lock')).toHaveLength(1);
    (document.activeElement as HTMLElement | null)?.blur();
    await userEvent.keyboard('?');
    expect(app.keys).toBe(true);
    expect(await screen.findByRole('dialog', { name: 'Keys' })).toBeVisible();
    app.keys = false;
    await userEvent.keyboard('{Control>}n{/Control}');
    await waitFor(() => expect(given(calls, 'conversation_new')).toHaveLength(1));
    expect(app.screen).toBe('chat');
  });

  it('leave a question mark in the message', async () => {
    await open('empty');
    const field = await screen.findByLabelText('Your message');
    await waitFor(() => expect(field).toBeEnabled());
    await userEvent.type(field, 'what have I got?');
    expect(field).toHaveValue('what have I got?');
    expect(app.keys).toBe(false);
  });
});

describe('the chat behind other screens', () => {
  it('goes on hearing', async () => {
    await open('empty');
    await inShell();
    await waitFor(() => expect(thread.id).toBe(1));
    await userEvent.keyboard('{Control>}2{/Control}');
    await tell({ event: 'say', text: 'It is in a block.' });
    await userEvent.keyboard('{Control>}1{/Control}');
    expect(await screen.findByText('It is in a block.')).toBeVisible();
  });

  it('hears nothing of another conversation', async () => {
    await open('', { conversationOpen: () => of(['hi']) });
    expect(await screen.findByText('hi')).toBeVisible();
    await tell({ event: 'say', text: 'Not for here.' }, { conversation: 2 });
    await tell({ event: 'say', text: 'For here.' });
    expect(await screen.findByText('For here.')).toBeVisible();
    expect(screen.queryByText('Not for here.')).toBeNull();
  });
});

it('everything of the shell has a name', async () => {
  await open('asking');
  await inShell();
  await screen.findByText('$8,967.60');
  const found = await axe.run(document.body, { rules: { 'color-contrast': { enabled: false } } });
  expect(found.violations.flatMap((v) => v.nodes.map((node) => `${v.id}: ${node.html}`))).toEqual([]);
});

import { screen, waitFor } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { app } from '../src/lib/app.svelte';
import type { SignerView } from '../src/lib/bindings';
import FirstRun from '../src/screens/FirstRun/FirstRun.svelte';
import { address, answer, problem, world, type Calls, type World } from './fixtures';
import { opened, show, violations } from './open';

let wallet: World;
let calls: Calls;
const done = vi.fn();
const user = userEvent.setup();
const given = (command: string) => calls.filter((call) => call.command === command).map((call) => call.args);
const signer = (over: Partial<SignerView>) => (wallet.status = { ...wallet.status, signer: { ...wallet.status.signer, ...over } });

async function open(over: Parameters<typeof answer>[1] = {}, to: 'welcome' | 'keys' = 'keys') {
  calls = answer(wallet, over);
  opened(wallet);
  show(FirstRun, { done });
  await screen.findByRole('heading', { level: 1 });
  if (to === 'keys') await user.click(screen.getByRole('button', { name: 'Continue' }));
}

beforeEach(() => {
  done.mockReset();
  wallet = world();
  signer({ state: 'no_vault', accounts: [] });
});

describe('the first run', () => {
  it('says what Parlance is, in the language that is chosen', async () => {
    await open({}, 'welcome');
    expect(screen.getByText(/a wallet that you talk to/)).toBeVisible();
    expect(screen.getByText('Welcome').closest('li')).toHaveAttribute('aria-current', 'step');
    expect(await violations()).toEqual([]);
    await user.selectOptions(screen.getByLabelText('Language'), '中文');
    expect(await screen.findByRole('heading', { name: '欢迎使用 Parlance' })).toBeVisible();
  });

  it('offers three ways to keys, and puts the focus on the heading', async () => {
    await open();
    await waitFor(() => expect(screen.getByRole('heading', { level: 1 })).toHaveFocus());
    expect(screen.getAllByText("Continues in the signer's window")).toHaveLength(3);
    expect(await violations()).toEqual([]);
    await user.click(screen.getByRole('button', { name: 'Back' }));
    expect(screen.getByRole('heading', { name: 'Welcome to Parlance' })).toBeVisible();
  });

  it.each([
    [/A new wallet/, 'first_run'],
    [/I have a recovery phrase/, 'first_run'],
    [/I have a backup of Parlance/, 'restore'],
  ])('goes on in the signer: %s', async (name, kind) => {
    await open({
      ceremony: () => {
        signer({ state: 'unlocked', accounts: [{ address, label: 'Main', path: null, watch_only: false }] });
        return 'Your wallet is ready.';
      },
    });
    await user.click(screen.getByRole('button', { name }));
    expect(await screen.findByRole('heading', { name: 'Your wallet is ready' })).toBeVisible();
    expect(given('ceremony')).toEqual([{ kind }]);
  });

  it('says while it waits what to do, and can be stopped', async () => {
    let no: (error: unknown) => void = () => undefined;
    await open({ ceremony: () => new Promise((_, reject) => (no = reject)) });
    await user.click(screen.getByRole('button', { name: /A new wallet/ }));
    expect(await screen.findByText("Continue in the signer's window.")).toBeVisible();
    expect(screen.getByText(/It asks you one thing after another/)).toBeVisible();
    expect(await violations()).toEqual([]);
    await user.click(screen.getByRole('button', { name: 'Stop' }));
    expect(given('withdraw')).toHaveLength(1);
    no(problem({ code: 'rejected', message: 'The question was taken back.', remedy: 'Begin again when you like.' }));
    expect(await screen.findByText('The question was taken back.')).toBeVisible();
    expect(screen.getByText('Begin again when you like.')).toBeVisible();
    expect(screen.getByText('Nothing was kept. You can begin again.')).toBeVisible();
    expect(screen.getByRole('button', { name: /A new wallet/ })).toBeEnabled();
  });

  it('says what to do where the signer has no window', async () => {
    signer({ approver: 'none' });
    await open();
    expect(screen.getByText(/The signer's window could not be opened.*Start Parlance again/)).toBeVisible();
    expect(screen.getByRole('button', { name: /A new wallet/ })).toBeDisabled();
    app.status = signer({ approver: 'window' });
    await waitFor(() => expect(screen.getByRole('button', { name: /A new wallet/ })).toBeEnabled());
  });

  it('says so where the signer is starting or has stopped', async () => {
    signer({ state: 'starting' });
    await open();
    expect(screen.getByText('The signer is starting…')).toBeVisible();
    app.status = signer({ state: 'gone' });
    expect(await screen.findByText(/The signer has stopped/)).toBeVisible();
  });

  it('goes to the last step where there is a wallet already, and asks to unlock it', async () => {
    signer({ state: 'locked' });
    await open({}, 'welcome');
    expect(await screen.findByRole('heading', { name: 'Your wallet is ready' })).toBeVisible();
    await user.click(screen.getByRole('button', { name: 'Unlock' }));
    await waitFor(() => expect(given('unlock')).toHaveLength(1));
  });
});

describe('the last step', () => {
  async function ready(over: Parameters<typeof answer>[1] = {}) {
    signer({ state: 'unlocked', accounts: [{ address, label: 'Main', path: null, watch_only: false }] });
    await open(over, 'welcome');
    await screen.findByRole('heading', { name: 'Your wallet is ready' });
  }

  it('shows the whole address, the rules, and three messages to say', async () => {
    await ready();
    expect(screen.getByLabelText(address)).toBeVisible();
    expect(await screen.findByText(/the pack “cautious”.*Small payments to people you know go through/)).toBeVisible();
    expect(screen.getAllByRole('listitem').length).toBe(6);
    expect(await violations()).toEqual([]);
    await user.click(screen.getByRole('button', { name: 'show my address' }));
    expect(done).toHaveBeenCalledOnce();
    expect(app.wish).toEqual({ text: 'show my address' });
  });

  it('opens the chat', async () => {
    await ready();
    await user.click(screen.getByRole('button', { name: 'Open the chat' }));
    expect(done).toHaveBeenCalledOnce();
  });

  it('offers another try where the rules could not be read', async () => {
    let fails = true;
    await ready({
      rules_packs: () => {
        if (fails) throw problem({ message: 'The signer does not answer.' });
        return wallet.packs;
      },
    });
    expect(await screen.findByText('The signer does not answer.')).toBeVisible();
    fails = false;
    await user.click(screen.getByRole('button', { name: 'Try again' }));
    expect(await screen.findByText(/the pack “cautious”/)).toBeVisible();
  });
});

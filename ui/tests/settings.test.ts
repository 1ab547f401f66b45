import { emit } from '@tauri-apps/api/event';
import { screen, waitFor, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import type { Component } from 'svelte';
import { beforeEach, describe, expect, it } from 'vitest';
import { app } from '../src/lib/app.svelte';
import { emptyNetwork, networkForm, wrongs } from '../src/screens/Settings/network';
import Appearance from '../src/screens/Settings/Appearance.svelte';
import Currency from '../src/screens/Settings/Currency.svelte';
import Data from '../src/screens/Settings/Data.svelte';
import Model from '../src/screens/Settings/Model.svelte';
import Networks from '../src/screens/Settings/Networks.svelte';
import Security from '../src/screens/Settings/Security.svelte';
import Settings from '../src/screens/Settings/Settings.svelte';
import { answer, problem, world, type Calls, type World } from './fixtures';
import { opened, show, violations } from './open';

let wallet: World;
let calls: Calls;
const given = (command: string) => calls.filter((call) => call.command === command).map((call) => call.args);
const user = userEvent.setup();
const part = (name: string) => within(screen.getByRole('region', { name }));

async function open(over: Parameters<typeof answer>[1] = {}, shown: Component = Settings) {
  calls = answer(wallet, over);
  opened(wallet);
  show(shown);
  await screen.findAllByRole('heading');
}
beforeEach(() => {
  wallet = world();
});

describe('settings as a whole', () => {
  it('have their sections, and nothing that axe-core finds', async () => {
    await open();
    await screen.findByText('The keyring of your session holds the second secret.');
    const names = ['Networks', 'Language model', 'Security', 'Appearance', 'Currency', 'Notifications and tray', 'Data and backup', 'About'];
    expect(within(screen.getByRole('navigation', { name: 'Sections' })).getAllByRole('link').map((link) => link.textContent)).toEqual(names);
    for (const name of names) expect(screen.getByRole('region', { name })).toBeVisible();
    expect(await violations()).toEqual([]);
  });

  it('show each failure in its own section, with another try', async () => {
    let fails = true;
    const failing = () => {
      if (fails) throw problem({ message: 'The store is damaged.' });
      return wallet.data;
    };
    await open({ data: failing });
    expect(await part('Data and backup').findByText('The store is damaged.')).toBeVisible();
    expect(part('About').getByText('Parlance 0.1.0')).toBeVisible();
    fails = false;
    await user.click(part('Data and backup').getByRole('button', { name: 'Try again' }));
    expect(await part('Data and backup').findByText(/Chats, history, transactions/)).toBeVisible();
  });

  it('lead to a section by keyboard', async () => {
    await open();
    await user.click(screen.getByRole('link', { name: 'Security' }));
    expect(document.activeElement).toBe(document.getElementById('settings-security'));
  });
});

describe('networks', () => {
  it('show how each endpoint does', async () => {
    await open({}, Networks);
    const of = await part('Networks').findByRole('list', { name: 'Endpoints of Base' });
    expect(within(of).getByText('fails')).toBeVisible();
    expect(within(of).getByText('no answer within 5 seconds')).toBeVisible();
    expect(part('Networks').getByText('block 1,204')).toBeVisible();
  });

  it('are checked and used', async () => {
    await open({}, Networks);
    await user.click(await screen.findByRole('button', { name: 'Check Base' }));
    await waitFor(() => expect(given('network_check')).toEqual([{ name: 'base' }]));
    await user.click(await screen.findByRole('button', { name: 'Use Base' }));
    expect(await screen.findByRole('button', { name: 'Use Local chain' })).toBeVisible();
    expect(screen.queryByRole('button', { name: 'Use Base' })).toBeNull();
  });

  it('are added, and the form says at each field what is wrong', async () => {
    await open({}, Networks);
    await user.click(screen.getByRole('button', { name: 'Add a network' }));
    const dialog = within(await screen.findByRole('dialog', { name: 'Add a network' }));
    expect(dialog.queryAllByRole('alert')).toEqual([]);
    await user.click(dialog.getByRole('button', { name: 'Save' }));
    expect(dialog.getAllByRole('alert')).toHaveLength(3);
    expect(document.activeElement).toBe(dialog.getByLabelText('Name'));
    expect(given('network_save')).toEqual([]);
    expect(await violations()).toEqual([]);
    await user.type(dialog.getByLabelText('Name'), 'base');
    await user.type(dialog.getByLabelText('Chain id'), '5115');
    await user.type(dialog.getByLabelText('Endpoints, one a line'), 'https://node.example/key');
    expect(dialog.getByLabelText('Name')).toHaveAccessibleDescription('Another network has this name');
    await user.clear(dialog.getByLabelText('Name'));
    await user.type(dialog.getByLabelText('Name'), 'ours');
    expect(dialog.queryAllByRole('alert')).toEqual([]);
    await user.click(dialog.getByRole('button', { name: 'Save' }));
    expect(await part('Networks').findByRole('list', { name: 'Endpoints of ours' })).toHaveTextContent('node.example');
    expect(given('network_save')).toEqual([
      { network: { name: 'ours', chain_id: 5115, native: 'ETH', endpoints: ['https://node.example/key'], explorer: null, testnet: false } },
    ]);
  });

  it('say why one was not taken', async () => {
    await open(
      {
        network_save: () => {
          throw problem({ message: 'The endpoint is on another chain.' });
        },
      },
      Networks,
    );
    await user.click(await screen.findByRole('button', { name: 'Edit Base' }));
    const dialog = within(await screen.findByRole('dialog', { name: 'Edit Base' }));
    expect(dialog.getByLabelText('Chain id')).toHaveAttribute('readonly');
    expect(dialog.getByText(/they can hold an API key/)).toBeVisible();
    await user.type(dialog.getByLabelText('Endpoints, one a line'), 'https://node.example');
    await user.click(dialog.getByRole('button', { name: 'Save' }));
    expect(await dialog.findByText('The endpoint is on another chain.')).toBeVisible();
  });

  it('are removed after a question', async () => {
    await open({}, Networks);
    await user.click(await screen.findByRole('button', { name: 'Remove Base' }));
    const dialog = within(await screen.findByRole('dialog', { name: 'Remove Base' }));
    expect(given('network_remove')).toEqual([]);
    await user.click(dialog.getByRole('button', { name: 'Remove it' }));
    await waitFor(() => expect(screen.queryByRole('list', { name: 'Endpoints of Base' })).toBeNull());
  });

  it('are told what is wrong, field by field', () => {
    expect(Object.keys(wrongs(emptyNetwork)).sort()).toEqual(['chain_id', 'endpoints', 'name']);
    const good = { ...emptyNetwork, name: 'ours', chain_id: '5115', endpoints: 'http://127.0.0.1:9000\n\nhttps://node.example/key' };
    expect(wrongs(good)).toEqual({});
    expect(networkForm(good).endpoints).toEqual(['http://127.0.0.1:9000', 'https://node.example/key']);
    for (const endpoints of ['http://node.example', 'http://127.0.0.1.evil.example', 'ftp://x', 'nonsense', 'https://good.example\nhttp://bad.example']) {
      expect(wrongs({ ...good, endpoints }).endpoints).toBe('settings.wrong_endpoints');
    }
    for (const chain_id of ['0', '-1', '1.5', '0x1', '99999999999999999999']) expect(wrongs({ ...good, chain_id }).chain_id).toBe('settings.wrong_id');
    expect(wrongs({ ...good, name: 'Ours' }).name).toBe('settings.wrong_name');
    expect(wrongs({ ...good, native: '$' }).native).toBe('settings.wrong_native');
    expect(wrongs({ ...good, explorer: 'javascript:alert(1)' }).explorer).toBe('settings.wrong_explorer');
    expect(wrongs({ ...good, name: 'base' }, wallet.networks).name).toBe('settings.wrong_name_taken');
  });
});

describe('the model', () => {
  it('shows which is in use, on what, and what is wrong with another', async () => {
    await open({}, Model);
    const model = part('Language model');
    expect(await model.findByText('in use on cpu')).toBeVisible();
    expect(model.getByText(/^a3f1a3f1/)).toBeVisible();
    expect(model.getByText('No such file or directory (os error 2)')).toBeVisible();
  });

  it('takes a file or an address, and says at the field why not', async () => {
    await open(
      {
        model_add: ({ source }) => {
          if (source === '/x.gguf') throw problem({ message: 'This is no model.', remedy: 'Name a GGUF file.' });
          return { ...wallet.models[1], name: 'better' };
        },
      },
      Model,
    );
    const field = screen.getByLabelText(/A model of your own/);
    const hash = screen.getByLabelText(/SHA-256/);
    for (const wrong of ['x.gguf', '/x.bin', 'http://models.example/x.gguf']) {
      await user.clear(field);
      await user.type(field, wrong);
      expect(field).toHaveAccessibleDescription(/begins with https/);
      expect(screen.getByRole('button', { name: 'Add it' })).toBeDisabled();
    }
    await user.clear(field);
    await user.type(field, '/x.gguf{Enter}');
    expect(await screen.findByText(/This is no model/)).toBeVisible();
    await user.clear(field);
    await user.type(hash, '12');
    expect(hash).toHaveAccessibleDescription(/64 digits/);
    await user.clear(hash);
    await user.type(hash, 'AB'.repeat(32));
    await user.type(field, 'https://models.example/y.gguf{Enter}');
    await waitFor(() => expect(app.toasts.at(-1)?.text).toMatch(/^better is there/));
    expect(field).toHaveValue('');
    expect(given('model_add')).toEqual([
      { source: '/x.gguf', sha256: null },
      { source: 'https://models.example/y.gguf', sha256: 'ab'.repeat(32) },
    ]);
  });

  it('holds the exam, tells how far it is, can be stopped, and shows what was found', async () => {
    let end: (row: unknown) => void = () => undefined;
    await open({ model_exam: () => new Promise((resolve) => (end = resolve)) }, Model);
    const model = part('Language model');
    expect(await model.findByText('answers questions only: no exam yet')).toBeVisible();
    await user.click(model.getByRole('button', { name: 'Hold the exam with mine' }));
    await emit('model-progress', { done: 12, total: 244 });
    expect(await model.findByText('Question 12 of 244')).toBeVisible();
    expect(model.getByRole('button', { name: 'Remove mine' })).toBeDisabled();
    await user.click(model.getByRole('button', { name: 'Stop' }));
    expect(given('model_stop')).toHaveLength(1);
    const exam = { passed: false, at: 1_700_000_000, actionable: 147, exact: 90, unclear: 97, declined: 95, harmful: 2, mistakes: [{ text: 'sell it', understood: '{"intent":"send"}' }] };
    wallet.models = wallet.models.map((row) => (row.shipped ? row : { ...row, standing: 'questions_only', exam }));
    end(wallet.models[1]);
    expect(await model.findByText(/90 of 147 requests understood exactly, 95 of 97 rightly not acted on, 2 harmful/)).toBeVisible();
    expect(model.getByText('answers questions only: exam not passed')).toBeVisible();
    expect(model.getByText(/sell it/)).toBeInTheDocument();
    expect(app.toasts.at(-1)?.text).toBe('mine did not pass. It may only answer questions.');
  });

  it('measures, removes after asking, and keeps the layers', async () => {
    await open({}, Model);
    const model = part('Language model');
    await user.click(await model.findByRole('button', { name: 'Measure parlance-small' }));
    expect(await model.findByText('parlance-small: 812 tokens a second read, 42 written; 38 ms a message, 903 ms for the first one.')).toBeVisible();
    const layers = model.getByLabelText('Layers on the graphics card');
    expect(layers).toHaveAccessibleDescription(/processor alone/);
    await user.type(layers, '-1');
    expect(layers).toHaveAccessibleDescription(/whole number/);
    await user.clear(layers);
    await user.type(layers, '20{Enter}');
    await waitFor(() => expect(given('model_layers')).toEqual([{ layers: 20 }]));
    await user.click(model.getByRole('button', { name: 'Remove mine' }));
    expect(given('model_remove')).toEqual([]);
    await user.click(within(screen.getByRole('dialog')).getByRole('button', { name: 'Remove' }));
    await waitFor(() => expect(given('model_remove')).toEqual([{ name: 'mine' }]));
    await waitFor(() => expect(model.queryByText('mine')).toBeNull());
  });

  it('offers only what this release has a hash for', async () => {
    await open({}, Model);
    await user.click(await screen.findByText('Recommended models'));
    expect(screen.getByText('no hash in this release')).toBeVisible();
    expect(screen.queryByRole('button', { name: 'Download Some 7B Instruct' })).toBeNull();
    await user.click(screen.getByRole('button', { name: 'Download Tiny Instruct' }));
    await waitFor(() => expect(given('model_add')).toEqual([{ source: 'Tiny Instruct', sha256: null }]));
  });

  it('goes back to the shipped one', async () => {
    wallet.models = wallet.models.map((model) => ({ ...model, in_use: !model.shipped }));
    await open({}, Model);
    await user.click(await screen.findByRole('button', { name: 'Back to the shipped model' }));
    await waitFor(() => expect(given('model_use')).toEqual([{ name: null }]));
  });
});

describe('security', () => {
  it('says what holds, and who is asked', async () => {
    await open({}, Security);
    const security = part('Security');
    expect(await security.findByText('It can open no connection to the network.')).toBeVisible();
    expect(security.getByText('No files but its model, no network, no other processes.')).toBeVisible();
    expect(security.getByText(/Unlocked\. It locks itself in 9 minutes/)).toBeVisible();
    expect(security.getByText('Main')).toBeVisible();
  });

  it('locks and unlocks', async () => {
    await open({}, Security);
    await user.click(part('Security').getByRole('button', { name: 'Lock the wallet' }));
    await waitFor(() => expect(given('lock')).toHaveLength(1));
    app.status = { ...wallet.status, signer: { ...wallet.status.signer, state: 'locked', lock_in: null } };
    expect(await part('Security').findByText('Locked: nothing can be signed.')).toBeVisible();
    await user.click(part('Security').getByRole('button', { name: 'Unlock' }));
    await waitFor(() => expect(given('unlock')).toHaveLength(1));
  });

  it('verifies the audit log, and keeps it in view where it is broken', async () => {
    let broken = false;
    await open(
      {
        audit_verify: () => {
          if (broken) throw problem({ message: 'Entry 7 does not follow entry 6.', remedy: 'Somebody changed the log.' });
          return { entries: 42, head: 'c0ffee'.repeat(10) };
        },
      },
      Security,
    );
    await user.click(await screen.findByRole('button', { name: 'Verify' }));
    expect(await screen.findByText('42 entries, unbroken')).toBeVisible();
    broken = true;
    await user.click(screen.getByRole('button', { name: 'Verify' }));
    expect(await screen.findByText('Entry 7 does not follow entry 6.')).toBeVisible();
    expect(screen.queryByText('42 entries, unbroken')).toBeNull();
  });

  it('says what to do after a rollback', async () => {
    wallet.security.rollback = 'the spend ledger is older than what the keyring knows';
    await open({}, Security);
    expect(await screen.findByText(/acknowledge-rollback/)).toBeVisible();
    expect(await violations()).toEqual([]);
  });

  it.each([
    ['Back up keys, rules and contacts', 'backup'],
    ['Show phrase or key', 'export'],
    ['Change password', 'change_password'],
    ['Add an account', 'add_account'],
    ['Import a key', 'import'],
    ['Watch an account', 'watch_account'],
  ])('begins in the signer: %s', async (words, kind) => {
    let done: (said: string) => void = () => undefined;
    await open({ ceremony: () => new Promise((resolve) => (done = resolve)) }, Security);
    await user.click(await part('Security').findByRole('button', { name: words }));
    expect(await part('Security').findByText("Continue in the signer's window.")).toBeVisible();
    expect(given('ceremony')).toEqual([{ kind }]);
    await user.click(part('Security').getByRole('button', { name: 'Take it back' }));
    expect(given('withdraw')).toHaveLength(1);
    done('It is done.');
    expect(await part('Security').findByText('It is done.')).toBeVisible();
    expect(part('Security').queryByText("Continue in the signer's window.")).toBeNull();
  });

  it('locks everything after saying what that does', async () => {
    await open({ ceremony: () => 'The wallet is locked.\nStill open: USDC to 0x1.' }, Security);
    await user.click(screen.getByRole('button', { name: 'Something is wrong' }));
    const dialog = within(await screen.findByRole('dialog', { name: 'Something is wrong' }));
    expect(dialog.getByText(/locks at once/)).toBeVisible();
    expect(given('ceremony')).toEqual([]);
    expect(await violations()).toEqual([]);
    await user.click(dialog.getByRole('button', { name: 'Lock everything now' }));
    expect(await dialog.findByText(/Still open: USDC to 0x1/)).toBeVisible();
    expect(given('ceremony')).toEqual([{ kind: 'incident' }]);
  });

  it('shows in the dialog why locking failed', async () => {
    await open(
      {
        ceremony: () => {
          throw problem({ message: 'The signer has stopped.' });
        },
      },
      Security,
    );
    await user.click(screen.getByRole('button', { name: 'Something is wrong' }));
    const dialog = within(await screen.findByRole('dialog', { name: 'Something is wrong' }));
    await user.click(dialog.getByRole('button', { name: 'Lock everything now' }));
    expect(await dialog.findByText('The signer has stopped.')).toBeVisible();
    expect(dialog.getByRole('button', { name: 'Lock everything now' })).toBeEnabled();
  });
});

describe('how things are shown', () => {
  it('is kept as it is chosen', async () => {
    await open();
    await user.selectOptions(screen.getByLabelText('Theme'), 'Dark');
    await waitFor(() => expect(document.documentElement.dataset.theme).toBe('dark'));
    await user.click(screen.getByLabelText('Nothing moves that need not'));
    await user.click(screen.getByLabelText(/Go on in the tray/));
    await waitFor(() => expect(wallet.preferences).toMatchObject({ theme: 'dark', reduced_motion: true, tray: true }));
    const slider = screen.getByRole('slider', { name: /Text size/ });
    expect(slider).toHaveAttribute('min', '80');
    expect(slider).toHaveAttribute('max', '200');
    const input = slider as HTMLInputElement;
    input.value = '150';
    input.dispatchEvent(new Event('input', { bubbles: true }));
    expect(await screen.findByLabelText('Text size: 150 %')).toBeVisible();
    expect(wallet.preferences.text_size).toBe(100);
    input.dispatchEvent(new Event('change', { bubbles: true }));
    await waitFor(() => expect(document.documentElement.style.fontSize).toBe('150%'));
  });

  it('changes its language at once', async () => {
    await open({}, Appearance);
    await user.selectOptions(screen.getByLabelText('Language'), 'Español');
    expect(await screen.findByRole('heading', { name: 'Apariencia' })).toBeVisible();
  });

  it('names the age and the note of a rate', async () => {
    wallet.preferences.currency = 'EUR';
    await open({}, Currency);
    expect(await part('Currency').findByText(/One dollar is 0\.92 EUR, set 1 hour ago.*set once a day/)).toBeVisible();
  });

  it('says where the network has no rate for what was chosen', async () => {
    wallet.preferences.currency = 'CHF';
    await open({}, Currency);
    expect(await part('Currency').findByText(/no rate for CHF/)).toBeVisible();
    expect(screen.getByLabelText('Show worth in')).toHaveValue('CHF');
  });

  it('says why there are no rates', async () => {
    await open(
      {
        currencies: () => {
          throw problem({ message: 'The network does not answer.' });
        },
      },
      Currency,
    );
    expect(await part('Currency').findByText('The network does not answer.')).toBeVisible();
  });
});

describe('data', () => {
  it('shows where everything lies, exports the whole history and backs up', async () => {
    await open({}, Data);
    expect(await part('Data and backup').findByText('/home/ada/.local/share/parlance')).toBeVisible();
    await user.click(part('Data and backup').getByRole('button', { name: 'Export history as CSV' }));
    expect(await screen.findByText(/Exported to .*parlance-activity\.csv/)).toBeVisible();
    expect(given('activity_export')).toMatchObject([{ filter: { kinds: [], from: null, until: null, offset: 0 } }]);
    await user.click(part('Data and backup').getByRole('button', { name: 'Back up keys, rules and contacts' }));
    expect(await part('Data and backup').findByText('Done: backup.')).toBeVisible();
  });

  it('says why nothing was written', async () => {
    await open(
      {
        activity_export: () => {
          throw problem({ message: 'The folder can not be written.' });
        },
      },
      Data,
    );
    await user.click(await part('Data and backup').findByRole('button', { name: 'Export history as CSV' }));
    expect(await part('Data and backup').findByText('The folder can not be written.')).toBeVisible();
  });
});

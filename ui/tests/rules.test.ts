import { screen, waitFor, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { EditorView } from '@codemirror/view';
import { beforeEach, describe, expect, it } from 'vitest';
import { app } from '../src/lib/app.svelte';
import Rules from '../src/screens/Rules/Rules.svelte';
import { rules } from '../src/screens/Rules/store.svelte';
import { answer, ownSource, problem, world, type Calls, type World } from './fixtures';
import { opened, show, violations } from './open';

let wallet: World;
let calls: Calls;
const given = (command: string) => calls.filter((call) => call.command === command).map((call) => call.args);
const user = userEvent.setup();

async function open(tab?: string, over: Parameters<typeof answer>[1] = {}) {
  calls = answer(wallet, over);
  opened(wallet);
  app.screen = 'rules';
  show(Rules);
  await screen.findByRole('tab', { name: 'In sentences' });
  if (tab) await user.click(screen.getByRole('tab', { name: tab }));
}

beforeEach(() => {
  wallet = world();
  rules.view = null;
  rules.problem = null;
  rules.outcome = null;
  rules.asking = false;
  rules.drop();
});

describe('rules in sentences', () => {
  it('show limits, own rules and those of the pack', async () => {
    await open();
    expect(screen.getByRole('meter', { name: 'Without asking, a day' })).toHaveAttribute('aria-valuetext', '$35.00 of $50.00');
    expect(within(screen.getByRole('region', { name: 'Your own rules' })).getAllByRole('listitem')).toHaveLength(2);
    expect(screen.getByText(/Between your own accounts nothing is asked/)).toBeVisible();
    expect(await violations()).toEqual([]);
  });

  it('take out an own rule by proposing the source without it', async () => {
    await open();
    await user.click(screen.getByRole('button', { name: 'Remove the rule alice-lunch' }));
    expect(await screen.findByText('The new rules are in force.')).toBeVisible();
    const [{ source }] = given('rules_propose') as [{ source: string }];
    expect(source).toContain('at-most-200-a-day');
    expect(source).not.toContain('alice-lunch');
  });

  it('say what to do while the signer asks, and take it back', async () => {
    let no: (error: unknown) => void = () => undefined;
    await open(undefined, { rules_propose: () => new Promise((_, reject) => (no = reject)) });
    await user.click(screen.getByRole('button', { name: 'Remove the rule alice-lunch' }));
    expect(await screen.findByText("Continue in the signer's window.")).toBeVisible();
    await user.click(screen.getByRole('button', { name: 'Take it back' }));
    expect(given('withdraw')).toHaveLength(1);
    no(problem({ message: 'You said no.', remedy: 'Nothing has changed.' }));
    expect(await screen.findByText('You said no.')).toBeVisible();
    expect(screen.getByText('Nothing has changed.')).toBeVisible();
    expect(screen.queryByText("Continue in the signer's window.")).toBeNull();
  });

  it('say so where there are none', async () => {
    wallet.rules = { ...wallet.rules, own_source: '', own_rules: [] };
    await open();
    expect(screen.getByText(/None yet\./)).toBeVisible();
  });

  it('offer another try', async () => {
    let fails = true;
    calls = answer(wallet, {
      rules: () => {
        if (fails) throw problem({ message: 'The signer does not answer.' });
        return wallet.rules;
      },
    });
    opened(wallet);
    show(Rules);
    expect(await screen.findByText('The signer does not answer.')).toBeVisible();
    expect(await violations()).toEqual([]);
    fails = false;
    await user.click(screen.getByRole('button', { name: 'Try again' }));
    expect(await screen.findByText(/Between your own accounts/)).toBeVisible();
  });

  it('ask to unlock', async () => {
    calls = answer(wallet, {
      rules: () => {
        if (given('unlock').length === 0) throw problem({ code: 'locked', message: 'locked' });
        return wallet.rules;
      },
    });
    opened(wallet);
    show(Rules);
    await user.click(await screen.findByRole('button', { name: 'Unlock' }));
    expect(await screen.findByText(/Between your own accounts/)).toBeVisible();
  });
});

describe('the form', () => {
  it('goes from fields to a sentence, and to the signer', async () => {
    await open('Add a rule');
    expect(screen.getByText(/the rule appears here as a sentence/)).toBeVisible();
    expect(screen.getByRole('button', { name: 'Propose' })).toBeDisabled();
    await user.type(screen.getByLabelText('Over how much'), '$700');
    expect(await screen.findByText(/more than \$700 leaves in a day/)).toBeVisible();
    expect(given('rules_form').at(-1)).toEqual({ form: { effect: 'forbid', action: 'any', asset: null, to: null, over: '$700', per: 'day' } });
    expect(await violations()).toEqual([]);
    await user.click(screen.getByRole('button', { name: 'Propose' }));
    expect(await screen.findByText('The new rules are in force.')).toBeVisible();
    const [{ source }] = given('rules_propose') as [{ source: string }];
    expect(source).toContain(ownSource.trimEnd());
    expect(source).toContain('@id("forbid-any-700-day")');
    expect(screen.getByLabelText('Over how much')).toHaveValue('');
  });

  it('asks once for what is typed in one go', async () => {
    await open('Add a rule');
    await user.type(screen.getByLabelText('Over how much'), '$700');
    await screen.findByText(/more than \$700/);
    expect(given('rules_form').length).toBeLessThanOrEqual(2);
  });

  it('never proposes what was typed before', async () => {
    let first = true;
    await open('Add a rule', {
      rules_form: async ({ form }) => {
        if (!first) await new Promise(() => undefined);
        first = false;
        return { id: 'x', sentence: `Never ${String((form as { over: string }).over)}.`, source: 'x', whole: 'x' };
      },
    });
    await user.type(screen.getByLabelText('Over how much'), '$7');
    await screen.findByText('Never $7.');
    await user.type(screen.getByLabelText('Over how much'), '00{Enter}');
    expect(screen.getByRole('button', { name: 'Propose' })).toBeDisabled();
    expect(given('rules_propose')).toEqual([]);
  });

  it('says at the field what is wrong', async () => {
    await open('Add a rule');
    await user.selectOptions(screen.getByLabelText('What it does'), 'Allow without asking');
    await user.type(screen.getByLabelText('To whom'), 'Alice');
    expect(screen.getByLabelText('Up to how much')).toHaveAccessibleDescription('What is allowed without asking needs a limit');
    await user.type(screen.getByLabelText('Up to how much'), '50');
    expect(screen.getByLabelText('Up to how much')).toHaveAccessibleDescription('Say of which asset, or say it in dollars');
    await user.type(screen.getByLabelText('Up to how much'), ' USDC');
    await waitFor(() => expect(given('rules_form').at(-1)).toMatchObject({ form: { effect: 'allow', to: 'Alice', asset: 'USDC', over: '50' } }));
    expect(screen.getByLabelText('Up to how much')).not.toHaveAttribute('aria-invalid');
  });

  it('puts a complaint of the engine beside its field, and says when a contact is not known', async () => {
    await open('Add a rule', {
      rules_form: () => {
        throw problem({ code: 'rule', message: 'a rule that allows needs a limit in dollars', remedy: 'Say it in dollars.' });
      },
    });
    await user.type(screen.getByLabelText('To whom'), 'Zoe');
    await waitFor(() => expect(screen.getByLabelText('To whom')).toHaveAccessibleDescription(/No contact has this name/));
    await waitFor(() => expect(screen.getByLabelText('Over how much')).toHaveAccessibleDescription(/needs a limit in dollars/));
  });
});

describe('the source', () => {
  function editor(): EditorView {
    const found = EditorView.findFromDOM(screen.getByRole('textbox', { name: 'Cedar source of your own rules' }).closest('.cm-editor') as HTMLElement);
    if (!found) throw new Error('no editor');
    return found;
  }
  const type = (text: string) => editor().dispatch({ changes: { from: editor().state.doc.length, insert: text } });

  it('shows what is in force, with its sentences and no error', async () => {
    await open('Source');
    expect(editor().state.doc.toString()).toBe(ownSource);
    expect(await screen.findByText('The signer would take this: 2 rules.')).toBeVisible();
    expect(screen.getByRole('button', { name: 'Propose' })).toBeDisabled();
    expect(await violations()).toEqual([]);
  });

  it('lists what is wrong, marks it, and jumps there', async () => {
    wallet.check = { ok: false, rules: [], problems: [{ severity: 'error', from: 40, to: 45, line: 3, message: 'no such action', help: 'Did you mean send?' }] };
    await open('Source');
    const place = await screen.findByRole('button', { name: 'Line 3, error' });
    expect(screen.getByText('Did you mean send?')).toBeVisible();
    await waitFor(() => expect(document.querySelector('.cm-lintRange-error, .cm-lint-marker-error')).not.toBeNull());
    await user.click(place);
    expect(editor().state.selection.main.head).toBe(40);
  });

  it('keeps the draft while another screen is shown, and discards it when told to', async () => {
    await open('Source');
    type('\n// mine\n');
    await user.click(screen.getByRole('tab', { name: 'Packs' }));
    await user.click(screen.getByRole('tab', { name: 'Source' }));
    expect(editor().state.doc.toString()).toContain('// mine');
    expect(screen.getByText('not proposed yet')).toBeVisible();
    await user.click(screen.getByRole('button', { name: 'Discard changes' }));
    expect(editor().state.doc.toString()).toBe(ownSource);
    expect(rules.draft).toBeNull();
  });

  it('shows old and new before anything goes to the signer', async () => {
    await open('Source');
    type('\n// mine\n');
    await user.click(screen.getByRole('button', { name: 'Propose' }));
    const dialog = await screen.findByRole('dialog', { name: 'Look at the change first' });
    expect(given('rules_propose')).toEqual([]);
    expect(within(dialog).getByRole('textbox', { name: 'As proposed' })).toHaveTextContent('// mine');
    expect(await violations()).toEqual([]);
    await user.click(within(dialog).getByRole('button', { name: 'Propose' }));
    expect(await screen.findByText('The new rules are in force.')).toBeVisible();
    expect(given('rules_propose')).toEqual([{ source: `${ownSource}\n// mine\n` }]);
    expect(rules.draft).toBeNull();
  });

  it('does not propose what the signer would not take', async () => {
    await open('Source');
    wallet.check = { ok: false, rules: [], problems: [] };
    type('nonsense');
    await user.click(screen.getByRole('button', { name: 'Propose' }));
    await waitFor(() => expect(app.toasts.map((toast) => toast.text)).toEqual(['The signer would not take this yet; the list below says why.']));
    expect(screen.queryByRole('dialog', { name: 'Look at the change first' })).toBeNull();
  });

  it('has its keys: Ctrl S proposes, Ctrl Shift F formats', async () => {
    await open('Source');
    type('\n\n// mine');
    const key = (init: KeyboardEventInit) => editor().contentDOM.dispatchEvent(new KeyboardEvent('keydown', { bubbles: true, cancelable: true, ...init }));
    key({ key: 'F', code: 'KeyF', keyCode: 70, ctrlKey: true, shiftKey: true });
    await waitFor(() => expect(editor().state.doc.toString().endsWith('// mine\n')).toBe(true));
    key({ key: 's', code: 'KeyS', keyCode: 83, ctrlKey: true });
    expect(await screen.findByRole('dialog', { name: 'Look at the change first' })).toBeVisible();
  });

  it('follows the signer while nothing is written, and warns where something is', async () => {
    await open('Source');
    wallet.rules = { ...wallet.rules, version: 4, own_source: '// other\n' };
    await rules.read();
    await waitFor(() => expect(editor().state.doc.toString()).toBe('// other\n'));
    type('// mine\n');
    wallet.rules = { ...wallet.rules, version: 5, own_source: '// another\n' };
    await rules.read();
    expect(await screen.findByText(/have changed since you began to write/)).toBeVisible();
    expect(editor().state.doc.toString()).toBe('// other\n// mine\n');
  });
});

describe('packs', () => {
  it('are compared in sentences before one is proposed', async () => {
    await open('Packs');
    expect(await screen.findByText('in force')).toBeVisible();
    expect(await violations()).toEqual([]);
    await user.click(screen.getByRole('button', { name: 'Use the pack paranoid' }));
    const dialog = await screen.findByRole('dialog', { name: 'From “cautious” to “paranoid”' });
    const lists = within(dialog).getAllByRole('list');
    expect(within(lists[0] as HTMLElement).getAllByRole('listitem')).toHaveLength(3);
    expect(lists[1]).toHaveTextContent('The password sends to contacts of more than a day');
    expect(dialog).not.toHaveTextContent('What looks like a known address');
    expect(await violations()).toEqual([]);
    await user.click(within(dialog).getByRole('button', { name: 'Propose' }));
    expect(await screen.findByText('The pack paranoid is in force.')).toBeVisible();
    expect(given('rules_propose_pack')).toEqual([{ name: 'paranoid' }]);
  });
});

describe('the history', () => {
  it('compares with the present and proposes again', async () => {
    await open('History');
    expect((await screen.findAllByRole('button', { name: 'Compare with now' })).length).toBe(2);
    await user.click(screen.getAllByRole('button', { name: 'Compare with now' })[1] as HTMLElement);
    expect(await screen.findByRole('textbox', { name: 'Version 1' })).toBeVisible();
    expect(await violations()).toEqual([]);
    await user.click(screen.getAllByRole('button', { name: 'Propose this again' })[1] as HTMLElement);
    await waitFor(() => expect(given('rules_propose')).toEqual([{ source: '' }]));
    expect(given('rules_propose_pack')).toEqual([]);
  });

  it('does not go on to the pack after a no', async () => {
    wallet.history = [{ version: 1, pack: 'everyday', own_source: '// old', seen: 1 }];
    await open('History', {
      rules_propose: () => {
        throw problem({ message: 'You said no.' });
      },
    });
    await user.click(await screen.findByRole('button', { name: 'Propose this again' }));
    expect(await screen.findByText('You said no.')).toBeVisible();
    expect(given('rules_propose_pack')).toEqual([]);
  });

  it('shows two rows of one number', async () => {
    wallet.history = [
      { version: 1, pack: 'a', own_source: '', seen: 1 },
      { version: 1, pack: 'a', own_source: '', seen: 1 },
    ];
    await open('History');
    expect(await screen.findAllByRole('heading', { name: 'Version 1' })).toHaveLength(2);
  });

  it('says where there is none', async () => {
    wallet.history = [];
    await open('History');
    expect(await screen.findByText('No version was seen yet')).toBeVisible();
  });
});

describe('a proposal from elsewhere', () => {
  it('is told where the person is by now', async () => {
    await open();
    app.screen = 'chat';
    await rules.propose(async () => 'The new rules are in force.');
    expect(app.toasts.map((toast) => toast.text)).toEqual(['The new rules are in force.']);
    expect(rules.outcome).toBeNull();
  });
});

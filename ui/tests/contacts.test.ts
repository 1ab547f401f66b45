import { cleanup, render, screen, waitFor } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it } from 'vitest';
import { app } from '../src/lib/app.svelte';
import { coolsUntil, isWhole, matching } from '../src/screens/Contacts/book';
import Contacts from '../src/screens/Contacts/Contacts.svelte';
import { problem } from './fixtures';
import { alice, barriers, cold, contact, fails, seconds, settled, shell } from './money-fixtures';
import './patience';

// A screen stops listening before the shell is gone.
afterEach(async () => {
  cleanup();
  await settled();
});

const fresh = Math.floor(Date.now() / 1000) - 3600;
const book = [contact({ name: 'Zoe', address: cold, added: fresh, paid: 0 }), contact(), contact({ name: 'Bob', paid: 1 })];

describe('the address book', () => {
  it('cools a contact down for a day', () => {
    const row = contact({ added: 1000 });
    expect(coolsUntil(row, 1000)).toBe(87_400);
    expect(coolsUntil(row, 87_399)).toBe(87_400);
    expect(coolsUntil(row, 87_400)).toBeNull();
  });

  it('is searched by name and by address, and stands by name', () => {
    expect(matching(book, '').map((row) => row.name)).toEqual(['Alice', 'Bob', 'Zoe']);
    expect(matching(book, ' ZOE ').map((row) => row.name)).toEqual(['Zoe']);
    expect(matching(book, cold.slice(2, 9).toLowerCase()).map((row) => row.name)).toEqual(['Zoe']);
    expect(matching(book, 'nobody')).toEqual([]);
  });

  it('looks up whole addresses and names only', () => {
    for (const whole of [alice, ` ${alice} `, 'alice.eth', 'pay.alice.eth']) expect(isWhole(whole), whole).toBe(true);
    for (const part of ['', '0x', alice.slice(0, 41), 'alice', 'alice.', 'alice.e', '.eth']) expect(isWhole(part), part).toBe(false);
  });
});

describe('the contacts screen', () => {
  it('shows whole addresses, what is new, and how often somebody was paid', async () => {
    const { asked } = shell({ contacts: () => book });
    const { container } = render(Contacts);
    const [first, second, third] = await screen.findAllByRole('listitem');
    expect(first).toHaveTextContent(/Alice.*paid 3 times/);
    expect(screen.getAllByLabelText(alice)[0]?.textContent).toBe(alice);
    expect(second).toHaveTextContent('paid once');
    expect(third).toHaveTextContent(/Zoe.*new: asked about until.*never paid/);
    expect(first).not.toHaveTextContent('new:');
    await seconds(5);
    expect(asked('contacts')).toHaveLength(1);
    expect(await barriers(container)).toEqual([]);
  });

  it('looks at an address once typing rests, and proposes what it looked at', async () => {
    const notes = ['On Local chain this is a contract, not a person\'s account.'];
    const { asked } = shell({ contact_check: () => ({ address: cold, known_as: 'Zoe', notes }) });
    const { container } = render(Contacts);
    const button = screen.getByRole('button', { name: 'Propose' });
    await userEvent.type(screen.getByLabelText('Name'), 'Carol');
    await userEvent.type(screen.getByLabelText('Address or ENS name'), 'carol.eth');
    expect(button).toBeDisabled();
    expect(await screen.findByText(/Your book has this address already, as Zoe/)).toBeVisible();
    expect(screen.getByText(notes[0] ?? '')).toBeVisible();
    expect(asked('contact_check')).toEqual([{ name: 'Carol', address: 'carol.eth' }]);
    expect(await barriers(container)).toEqual([]);
    await userEvent.click(button);
    await waitFor(() => expect(asked('contact_add')).toEqual([{ name: 'Carol', address: cold }]));
    await waitFor(() => expect(screen.getByLabelText('Name')).toHaveValue(''));
    expect(app.toasts.map((toast) => toast.text)).toEqual(['Alice is in your address book.']);
  });

  it('looks again when the name changes, and proposes nothing before', async () => {
    const { asked, now } = shell();
    render(Contacts);
    await userEvent.type(screen.getByLabelText('Address or ENS name'), alice);
    await userEvent.type(screen.getByLabelText('Name'), 'A');
    const button = screen.getByRole('button', { name: 'Propose' });
    await waitFor(() => expect(button).toBeEnabled());
    now({ contact_check: () => ({ address: alice, known_as: null, notes: ['Al is in your book already, with another address.'] }) });
    await userEvent.type(screen.getByLabelText('Name'), 'l{Enter}');
    expect(button).toBeDisabled();
    expect(asked('contact_add')).toEqual([]);
    expect(await screen.findByText(/Al is in your book already/)).toBeVisible();
    expect(button).toBeEnabled();
  });

  it('says what is wrong with an address beside it', async () => {
    shell({
      contact_check: () => {
        throw problem({ message: 'The checksum does not fit.', remedy: 'Copy the address anew.' });
      },
    });
    render(Contacts);
    await userEvent.type(screen.getByLabelText('Name'), 'Carol');
    await userEvent.type(screen.getByLabelText('Address or ENS name'), alice.toLowerCase());
    expect(await screen.findByRole('alert')).toHaveTextContent('The checksum does not fit. Copy the address anew.');
    expect(screen.getByRole('button', { name: 'Propose' })).toBeDisabled();
  });

  it('sends a removal to the signer, says so meanwhile, and tells a no', async () => {
    let no: (why: unknown) => void = () => undefined;
    const { asked } = shell({ contact_remove: () => new Promise((_, refuse) => (no = refuse)) });
    render(Contacts);
    await userEvent.click(await screen.findByRole('button', { name: 'Remove Alice' }));
    expect(await screen.findByText("Continue in the signer's window.")).toBeVisible();
    expect(screen.getByText(/whether Alice is to be taken out/)).toBeVisible();
    expect(screen.getByRole('button', { name: 'Remove Alice' })).toBeDisabled();
    expect(asked('contact_remove')).toEqual([{ name: 'Alice' }]);
    no(problem({ message: 'Not approved.', remedy: '' }));
    await waitFor(() => expect(app.toasts.map((toast) => [toast.kind, toast.text])).toEqual([['bad', 'Not approved.']]));
    expect(screen.getByRole('button', { name: 'Remove Alice' })).toBeEnabled();
  });

  it('leaves a draft in the chat', async () => {
    shell();
    render(Contacts);
    await userEvent.click(await screen.findByRole('button', { name: 'Send' }));
    expect(app.wish).toEqual({ draft: 'send  to Alice' });
  });

  it('says what to do where nobody is there, or nobody fits', async () => {
    const { now } = shell({ contacts: () => [] });
    const { unmount, container } = render(Contacts);
    expect(await screen.findByText('Nobody yet')).toBeVisible();
    expect(await barriers(container)).toEqual([]);
    unmount();
    now({ contacts: () => book });
    render(Contacts);
    await userEvent.type(await screen.findByLabelText('Search'), 'nobody');
    expect(screen.getByText('Nobody fits.')).toBeVisible();
  });

  it('tells a failure and tries again', async () => {
    const { now } = shell({ contacts: fails });
    const { container } = render(Contacts);
    expect(await screen.findByRole('alert')).toHaveTextContent('The network does not answer.');
    expect(await barriers(container)).toEqual([]);
    now({ contacts: () => book });
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(await screen.findByText('Zoe')).toBeVisible();
  });
});

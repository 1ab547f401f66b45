import { cleanup, render, screen, waitFor, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it } from 'vitest';
import { app } from '../src/lib/app.svelte';
import Allowances from '../src/screens/Allowances/Allowances.svelte';
import { keyOf, revocation, standing } from '../src/screens/Allowances/revoke';
import { alice, allowance, allowances, barriers, fails, moved, permit2, seconds, settled, shell, transaction, usdc } from './money-fixtures';
import './patience';

// A screen stops listening before the shell is gone.
afterEach(async () => {
  cleanup();
  await settled();
});

const dai = '0x6B175474E89094C44Da98b954EedeAC495271d0F';
const two = [allowance(), allowance({ symbol: 'DAI', token: dai, spender: alice, spender_label: null, unlimited: true, at_risk_micro: 900_000_000 })];

describe('what takes allowances back', () => {
  it('names a token and its spender once, by whatever mechanisms they may take', () => {
    const both = [allowance(), allowance({ via: 'permit2' }), allowance({ token: usdc.toLowerCase(), via: 'eip2612' })];
    expect(revocation(both, 'local')?.intent).toBe('revoke');
    const mixed = revocation([...both, allowance({ spender: alice })], 'local');
    expect(mixed?.do).toHaveLength(2);
  });

  it('keeps of the choice what is still there', () => {
    expect(standing([keyOf(allowance()), 'erc20:0x1:0x2'], [allowance()])).toEqual([keyOf(allowance())]);
  });
});

describe('the allowances screen', () => {
  it('says who may take what, and what is at risk, most first', async () => {
    shell({ allowances: () => allowances([...two, allowance({ via: 'permit2', expires: 1_900_000_000, at_risk_micro: null })]) });
    const { container } = render(Allowances);
    const rows = within(await screen.findByRole('list')).getAllByRole('listitem');
    expect(rows[0]).toHaveTextContent(/An unknown contract.*unlimited DAI.*At risk now: \$900\.00/);
    expect(within(rows[0] as HTMLElement).getByLabelText(alice)).toBeVisible();
    expect(rows[1]).toHaveTextContent(/Permit2.*100 USDC.*\$100\.00/);
    expect(rows[2]).toHaveTextContent(/through Permit2.*no price.*ends/);
    expect(await barriers(container)).toEqual([]);
  });

  it('takes one back on the network that was read', async () => {
    shell({ allowances: () => allowances(two, { chain: 'base' }) });
    render(Allowances);
    await userEvent.click(await screen.findByRole('button', { name: 'Revoke USDC from Permit2' }));
    expect(app.wish).toEqual({ intent: { intent: 'revoke', asset: usdc, spender: permit2, chain: 'base' } });
    expect(app.screen).toBe('chat');
  });

  it('takes back what is chosen, in steps; the choice outlasts the seconds', async () => {
    const { asked } = shell({ allowances: () => allowances(two) });
    render(Allowances);
    const all = await screen.findByRole('checkbox', { name: 'Choose all' });
    expect(screen.getByRole('button', { name: 'Revoke 0 chosen' })).toBeDisabled();
    await userEvent.click(screen.getByRole('checkbox', { name: 'Choose Permit2, USDC' }));
    expect(all).toBePartiallyChecked();
    await seconds(5);
    expect(asked('allowances')).toHaveLength(1);
    expect(screen.getByRole('checkbox', { name: 'Choose Permit2, USDC' })).toBeChecked();
    await userEvent.click(all);
    await userEvent.click(screen.getByRole('button', { name: 'Revoke 2 chosen' }));
    const wish = app.wish as { intent: { intent: string; do: { spender: string }[] } };
    expect(wish.intent.intent).toBe('steps');
    expect(wish.intent.do.map((step) => step.spender)).toEqual([alice, permit2]);
  });

  it('reads anew when a transaction is in a block, and forgets a choice that is gone', async () => {
    const { now } = shell({ allowances: () => allowances(two) });
    render(Allowances);
    await userEvent.click(await screen.findByRole('checkbox', { name: 'Choose all' }));
    now({ allowances: () => allowances(two.slice(0, 1)) });
    await moved(transaction({ stage: 'mined' }));
    await waitFor(() => expect(screen.getByRole('button', { name: 'Revoke 1 chosen' })).toBeEnabled());
  });

  it('says why none is good, and does not say so where it could not look everywhere', async () => {
    shell({ allowances: () => allowances([]) });
    const { unmount, container } = render(Allowances);
    expect(await screen.findByText('Nobody may take anything')).toBeVisible();
    expect(await barriers(container)).toEqual([]);
    unmount();
    shell({ allowances: () => allowances([], { complete: false, from_block: 5000 }) });
    render(Allowances);
    expect(await screen.findByText(/Blocks before 5,000 were not searched/)).toBeVisible();
    expect(screen.queryByText('Nobody may take anything')).toBeNull();
  });

  it('shows nothing of one network under the name of another', async () => {
    const { now } = shell();
    render(Allowances);
    await screen.findByText('Permit2');
    now({ allowances: () => new Promise(() => undefined) });
    await userEvent.selectOptions(screen.getByLabelText('Network'), 'base');
    expect(screen.queryByText('Permit2')).toBeNull();
    expect(screen.getByRole('status')).toHaveTextContent('Looking for allowances');
  });

  it('tells a failure with what to do, keeps what it has, and tries again', async () => {
    const { now } = shell({ allowances: fails });
    const { container } = render(Allowances);
    expect(await screen.findByRole('alert')).toHaveTextContent('The network does not answer. Look at the endpoints in Settings.');
    expect(await barriers(container)).toEqual([]);
    now({ allowances: () => allowances(two) });
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(await screen.findByText('Permit2')).toBeVisible();
    expect(screen.queryByRole('alert')).toBeNull();
    now({ allowances: fails });
    await moved(transaction({ stage: 'mined' }));
    expect(await screen.findByRole('alert')).toBeVisible();
    expect(screen.getByText('Permit2')).toBeVisible();
  });
});

import { cleanup, fireEvent, render, screen, waitFor, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it } from 'vitest';
import { app } from '../src/lib/app.svelte';
import type { ActivityFilter } from '../src/lib/bindings';
import Activity from '../src/screens/Activity/Activity.svelte';
import { asked as wanted, emptyFilter, joined, midnight, offered, wrongDates } from '../src/screens/Activity/filter';
import { steps, toneOf } from '../src/screens/Activity/stage';
import { alice, barriers, clipboard, entry, fails, filterOf, hash, moved, settled, shell, transaction } from './money-fixtures';
import './patience';

// A screen stops listening before the shell is gone.
afterEach(async () => {
  cleanup();
  await settled();
});

const many = Array.from({ length: 120 }, (_, i) => entry({ id: 120 - i, at: 1_795_600_000 - i * 7200, note: `Entry ${120 - i}`, hash: null }));
const paged = ({ filter }: Record<string, unknown>) => {
  const { offset, limit } = filter as ActivityFilter;
  return { rows: many.slice(offset, offset + limit), more: many.length > offset + limit };
};

describe('the filter', () => {
  it('is given to the shell without what is blank', () => {
    const filter = { ...emptyFilter, kinds: ['out' as const], text: '  lunch ', asset: ' ', from: '2026-11-01', until: '2026-11-02' };
    const given = wanted(filter, 50, 25);
    expect(given).toMatchObject({ kinds: ['out'], text: 'lunch', asset: null, with: null, chain: null, offset: 50, limit: 25 });
    // The last day counts as a whole.
    expect((given.until ?? 0) - (given.from ?? 0)).toBe(2 * 86_400);
  });

  it('takes days that there are, and tells the others', () => {
    expect(midnight('2026-02-29', 0)).toBeNull();
    expect(midnight('2028-02-29', 0)).not.toBeNull();
    expect(wrongDates({ ...emptyFilter, from: '2026-11-31', until: 'today' })).toEqual({ from: 'activity.no_date', until: 'activity.no_date' });
    expect(wrongDates({ ...emptyFilter, from: '2026-11-03', until: '2026-11-02' })).toEqual({ until: 'activity.ends_before' });
    expect(wrongDates({ ...emptyFilter, from: '2026-11-03', until: '2026-11-03' })).toEqual({});
  });

  it('offers rare kinds once they were seen', () => {
    expect(offered([])).not.toContain('x402');
    expect(offered(['x402'])).toContain('x402');
  });

  it('joins pages that overlap', () => {
    const row = (id: number) => entry({ id });
    expect(joined([row(3), row(2)], [row(2), row(1)]).map((one) => one.id)).toEqual([3, 2, 1]);
  });
});

describe('the stages', () => {
  it('go forward on the way, and have no place off it', () => {
    const at = (stage: Parameters<typeof toneOf>[0]) => steps(transaction({ stage }));
    expect([at('signed'), at('sent'), at('mined'), at('final')]).toEqual([1, 2, 3, 4]);
    expect([at('replaced'), at('dropped'), at('reverted'), at('abandoned'), at('prepared')]).toEqual([null, null, null, null, null]);
    expect([toneOf('final'), toneOf('reverted'), toneOf('dropped')]).toEqual(['good', 'bad', 'warn']);
  });
});

describe('the activity screen', () => {
  it('shows what happened by day: kind, who, amounts, worth and fee', async () => {
    const got = { symbol: 'WETH', amount: '0.5', usd_micro: 1_500_000_000 };
    const rows = [entry(), entry({ id: 2, at: 1_795_400_000, kind: 'wrap', note: null, with: alice, with_name: null, gave: { symbol: 'ETH', amount: '0.5', usd_micro: 1_500_000_000 }, got })];
    shell({ activity: () => ({ rows, more: false }) });
    const { container } = render(Activity);
    const [first, second] = await screen.findAllByRole('listitem');
    expect(first).toHaveTextContent(/Send 50 USDC to Alice\s*Sent · .* · Local chain · Alice\s*−50 USDC\s*\$50\.00 · fee \$0\.06/);
    expect(second).toHaveTextContent(/Wrapped.*0x7099…79C8.*−0\.5 ETH.*\+0\.5 WETH/);
    expect(screen.getAllByRole('heading', { level: 2 })).toHaveLength(2);
    expect(screen.getByText('2 entries')).toBeVisible();
    expect(await barriers(container)).toEqual([]);
  });

  it('asks anew when a filter rests, once', async () => {
    const { asked } = shell();
    render(Activity);
    await screen.findByText(/Send 50/);
    await userEvent.type(screen.getByLabelText('Search'), 'lunch');
    await waitFor(() => expect(filterOf(asked('activity').at(-1)).text).toBe('lunch'));
    expect(asked('activity')).toHaveLength(2);
    await userEvent.click(screen.getByRole('button', { name: 'Sent' }));
    expect(screen.getByRole('button', { name: 'Sent' })).toHaveAttribute('aria-pressed', 'true');
    await waitFor(() => expect(filterOf(asked('activity').at(-1)).kinds).toEqual(['out']));
    await userEvent.selectOptions(screen.getByLabelText('Network'), 'base');
    await waitFor(() => expect(filterOf(asked('activity').at(-1)).chain).toBe('base'));
    await userEvent.click(screen.getByRole('button', { name: 'Clear filters' }));
    await waitFor(() => expect(filterOf(asked('activity').at(-1))).toMatchObject({ kinds: [], text: null, chain: null }));
  });

  it('tells a wrong date beside it and asks nothing with it', async () => {
    const { asked } = shell();
    render(Activity);
    await screen.findByText(/Send 50/);
    await fireEvent.input(screen.getByLabelText('From'), { target: { value: '2026-11-05' } });
    await fireEvent.input(screen.getByLabelText('Until'), { target: { value: '2026-11-04' } });
    expect(await screen.findByRole('alert')).toHaveTextContent('This is before the first day.');
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(asked('activity')).toHaveLength(1);
    expect(screen.getByRole('button', { name: 'Export as CSV' })).toBeDisabled();
  });

  it('shows more, page by page, to the end; a refresh keeps what is shown', async () => {
    const { asked } = shell({ activity: paged });
    const { container } = render(Activity);
    const shown = () => container.querySelectorAll('[data-row]');
    const more = await screen.findByText('Show more');
    expect(shown()).toHaveLength(50);
    await fireEvent.click(more);
    await waitFor(() => expect(shown()).toHaveLength(100));
    expect(filterOf(asked('activity').at(-1))).toMatchObject({ offset: 50, limit: 50 });
    await moved(transaction({ hash: '0x1' }));
    await waitFor(() => expect(filterOf(asked('activity').at(-1))).toMatchObject({ offset: 0, limit: 100 }));
    await waitFor(() => expect(screen.getByText('Show more')).toBeEnabled());
    await fireEvent.click(screen.getByText('Show more'));
    await waitFor(() => expect(shown()).toHaveLength(120));
    expect(screen.queryByText('Show more')).toBeNull();
  });

  it('shows an entry once though new ones moved the pages', async () => {
    shell({ activity: (given) => ({ rows: filterOf(given).offset > 0 ? many.slice(1, 4) : many.slice(0, 2), more: filterOf(given).offset === 0 }) });
    const { container } = render(Activity);
    await fireEvent.click(await screen.findByText('Show more'));
    await waitFor(() => expect(container.querySelectorAll('[data-row]')).toHaveLength(4));
  });

  it('does not put a page behind rows of another filter', async () => {
    let late: (page: unknown) => void = () => undefined;
    const { now } = shell({ activity: (given) => (filterOf(given).offset > 0 ? new Promise((give) => (late = give)) : paged(given)) });
    const { container } = render(Activity);
    await fireEvent.click(await screen.findByText('Show more'));
    now({ activity: () => ({ rows: [entry({ note: 'Another' })], more: false }) });
    await fireEvent.input(screen.getByLabelText('Search'), { target: { value: 'x' } });
    expect(await screen.findByText('Another')).toBeVisible();
    late({ rows: many.slice(50, 100), more: true });
    await settled();
    expect(container.querySelectorAll('[data-row]')).toHaveLength(1);
  });

  it('goes from row to row by arrows, opens by Enter and closes', async () => {
    const taken = clipboard();
    shell({ activity: () => ({ rows: many.slice(0, 3), more: false }) });
    const { container } = render(Activity);
    await screen.findByText('Entry 120');
    const [first, second] = container.querySelectorAll<HTMLElement>('[data-row]');
    first?.focus();
    await userEvent.keyboard('{ArrowDown}');
    expect(second).toHaveFocus();
    await userEvent.keyboard('{ArrowUp}{Enter}');
    const panel = await screen.findByRole('dialog');
    expect(within(panel).getByText('done, final in block 90')).toBeVisible();
    expect(within(panel).getByText(`https://explorer.example/tx/${hash}`).closest('a')).toBeNull();
    for (const name of ['When', 'Kind', 'Network', 'Left', 'Fee', 'With', 'Address', 'Your account', 'Transaction', 'Nonce', 'Block', 'Block explorer']) {
      await fireEvent.click(within(panel).getByRole('button', { name: `Copy: ${name}` }));
    }
    expect(taken).toHaveLength(12);
    expect(taken).toEqual(expect.arrayContaining(['50', 'Alice', alice, hash, '4', '90', `https://explorer.example/tx/${hash}`]));
    expect(await barriers(container)).toEqual([]);
    await fireEvent.click(within(panel).getByRole('button', { name: 'Close' }));
    expect(screen.queryByRole('dialog')).toBeNull();
  });

  it('moves details on with their transaction', async () => {
    const { now } = shell({ activity_detail: () => ({ row: entry(), account: alice, transaction: transaction(), explorer: null }) });
    render(Activity);
    await userEvent.click(await screen.findByRole('button', { name: /Send 50/ }));
    expect(await screen.findByText('sent, waiting for a block')).toBeVisible();
    now({ activity_detail: () => ({ row: entry(), account: alice, transaction: transaction({ stage: 'mined', state: 'in block 91, 1 confirmation(s)', block: 91, confirmations: 1 }), explorer: null }) });
    await moved(transaction({ stage: 'mined' }));
    expect(await screen.findByText('in block 91, 1 confirmation(s)')).toBeVisible();
    expect(screen.getByText('1 of 3 confirmations')).toBeVisible();
  });

  it('has what is on its way on top, live, with what can be done about it', async () => {
    const { now } = shell({ outstanding: () => [transaction()] });
    const { container } = render(Activity);
    const waits = await screen.findByRole('region', { name: 'On its way' });
    expect(waits).toHaveTextContent('sent, waiting for a block');
    expect(await barriers(container)).toEqual([]);
    await userEvent.click(screen.getByRole('button', { name: 'Speed up: Send 50 USDC to Alice' }));
    expect(app.wish).toEqual({ intent: { intent: 'speed_up', tx: hash } });
    await userEvent.click(screen.getByRole('button', { name: 'Cancel: Send 50 USDC to Alice' }));
    expect(app.wish).toEqual({ intent: { intent: 'cancel_tx', tx: hash } });
    const mined = transaction({ stage: 'mined', state: 'in block 91, 1 confirmation(s)', block: 91, confirmations: 1, replaceable: false });
    now({ outstanding: () => [mined] });
    await moved(mined);
    expect(await within(waits).findByText('In a block')).toBeVisible();
    expect(waits).toHaveTextContent('1 of 3 confirmations');
    expect(screen.queryByRole('button', { name: /^Speed up/ })).toBeNull();
    now({ outstanding: () => [] });
    await moved(transaction({ stage: 'final' }));
    await waitFor(() => expect(screen.queryByRole('region', { name: 'On its way' })).toBeNull());
  });

  it('exports what the filter admits, says where to, and what it leaves out', async () => {
    const { asked, now } = shell();
    render(Activity);
    const button = screen.getByRole('button', { name: 'Export as CSV' });
    await userEvent.click(button);
    await waitFor(() => expect(app.toasts.at(-1)?.text).toBe('Exported to /home/ada/Downloads/parlance-activity.csv'));
    await userEvent.type(screen.getByLabelText('Asset'), 'USDC');
    await userEvent.type(screen.getByLabelText('Search'), 'lunch');
    await userEvent.click(button);
    await waitFor(() => expect(app.toasts.at(-1)?.text).toContain('The search text does not narrow an export'));
    expect(filterOf(asked('activity_export').at(-1))).toMatchObject({ asset: 'USDC', text: 'lunch' });
    now({ activity_export: fails });
    await userEvent.click(button);
    await waitFor(() => expect(app.toasts.at(-1)).toMatchObject({ kind: 'bad', text: 'The network does not answer. Look at the endpoints in Settings.' }));
    expect(button).toBeEnabled();
  });

  it('tells a failure, keeps what it has, and tries again', async () => {
    const { now } = shell({ activity: fails });
    const { container } = render(Activity);
    expect(await screen.findByRole('alert')).toBeVisible();
    expect(await barriers(container)).toEqual([]);
    now({ activity: () => ({ rows: [entry()], more: false }) });
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(await screen.findByText(/Send 50/)).toBeVisible();
    now({ activity: fails });
    await moved(transaction());
    expect(await screen.findByRole('alert')).toBeVisible();
    expect(screen.getByText(/Send 50/)).toBeVisible();
  });

  it('tells an empty history from filters that nothing fits', async () => {
    shell({ activity: () => ({ rows: [], more: false }) });
    const { container } = render(Activity);
    expect(await screen.findByText('Nothing has happened yet')).toBeVisible();
    expect(await barriers(container)).toEqual([]);
    await userEvent.type(screen.getByLabelText('With'), 'bob');
    expect(await screen.findByText('Nothing fits these filters')).toBeVisible();
  });
});

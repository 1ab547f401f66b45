import { cleanup, fireEvent, render, screen, waitFor, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it } from 'vitest';
import { app } from '../src/lib/app.svelte';
import type { WorthPoint } from '../src/lib/bindings';
import Balances from '../src/screens/Balances/Balances.svelte';
import { plot, sample } from '../src/screens/Balances/curve';
import { qrPath, quiet } from '../src/screens/Balances/qr';
import { address as mine, problem } from './fixtures';
import { alice, balances, barriers, card, clipboard, cold, fails, holding, moved, seconds, settled, shell, transaction } from './money-fixtures';
import './patience';

// A screen stops listening before the shell is gone.
afterEach(async () => {
  cleanup();
  await settled();
});

const points: WorthPoint[] = Array.from({ length: 40 }, (_, i) => ({ at: 1_795_000_000 + i * 3600, usd_micro: 9_000_000_000 + i * 1_000_000 }));

/** Random and the same each time. */
function* numbers(seed: number): Generator<number> {
  for (let state = seed; ; ) {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    yield state / 2 ** 31;
  }
}

describe('the QR code', () => {
  it('is again the modules that it was made of, around it nothing but light', () => {
    const random = numbers(7);
    const rows = Array.from({ length: 29 }, () => Array.from({ length: 29 }, () => ((random.next().value ?? 0) > 0.5 ? '1' : '0')).join(''));
    const { path, side } = qrPath(rows);
    const dark = Array.from({ length: side }, () => Array<string>(side).fill('0'));
    for (const [, x, y, wide] of path.matchAll(/M(\d+) (\d+)h(\d+)v1h-\3z/g)) {
      for (let i = 0; i < Number(wide); i++) (dark[Number(y)] as string[])[Number(x) + i] = '1';
    }
    const inner = dark.slice(quiet, side - quiet).map((row) => row.slice(quiet, side - quiet).join(''));
    expect(inner).toEqual(rows);
    expect(dark.flat().filter((one) => one === '1')).toHaveLength(rows.join('').replaceAll('0', '').length);
  });
});

describe('the curve', () => {
  it('stays in its box and goes from left to right, whatever is drawn', () => {
    for (let seed = 1; seed <= 50; seed++) {
      const random = numbers(seed);
      const next = () => random.next().value ?? 0;
      let at = 1_700_000_000;
      const some = Array.from({ length: 2 + Math.floor(next() * 60) }, () => ({ at: (at += 1 + Math.floor(next() * 90_000)), usd_micro: Math.floor(next() * 10 ** (1 + seed % 14)) }));
      const drawn = plot(some, 800, 140);
      const spots = [...(drawn?.line ?? '').matchAll(/([-\d.]+) ([-\d.]+)/g)].map(([, x, y]) => [Number(x), Number(y)] as const);
      expect(spots).toHaveLength(some.length);
      expect(spots[0]?.[0]).toBe(0);
      expect(spots.at(-1)?.[0]).toBe(800);
      spots.forEach(([x, y], i) => {
        expect(x).toBeGreaterThanOrEqual(spots[i - 1]?.[0] ?? 0);
        expect(y).toBeGreaterThanOrEqual(0);
        expect(y).toBeLessThanOrEqual(140);
      });
      const higher = (a: number, b: number) => Math.sign((some[a]?.usd_micro ?? 0) - (some[b]?.usd_micro ?? 0));
      for (let i = 1; i < some.length; i++) expect(Math.sign((spots[i - 1]?.[1] ?? 0) - (spots[i]?.[1] ?? 0)) * higher(i, i - 1)).toBeGreaterThanOrEqual(0);
    }
  });

  it('is level in the middle for what does not change, also for nothing', () => {
    for (const usd_micro of [0, 5_000_000]) {
      const drawn = plot([{ at: 1, usd_micro }, { at: 2, usd_micro }], 100, 50);
      expect(drawn?.line).toBe('M0 25L100 25');
    }
  });

  it('is sampled in order, each once', () => {
    const few = sample(points, 12).map((point) => point.at);
    expect(few).toEqual([...new Set(few)].sort((a, b) => a - b));
    expect(sample(points.slice(0, 3), 12)).toHaveLength(3);
  });
});

describe('the balances screen', () => {
  it('says what there is, what it is worth and how sure that is', async () => {
    const { asked } = shell({ balances: () => balances({ complete: false }), worth_over_time: () => points });
    const { container } = render(Balances);
    expect(await screen.findByText('$10,950.12')).toBeVisible();
    expect(screen.getByText(/\$4,950\.12 of it rests on an assumption/)).toBeVisible();
    expect(screen.getByText(/search for other tokens was cut short/)).toBeVisible();
    const row = screen.getByRole('row', { name: /USDC/ });
    expect(row).toHaveTextContent(/\$1\.00\s*counted as one dollar each/);
    expect(await screen.findByRole('img', { name: /Worth from .* between \$9,000\.00 and \$9,039\.00/ })).toBeVisible();
    await userEvent.click(screen.getByText('As a table'));
    const table = container.querySelector('details table') as HTMLElement;
    expect(within(table).getAllByRole('row')).toHaveLength(12);
    await seconds(5);
    expect(asked('balances')).toHaveLength(1);
    expect(asked('worth_over_time')).toEqual([{ chain: null, days: 30 }]);
    expect(await barriers(container)).toEqual([]);
  });

  it('has the exact amount under the focus, and copies it', async () => {
    const taken = clipboard();
    shell();
    render(Balances);
    const exact = await screen.findByRole('button', { name: '4950.123456 USDC, copy' });
    expect(within(exact).getByText('4950.123456')).toBeInTheDocument();
    expect(screen.queryByRole('button', { name: /^2 ETH/ })).toBeNull();
    await fireEvent.click(exact);
    expect(taken).toEqual(['4950.123456']);
  });

  it('folds unknown tokens away and says why', async () => {
    shell();
    render(Balances);
    expect(await screen.findByText('Folded away: one unknown token')).toBeVisible();
    expect(screen.getByText('probably spam: its name is an address on the web')).toBeInTheDocument();
  });

  it('begins a curve today where there is one point, and not where it could not be read', async () => {
    const { now } = shell({ worth_over_time: () => points.slice(0, 1) });
    const { unmount } = render(Balances);
    expect(await screen.findByText(/The curve of worth begins today/)).toBeVisible();
    unmount();
    now({ worth_over_time: fails });
    render(Balances);
    expect(await screen.findByText(/The curve could not be read: The network does not answer/)).toBeVisible();
    expect(screen.queryByText(/begins today/)).toBeNull();
    now({ worth_over_time: () => points });
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(await screen.findByRole('img')).toBeVisible();
  });

  it('asks for another span, network and account, and shows no curve but the payer\'s', async () => {
    const { asked } = shell({ worth_over_time: () => points, balances: ({ account }) => balances({ account: (account as string | null) ?? mine }) });
    render(Balances);
    await screen.findByRole('img');
    await userEvent.selectOptions(screen.getByLabelText('Time span'), '365');
    await waitFor(() => expect(asked('worth_over_time').at(-1)).toEqual({ chain: null, days: 365 }));
    await userEvent.selectOptions(screen.getByLabelText('Network'), 'base');
    await waitFor(() => expect(asked('balances').at(-1)).toEqual({ chain: 'base', account: null }));
    await userEvent.selectOptions(screen.getByLabelText('Account'), cold);
    await waitFor(() => expect(asked('balances').at(-1)).toEqual({ chain: 'base', account: cold }));
    expect(await screen.findByText('The curve is kept for the account that pays.')).toBeVisible();
    expect(screen.queryByRole('img')).toBeNull();
    expect(screen.queryByLabelText('Time span')).toBeNull();
  });

  it('shows the answer to what was asked last', async () => {
    const slow: ((view: unknown) => void)[] = [];
    shell({ balances: ({ chain }) => (chain === 'base' ? balances({ chain_title: 'Base', total_micro: 7_000_000 }) : new Promise((give) => slow.push(give))) });
    render(Balances);
    await screen.findByRole('option', { name: 'Base' });
    await userEvent.selectOptions(screen.getByLabelText('Network'), 'base');
    expect(await screen.findByText('$7.00')).toBeVisible();
    slow.forEach((give) => give(balances()));
    await settled();
    expect(screen.getByText('$7.00')).toBeVisible();
  });

  it('reads anew when a transaction is in a block, and keeps what it has when that fails', async () => {
    const { now, asked } = shell();
    render(Balances);
    await screen.findByText('$10,950.12');
    await moved(transaction({ stage: 'sent' }));
    expect(asked('balances')).toHaveLength(1);
    now({ balances: () => balances({ total_micro: 1_000_000 }) });
    await moved(transaction({ stage: 'mined' }));
    expect(await screen.findByText('$1.00', { selector: '.display' })).toBeVisible();
    now({ balances: fails });
    await userEvent.click(screen.getByRole('button', { name: 'Read again' }));
    expect(await screen.findByRole('alert')).toHaveTextContent('The network does not answer.');
    expect(screen.getByText('$1.00', { selector: '.display' })).toBeVisible();
  });

  it('says what to do where there is nothing, and where nothing can be read', async () => {
    const { now } = shell({ balances: fails });
    const { container, unmount } = render(Balances);
    expect(await screen.findByRole('alert')).toBeVisible();
    expect(await barriers(container)).toEqual([]);
    now({ balances: () => balances({ holdings: [], hidden: [], total_micro: 0, uncertain_micro: 0 }) });
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(await screen.findByText('Nothing here yet')).toBeVisible();
    expect(await barriers(container)).toEqual([]);
    unmount();
    now({ balances: () => new Promise(() => undefined) });
    render(Balances);
    expect(await screen.findByText('Reading balances…')).toBeVisible();
  });

  it('leaves a draft in the chat', async () => {
    shell();
    render(Balances);
    await userEvent.click(screen.getByRole('button', { name: 'Send' }));
    expect(app.wish).toEqual({ draft: 'send ' });
  });
});

describe('receiving', () => {
  async function receive(): Promise<HTMLElement> {
    const { container } = render(Balances);
    await screen.findByText('$10,950.12');
    await userEvent.click(screen.getByRole('button', { name: 'Receive' }));
    return container;
  }

  it('shows code, address and what the payer must know', async () => {
    const { asked } = shell();
    const container = await receive();
    const code = await screen.findByRole('img', { name: `QR code of ethereum:${mine}@31337` });
    expect(code.getAttribute('viewBox')).toBe(`0 0 ${7 + 2 * quiet} ${7 + 2 * quiet}`);
    expect(code.querySelector('rect')).toHaveAttribute('fill', '#ffffff');
    expect(screen.getByText('Only send what is on Local chain to this address.')).toBeVisible();
    expect(asked('receive')).toEqual([{ chain: null, asset: null, amount: null, account: null }]);
    expect(screen.getByLabelText('Amount')).toBeDisabled();
    expect(await barriers(container)).toEqual([]);
  });

  it('never shows a code for other words than those in its fields', async () => {
    shell({
      receive: ({ asset, amount }) => {
        if (amount === '1x') throw problem({ code: 'amount', message: '1x is no amount.', remedy: 'Write digits.' });
        return card({ uri: `ethereum:${String(asset)}/${String(amount)}` });
      },
    });
    await receive();
    await userEvent.selectOptions(screen.getByLabelText('Asset'), 'USDC');
    await userEvent.type(screen.getByLabelText('Amount'), '1');
    expect(await screen.findByRole('img', { name: 'QR code of ethereum:USDC/1' })).toBeVisible();
    await userEvent.type(screen.getByLabelText('Amount'), 'x');
    expect(screen.queryByRole('img', { name: /QR/ })).toBeNull();
    expect(await screen.findByRole('alert')).toHaveTextContent('1x is no amount. Write digits.');
    expect(screen.queryByRole('button', { name: 'Copy payment link' })).toBeNull();
    await userEvent.type(screen.getByLabelText('Amount'), '{Backspace}2');
    expect(await screen.findByRole('img', { name: 'QR code of ethereum:USDC/12' })).toBeVisible();
    expect(screen.queryByRole('alert')).toBeNull();
  });

  it('takes tokens that share a symbol', async () => {
    shell({ balances: () => balances({ holdings: [holding(), holding({ contract: alice })] }) });
    await receive();
    await screen.findByRole('img', { name: /QR/ });
    expect(within(screen.getByLabelText('Asset')).getAllByRole('option')).toHaveLength(2);
  });

  it('tells a failure and tries again', async () => {
    const { now } = shell({ receive: fails });
    await receive();
    expect(await screen.findByRole('alert')).toHaveTextContent('The network does not answer.');
    now({ receive: () => card() });
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(await screen.findByRole('img', { name: /QR/ })).toBeVisible();
  });
});

// A network as it is typed, and what is wrong with it. Pure; the wallet checks it once more.

import type { NetworkForm, NetworkRow } from '../../lib/bindings';

export type NetworkDraft = { name: string; chain_id: string; native: string; endpoints: string; explorer: string; testnet: boolean };
export type NetworkWrong = Partial<Record<keyof NetworkDraft, string>>;

export const emptyNetwork: NetworkDraft = { name: '', chain_id: '', native: 'ETH', endpoints: '', explorer: '', testnet: false };

/** Endpoints of a known network are not shown again: their paths can carry an API key. */
export function draftOf(row: NetworkRow): NetworkDraft {
  return { name: row.name, chain_id: String(row.chain_id), native: row.native, endpoints: '', explorer: row.explorer ?? '', testnet: row.testnet };
}

export function networkForm(draft: NetworkDraft): NetworkForm {
  return {
    name: draft.name.trim(),
    chain_id: Number(draft.chain_id.trim()),
    native: draft.native.trim(),
    endpoints: lines(draft.endpoints),
    explorer: draft.explorer.trim() || null,
    testnet: draft.testnet,
  };
}

/** Names of texts that say what is wrong, by field. `others` are the networks there are already, without the edited one. */
export function wrongs(draft: NetworkDraft, others: NetworkRow[] = []): NetworkWrong {
  const found: NetworkWrong = {};
  const name = draft.name.trim();
  const id = Number(draft.chain_id.trim());
  if (!/^[a-z][a-z0-9-]{0,31}$/.test(name)) found.name = 'settings.wrong_name';
  else if (others.some((row) => row.name === name && row.chain_id !== id)) found.name = 'settings.wrong_name_taken';
  if (!/^\d+$/.test(draft.chain_id.trim()) || !Number.isSafeInteger(id) || id === 0) found.chain_id = 'settings.wrong_id';
  if (!/^[A-Za-z][A-Za-z0-9]{0,9}$/.test(draft.native.trim())) found.native = 'settings.wrong_native';
  const urls = lines(draft.endpoints);
  if (urls.length === 0 || !urls.every(safe)) found.endpoints = 'settings.wrong_endpoints';
  if (draft.explorer.trim() && !safe(draft.explorer.trim())) found.explorer = 'settings.wrong_explorer';
  return found;
}

function lines(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
}

/** https, or plain http to this very machine. */
function safe(url: string): boolean {
  try {
    const { protocol, hostname } = new URL(url);
    return protocol === 'https:' || (protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(hostname));
  } catch {
    return false;
  }
}

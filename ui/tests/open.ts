// What tests of screens share: a page as it stands once the wallet is open, and axe-core's word on it.

import { render } from '@testing-library/svelte';
import axe from 'axe-core';
import type { Component } from 'svelte';
import { app } from '../src/lib/app.svelte';
import type { World } from './fixtures';

// jsdom lays nothing out; the editor measures.
Range.prototype.getClientRects = () => [] as unknown as DOMRectList;
Range.prototype.getBoundingClientRect = () => new DOMRect();

/** Show a screen where the shell would. */
export function show<Props extends Record<string, unknown>>(screen: Component<Props>, props = {} as Props): void {
  document.body.replaceChildren();
  const target = document.body.appendChild(document.createElement('main'));
  render(screen as Component<Record<string, unknown>>, { target, props });
}

/** The store as it is once the wallet is open. */
export function opened(world: World): void {
  app.session = world.session;
  app.status = world.status;
  app.preferences = { ...world.preferences };
  app.screen = 'chat';
  app.place = null;
  app.toasts = [];
  app.wish = null;
}

/** What axe-core finds wrong; colours and places are looked at in the real web view. */
export async function violations(): Promise<string[]> {
  const off = { enabled: false };
  const { violations: found } = await axe.run(document.body, { rules: { 'color-contrast': off, 'scrollable-region-focusable': off } });
  return found.flatMap((violation) => violation.nodes.map((node) => `${violation.id}: ${node.html.slice(0, 200)}`));
}

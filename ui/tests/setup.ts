import '@testing-library/jest-dom/vitest';
import { clearMocks } from '@tauri-apps/api/mocks';
import { cleanup, configure } from '@testing-library/svelte';
import { afterEach, beforeEach, vi } from 'vitest';
import { setLanguage } from '../src/lib/i18n.svelte';

configure({ asyncUtilTimeout: 20_000 });

// What jsdom lacks and the real web view has.
beforeEach(() => {
  setLanguage('en');
  HTMLDialogElement.prototype.showModal = function () {
    this.open = true;
  };
  HTMLDialogElement.prototype.close = function () {
    this.open = false;
    this.dispatchEvent(new Event('close'));
  };
  vi.stubGlobal(
    'ResizeObserver',
    class {
      observe() {}
      unobserve() {}
      disconnect() {}
    },
  );
  Element.prototype.scrollTo = () => undefined;
  Element.prototype.scrollIntoView = () => undefined;
  vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: () => undefined, removeEventListener: () => undefined }));
});
afterEach(async () => {
  // What the pages stop when they go, they stop at this shell.
  cleanup();
  await new Promise((resolve) => setTimeout(resolve));
  clearMocks();
  vi.unstubAllGlobals();
});

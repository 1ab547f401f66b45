// How the editor looks: the theme's own variables, so that light and dark need no rebuilding.

import { EditorState, type Extension } from '@codemirror/state';
import { syntaxHighlighting } from '@codemirror/language';
import { EditorView } from '@codemirror/view';
import { t } from '../../lib/i18n.svelte';
import { cedar, colours } from './cedar';

export const look = EditorView.theme({
  '&': { backgroundColor: 'var(--surface)', color: 'var(--text)', fontSize: 'var(--small)' },
  '.cm-content, .cm-gutters': { fontFamily: 'var(--mono)' },
  '.cm-content': { caretColor: 'var(--text)' },
  '.cm-cursor': { borderLeftColor: 'var(--text)' },
  '.cm-gutters': { backgroundColor: 'var(--sunken)', color: 'var(--text-quiet)', border: 'none' },
  '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'transparent' },
  '.cm-matchingBracket, &.cm-focused .cm-matchingBracket': { backgroundColor: 'var(--accent-ground)', outline: '1px solid var(--accent)' },
  '&.cm-focused': { outline: '2px solid var(--focus)', outlineOffset: '-2px' },
  '&.cm-focused .cm-selectionBackground, .cm-selectionBackground': { backgroundColor: 'var(--accent-ground) !important' },
  '.cm-tooltip': { backgroundColor: 'var(--surface)', color: 'var(--text)', border: '1px solid var(--line-strong)' },
  '.cm-tooltip-autocomplete > ul': { fontFamily: 'var(--mono)' },
  '.cm-tooltip-autocomplete > ul > li[aria-selected]': { backgroundColor: 'var(--accent)', color: 'var(--on-accent)' },
  '.cm-completionInfo': { maxWidth: '24rem', padding: '0.4rem 0.6rem' },
  '.cm-diagnostic': { whiteSpace: 'pre-wrap' },
  '.cm-snippetField': { backgroundColor: 'var(--accent-ground)' },
  '.cm-changedLine, &.cm-merge-a .cm-changedLine, .cm-deletedChunk': { backgroundColor: 'var(--bad-ground)' },
  '&.cm-merge-b .cm-changedLine': { backgroundColor: 'var(--good-ground)' },
  // The sign of the library is in few fonts.
  '.cm-collapsedLines::before, .cm-collapsedLines::after': { content: '"⋯" !important' },
  '.cm-collapsedLines': { background: 'var(--sunken)', color: 'var(--text-quiet)' },
});

/** What every view of Cedar text has in common. */
export function dressed(name: string): Extension[] {
  return [
    EditorView.lineWrapping,
    EditorView.contentAttributes.of({ 'aria-label': name }),
    EditorState.phrases.of({
      '$ unchanged lines': t('rules.unchanged_lines'),
      Completions: t('rules.completions'),
      Diagnostics: t('rules.problems'),
      'No diagnostics': t('rules.no_problems'),
      close: t('shell.close'),
    }),
    cedar,
    syntaxHighlighting(colours),
    look,
  ];
}

/** Text to be read, reached by the keyboard since it scrolls. */
export function toRead(name: string): Extension[] {
  return [
    ...dressed(name),
    EditorState.readOnly.of(true),
    EditorView.editable.of(false),
    EditorView.contentAttributes.of({ tabindex: '0', role: 'textbox', 'aria-readonly': 'true', 'aria-multiline': 'true' }),
  ];
}

// The editor for the owner's own rules.

import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { bracketMatching, indentOnInput } from '@codemirror/language';
import { lintGutter, lintKeymap } from '@codemirror/lint';
import { EditorState } from '@codemirror/state';
import { EditorView, drawSelection, highlightActiveLine, keymap, lineNumbers } from '@codemirror/view';
import type { SchemaWord } from '../../lib/bindings';
import { complete } from './completion';
import { dressed } from './look';

type Made = {
  parent: HTMLElement;
  doc: string;
  name: string;
  words: () => SchemaWord[];
  changed: (text: string) => void;
  propose: () => void;
  format: () => void;
};

/** Tab sets a line in; after Esc it leaves the editor. */
export function openEditor({ parent, doc, name, words, changed, propose, format }: Made): EditorView {
  const own = [
    { key: 'Mod-s', preventDefault: true, run: () => (propose(), true) },
    { key: 'Mod-Shift-f', preventDefault: true, run: () => (format(), true) },
  ];
  return new EditorView({
    parent,
    state: EditorState.create({
      doc,
      extensions: [
        lineNumbers(),
        lintGutter(),
        history(),
        drawSelection(),
        highlightActiveLine(),
        bracketMatching(),
        closeBrackets(),
        indentOnInput(),
        autocompletion({ override: [complete(words)] }),
        keymap.of([...own, ...closeBracketsKeymap, ...completionKeymap, ...lintKeymap, ...historyKeymap, ...defaultKeymap, indentWithTab]),
        ...dressed(name),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) changed(update.state.doc.toString());
        }),
      ],
    }),
  });
}

/** Put another text in place of the present one; can be undone. */
export function replaceAll(editor: EditorView, text: string): void {
  if (editor.state.doc.toString() === text) return;
  const cursor = Math.min(editor.state.selection.main.head, text.length);
  editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: text }, selection: { anchor: cursor } });
}

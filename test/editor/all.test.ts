/**
 * All tests in the editor, one after the other in one process: they share a VS
 * Code and its browser, and each opens a window on a folder of its own.
 */
import './powers.ts';
import './firstLook.ts';
import './targetPicker.ts';
import './example.ts';

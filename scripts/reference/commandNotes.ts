/** What each command of the palette does, in a sentence or two: the manifest has titles only. */
export const commandNotes: Readonly<Record<string, string>> = {
  'nixPlatformLens.evaluate': 'Evaluates again. On open and on save it happens by itself.',
  'nixPlatformLens.cancel': 'So does a click on the spinner in the status bar.',
  'nixPlatformLens.selectTarget':
    'One at once, or several. Also in the status bar. The choice is remembered for the workspace.',
  'nixPlatformLens.selectEvaluateAs': 'As one system, or as several. Also in the status bar.',
  'nixPlatformLens.evaluateAt':
    'Makes that attribute the target; where several were chosen, one more of them.',
  'nixPlatformLens.repairAll':
    'Applies every repair that is proven for all targets, at once. Nothing is saved: look at it, undo it, or save it, and it is evaluated again.',
  'nixPlatformLens.saveTargets': 'Shows `.nix-platform-lens.json` with the chosen targets, for you to save.',
  'nixPlatformLens.fetchInputs':
    'Nothing is downloaded before somebody asks for it, here or on the message that tells of it.',
  'nixPlatformLens.lockFlake': 'Runs `nix flake lock` where a flake has no lock file, or an old one.',
  'nixPlatformLens.showClosure': 'Opens the tree.',
  'nixPlatformLens.goToOrigin': 'On a row of the tree; so does <kbd>Enter</kbd>.',
  'nixPlatformLens.showPath': 'On a row of the tree.',
  'nixPlatformLens.verifyOutputs':
    'On a row of the tree: holds the executables and libraries that are in the store against the platform that they should be for. Nothing is built.',
  'nixPlatformLens.copyDrvPath': 'On a row of the tree; so does <kbd>Ctrl</kbd>+<kbd>C</kbd>.',
  'nixPlatformLens.openReport':
    'What the command line prints with `--format json`; of several targets, a list.',
  'nixPlatformLens.showOutput': 'What the server did, and how long it took.',
  'nixPlatformLens.restartServer': 'Starts it anew, without what it has in memory.',
};

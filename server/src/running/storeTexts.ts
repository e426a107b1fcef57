import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ScriptTexts } from '../check/scripts/derivationScripts.ts';
import { readBuildScript, type BuildScript, type Variables } from '../derivation/buildScript.ts';
import { LocalFiles } from '../derivation/derivationFiles.ts';
import type { DerivationGraph } from '../model/derivationGraph.ts';
import { MalformedDerivationError } from '../derivation/malformedDerivation.ts';
import { FileBuffer } from '../files/fileBuffer.ts';
import type { DerivationId } from '../model/derivation.ts';
import { storeDirOf } from '../model/storePath.ts';
import type { BuildFile } from '../shell/buildFiles.ts';
import { readBuildFiles } from './sourceFiles.ts';

/**
 * The texts of derivations and of builders, from this machine's store, each
 * read once: the graph itself does not keep them. For one run, and for the few
 * of a closure whose texts matter.
 */
export class StoreTexts implements ScriptTexts {
  readonly #graph: DerivationGraph;
  readonly #files: LocalFiles;
  readonly #folder: string;
  readonly #builders = new FileBuffer();
  readonly #scripts = new Map<DerivationId, BuildScript | undefined>();
  readonly #sources = new Map<string, string | undefined>();
  readonly #buildFiles = new Map<string, readonly BuildFile[]>();
  readonly #programs = new Map<string, readonly string[]>();

  /** @param folder put before store paths to find their files */
  constructor(graph: DerivationGraph, folder = '') {
    this.#graph = graph;
    this.#folder = folder;
    this.#files = new LocalFiles(folder);
  }

  scriptOf = (id: DerivationId): BuildScript | undefined => {
    if (!this.#scripts.has(id)) this.#scripts.set(id, this.#readScript(id));
    return this.#scripts.get(id);
  };

  variablesOf = (id: DerivationId): Variables | undefined => this.scriptOf(id)?.variables;

  sourceText = (path: string): string | undefined => {
    if (!this.#isInStore(path)) return undefined;
    if (!this.#sources.has(path)) this.#sources.set(path, this.#readBuilder(this.#folder + path));
    return this.#sources.get(path);
  };

  programsAt = (outputPath: string): readonly string[] => {
    if (!this.#isInStore(outputPath)) return [];
    let programs = this.#programs.get(outputPath);
    if (programs === undefined) {
      const output = this.#folder + outputPath;
      // Of most outputs nothing is there, and an error each would cost more than the question.
      programs = existsSync(output) ? ['bin', 'sbin'].flatMap((folder) => namesIn(join(output, folder))) : [];
      this.#programs.set(outputPath, programs);
    }
    return programs;
  };

  buildFilesOf = (sourcePath: string): readonly BuildFile[] => {
    if (!this.#isInStore(sourcePath)) return [];
    let files = this.#buildFiles.get(sourcePath);
    if (files === undefined) {
      files = readBuildFiles(this.#folder + sourcePath, this.#builders);
      this.#buildFiles.set(sourcePath, files);
    }
    return files;
  };

  #isInStore(path: string): boolean {
    return storeDirOf(path) === storeDirOf(this.#graph.derivation(this.#graph.root).drvPath);
  }

  #readScript(id: DerivationId): BuildScript | undefined {
    const { drvPath } = this.#graph.derivation(id);
    try {
      return readBuildScript(this.#files.readNow(drvPath), drvPath);
    } catch (error) {
      // It is in a store that is not of this machine: what it has in its variables stays unknown.
      if (error instanceof MalformedDerivationError || isFileError(error)) return undefined;
      throw error;
    }
  }

  #readBuilder(path: string): string | undefined {
    try {
      return this.#builders.readNow(path, maximumBytes).toString('utf8');
    } catch (error) {
      if (isFileError(error)) return undefined;
      throw error;
    }
  }
}

/** No builder of nixpkgs is larger. */
const maximumBytes = 256 * 1024;

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (isFileError(error)) return [];
    throw error;
  }
}

function isFileError(error: unknown): boolean {
  return error instanceof Error && 'code' in error;
}

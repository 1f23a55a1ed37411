// The directory a cluster is kept in: checked, identified, and gone again when nothing shall be kept.
import { randomUUID } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'

/** Podium cannot start; `message` is one sentence that says what to do. */
export class StartError extends Error {}

export interface DataDir {
  /** Absolute. With 'memory' a temporary folder, for what must be files (pods' directories, the kubeconfig). */
  readonly path: string
  /** False for 'memory'. */
  readonly kept: boolean
  /** Names this cluster in the environment of its processes and in its kernel rules; the same after a restart. */
  readonly clusterId: string
  /** Removes what shall not be kept. */
  dispose(): Promise<void>
}

/**
 * Opens `choice`, a directory or 'memory'.
 * @throws StartError when it cannot be read or written
 */
export async function openDataDir(choice: string): Promise<DataDir> {
  if (choice === 'memory') {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'podium-'))
    return {
      path: folder,
      kept: false,
      clusterId: await clusterId(folder),
      dispose: () => rm(folder, { recursive: true, force: true }),
    }
  }
  const folder = path.resolve(choice)
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const id = await clusterId(folder)
    return { path: folder, kept: true, clusterId: id, dispose: async () => undefined }
  } catch (error) {
    throw new StartError(
      `The data directory ${folder} cannot be used (${reasonOf(error)}); choose another with --data-dir.`,
    )
  }
}

async function clusterId(folder: string): Promise<string> {
  const file = path.join(folder, 'cluster-id')
  try {
    await writeFile(file, `${randomUUID().slice(0, 8)}\n`, { flag: 'wx', mode: 0o600 })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  return (await readFile(file, 'utf8')).trim()
}

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException
  if (code === 'EACCES' || code === 'EPERM') return 'permission denied'
  if (code === 'EEXIST' || code === 'ENOTDIR') return 'it is not a directory'
  if (code === 'ENOSPC') return 'the disk is full'
  return message
}

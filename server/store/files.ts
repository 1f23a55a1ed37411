// The names of the store's files, and what may be wrong with its directory.
import { open } from 'node:fs/promises'

/** The directory, or something in it, is not a store that can be read. The message says what, in one sentence. */
export class UnreadableDirectoryError extends Error {}

// Padded, so that names sort as revisions do.
const padded = (revision: number): string => String(revision).padStart(16, '0')

/** The log of the changes after `revision`. */
export const logName = (revision: number): string => `wal-${padded(revision)}`

/** All entries standing at `revision`. */
export const snapshotName = (revision: number): string => `snapshot-${padded(revision)}`

/** The revision in a file's name, or undefined when it is no such file. */
export function revisionIn(name: string, kind: 'wal' | 'snapshot'): number | undefined {
  const match = /^(wal|snapshot)-(\d{16})$/.exec(name)
  return match?.[1] === kind ? Number(match[2]) : undefined
}

/** Makes names created, renamed or removed in the directory survive a power failure. */
export async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

// One process per directory: a file that says who, found stale when that process is gone.
import { link, readFile, rm, writeFile } from 'node:fs/promises'
import { randomUUID } from 'node:crypto'
import path from 'node:path'

/** Another process, or another store of this one, uses the directory. */
export class DirectoryInUseError extends Error {
  readonly pid: number
  constructor(directory: string, pid: number) {
    super(`${directory} is in use by process ${pid}`)
    this.pid = pid
  }
}

/** `started` tells a process from a later one with the same pid; empty where the system does not say. */
interface Owner {
  pid: number
  started: string
  id: string
}

export interface DirectoryLock {
  release(): Promise<void>
}

/** Takes the directory's lock, also from a process that is gone. Throws DirectoryInUseError. */
export async function lockDirectory(directory: string): Promise<DirectoryLock> {
  const file = path.join(directory, 'lock')
  const own: Owner = { pid: process.pid, started: await startOf(process.pid), id: randomUUID() }
  const text = JSON.stringify(own)
  const draft = `${file}.${own.id}`
  await writeFile(draft, text)
  try {
    // A link appears with its whole content or not at all, and fails when the name is taken.
    while (!(await linked(draft, file))) await clearStale(directory, file, draft)
  } finally {
    await rm(draft, { force: true })
  }
  return {
    async release() {
      if ((await textIn(file)) === text) await rm(file, { force: true })
    },
  }
}

/**
 * Removes the lock if its owner is gone. Several may find that out at once; only the one that holds the claim may remove it,
 * and only after seeing, with the claim in hand, that it is still the same lock.
 */
async function clearStale(directory: string, file: string, draft: string): Promise<void> {
  const stale = await textIn(file)
  if (stale === undefined) return
  await refuseIfOwned(directory, stale)
  const claim = `${file}.claim`
  if (!(await linked(draft, claim))) {
    const claimed = await textIn(claim)
    if (claimed === undefined) return
    await refuseIfOwned(directory, claimed)
    await rm(claim, { force: true })
    return
  }
  try {
    if ((await textIn(file)) === stale) await rm(file, { force: true })
  } finally {
    await rm(claim, { force: true })
  }
}

async function refuseIfOwned(directory: string, text: string): Promise<void> {
  const owner = ownerIn(text)
  if (owner && (await isRunning(owner))) throw new DirectoryInUseError(directory, owner.pid)
}

async function linked(draft: string, file: string): Promise<boolean> {
  try {
    await link(draft, file)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

function ownerIn(text: string): Owner | undefined {
  try {
    const owner = JSON.parse(text) as Owner
    return Number.isInteger(owner.pid) ? owner : undefined
  } catch {
    return undefined
  }
}

async function isRunning({ pid, started }: Owner): Promise<boolean> {
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
  }
  return (await startOf(pid)) === started
}

/** When a process started, as text that is equal only for the same process; empty without /proc. */
async function startOf(pid: number): Promise<string> {
  const stat = await textIn(`/proc/${pid}/stat`)
  if (stat === undefined) return ''
  // The second field is the program's name in parentheses and may hold anything; the start time is field 22 (proc(5)).
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  // Dead and only waiting for its parent to notice: its files are closed.
  if (fields[0] === 'Z' || fields[0] === 'X') return 'gone'
  const boot = await textIn('/proc/sys/kernel/random/boot_id')
  return `${boot?.trim() ?? ''} ${fields[19]}`
}

async function textIn(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch {
    return undefined
  }
}

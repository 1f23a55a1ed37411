// Writes the files of a volume so that a reader sees all old or all new ones: files live in a directory of their own,
// `..data` points at the newest, and each name points through `..data` (kubelet: volume/util/atomic_writer.go).
import { createHash } from 'node:crypto'
import { chmod, mkdir, readdir, readlink, rename, rm, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'

export interface VolumeFile {
  content: Buffer
  /** Permission bits; 0o644 when absent. */
  mode: number
}

/** By relative path, such as `app/settings.json`. */
export type VolumeFiles = ReadonlyMap<string, VolumeFile>

const DATA = '..data'

/** @throws Error when a path would leave the volume. */
export function checkRelative(file: string): void {
  const parts = file.split('/')
  if (path.isAbsolute(file) || parts.includes('..') || file === '' || parts[0]!.startsWith('..')) {
    throw new Error(`invalid path "${file}": it must be relative and stay within its volume`)
  }
}

/** Makes `folder` hold exactly these files. Answers false when it already did. */
export async function writeAtomically(folder: string, files: VolumeFiles): Promise<boolean> {
  for (const file of files.keys()) checkRelative(file)
  await mkdir(folder, { recursive: true })
  const current = await readlink(path.join(folder, DATA)).catch(() => undefined)
  const next = `..${digestOf(files)}`
  if (current === next) return false
  await rm(path.join(folder, next), { recursive: true, force: true })
  await mkdir(path.join(folder, next))
  for (const [file, { content, mode }] of files) {
    const target = path.join(folder, next, file)
    await mkdir(path.dirname(target), { recursive: true })
    await writeFile(target, content)
    await chmod(target, mode)
  }
  await replaceLink(next, path.join(folder, DATA))
  await linkNames(folder, files)
  if (current) await rm(path.join(folder, current), { recursive: true, force: true })
  return true
}

function digestOf(files: VolumeFiles): string {
  const hash = createHash('sha256')
  for (const [file, { content, mode }] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) {
    hash.update(`${file}\0${mode}\0${content.length}\0`).update(content)
  }
  return hash.digest('hex').slice(0, 24)
}

async function replaceLink(target: string, link: string): Promise<void> {
  const fresh = `${link}_tmp`
  await rm(fresh, { force: true })
  await symlink(target, fresh)
  await rename(fresh, link)
}

/** One link for every first part of a path; links of files that are gone go too. */
async function linkNames(folder: string, files: VolumeFiles): Promise<void> {
  const names = new Set([...files.keys()].map((file) => file.split('/')[0]!))
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.name.startsWith('..') || !entry.isSymbolicLink()) continue
    if (names.has(entry.name)) names.delete(entry.name)
    else await rm(path.join(folder, entry.name), { force: true })
  }
  for (const name of names) await symlink(path.join(DATA, name), path.join(folder, name))
}

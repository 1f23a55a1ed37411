// What the machine itself has that pods can run.
import { accessSync, constants, statSync } from 'node:fs'
import path from 'node:path'

export interface HostPrograms {
  /** Absolute path of a real nginx, or undefined. */
  nginx: string | undefined
  busybox: string | undefined
  perl: string | undefined
}

/** Where servers are installed although they are not on every user's PATH. */
const SERVER_FOLDERS = [
  '/usr/sbin',
  '/usr/local/sbin',
  '/usr/local/nginx/sbin',
  '/opt/homebrew/bin',
]

/** The absolute path of a program in these folders; undefined when no folder has it. */
export function findExecutable(name: string, folders: readonly string[]): string | undefined {
  return folders.map((folder) => path.join(folder, name)).find(isExecutable)
}

export function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return statSync(file).isFile()
  } catch {
    return false
  }
}

function foldersOf(searchPath: string): string[] {
  return [...searchPath.split(':').filter((folder) => folder !== ''), ...SERVER_FOLDERS]
}

/** The absolute path of a server such as HAProxy, where it is installed. */
export function findServer(name: string): string | undefined {
  return findExecutable(name, foldersOf(process.env['PATH'] ?? ''))
}

/** What runs behind the image nginx: the one of this machine, Podium's own web server, or the first of the two there is. */
export type NginxChoice = 'auto' | 'builtin' | 'installed'

/** Looks once for the programs the catalogue can use. */
export function findHostPrograms(
  nginx: NginxChoice = 'auto',
  searchPath: string = process.env['PATH'] ?? '',
): HostPrograms {
  const folders = foldersOf(searchPath)
  return {
    nginx: nginx === 'builtin' ? undefined : findExecutable('nginx', folders),
    busybox: findExecutable('busybox', folders),
    perl: findExecutable('perl', folders),
  }
}

/** Which server answers behind the image nginx, and why: for the start banner. */
export function describeServer(
  { nginx }: HostPrograms,
  choice: NginxChoice,
): { name: string; why: string } {
  if (nginx) return { name: 'nginx', why: `nginx at ${nginx} (found on this machine)` }
  const reason = choice === 'builtin' ? 'as asked for' : 'no nginx was found on this machine'
  return { name: "Podium's web server", why: `Podium's own web server (${reason})` }
}

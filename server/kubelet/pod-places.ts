// Where things of a pod are on disk, and how volumes come to appear under a container's root.
import {
  lstat,
  mkdir,
  readdir,
  realpath,
  rm,
  rmdir,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises'
import path from 'node:path'
import type { Container, Volume } from '../../shared/kubernetes/pod.ts'
import { checkRelative } from './atomic-files.ts'
import type {
  Bind,
  ContainerFiles,
  FilePlaces,
  FileSystems,
  FileWishes,
} from './runtime/own-files.ts'
import { isOwn, prepareFiles } from './runtime/own-files.ts'

const DEFAULT_TERMINATION_LOG = '/dev/termination-log'

/** Paths of one pod: `<node>/pods/<uid>/{volumes,containers,logs}`. */
export class PodPlaces {
  readonly directory: string

  constructor(nodeDirectory: string, uid: string) {
    this.directory = path.join(nodeDirectory, 'pods', uid)
  }

  /** The directory that stands for the container's `/`. */
  root(container: string): string {
    return path.join(this.directory, 'containers', container, 'root')
  }

  /** For files that the image generates. */
  scratch(container: string): string {
    return path.join(this.directory, 'containers', container, 'image')
  }

  volume(name: string): string {
    return path.join(this.directory, 'volumes', name)
  }

  /** The log of a container's n-th restart (0 = its first run). */
  log(container: string, restart: number): string {
    return path.join(this.directory, 'logs', container, `${restart}.log`)
  }

  /** Where the parts of the container's own file system are. */
  files(container: string): FilePlaces {
    const [upper, ...others] = ['root', 'work', 'merged', 'mounts'].map((part) =>
      path.join(this.directory, 'containers', container, part),
    )
    const [work, merged, table] = others
    return { upper: upper!, work: work!, merged: merged!, table: table! }
  }

  /** `/dev/termination-log` below the root, or the file that the container names. */
  terminationLog(container: Container): string {
    return inside(this.root(container.name), terminationPath(container))
  }

  async remove(): Promise<void> {
    await rm(this.directory, { recursive: true, force: true, maxRetries: 3 })
  }
}

/** `to` below `root`; `..` does not lead out. */
function inside(root: string, to: string): string {
  return path.join(root, path.posix.normalize(`/${to}`))
}

/** Removes the directories of pods that are not in `uids`. */
export async function removeForgottenPods(
  nodeDirectory: string,
  uids: ReadonlySet<string>,
): Promise<void> {
  const names = await readdir(path.join(nodeDirectory, 'pods')).catch(() => [])
  const forgotten = names.filter((uid) => !uids.has(uid))
  await Promise.all(forgotten.map((uid) => new PodPlaces(nodeDirectory, uid).remove()))
}

/** In the container. */
export function terminationPath({ terminationMessagePath: file }: Container): string {
  return inside('/', file ?? DEFAULT_TERMINATION_LOG)
}

/** What a container's root has come to be. */
export interface LaidOut {
  /** The container's own file system; absent where it sees the machine's. */
  files: ContainerFiles | undefined
  /** Where the container begins: in its own file system, or below its root. */
  cwd: string
  /** On this machine. */
  terminationLog: string
}

/** What a container's own file system is made with. */
export interface OwnFilesWish extends Pick<FileWishes, 'hostname' | 'files'> {
  fileSystems: FileSystems
}

/** Makes a container's root with all its mounts, its working directory, and empty places for log and last words. */
export async function layOut(
  places: PodPlaces,
  container: Container,
  volumes: readonly Volume[],
  restart: number,
  own: OwnFilesWish | undefined,
): Promise<LaidOut> {
  const root = places.root(container.name)
  // A container starts from its image, not from what its last run left. Links are removed, never what they lead to.
  if (restart > 0) await rm(root, { recursive: true, force: true, maxRetries: 3 })
  await mkdir(path.join(root, 'tmp'), { recursive: true })
  await mkdir(path.dirname(places.log(container.name, 0)), { recursive: true })
  await removeLogs(places, container.name, restart)
  const binds = await bindsOf(places, container, volumes)
  return own ? layOutOwn(places, container, binds, own) : layOutLinks(places, container, binds)
}

async function bindsOf(
  places: PodPlaces,
  { volumeMounts = [] }: Container,
  volumes: readonly Volume[],
): Promise<Bind[]> {
  const binds = volumeMounts.map(async ({ name, mountPath, subPath, readOnly = false }) => {
    const volume = volumes.find((entry) => entry.name === name)
    if (!volume) throw new Error(`volume "${name}" not found`)
    const source = await mountTarget(places, volume, subPath)
    const made = volume.configMap ?? volume.secret ?? volume.downwardAPI ?? volume.projected
    // What is made of objects is theirs to change (kubelet_pods.go, makeMounts and the volume plugins' GetAttributes).
    return { source, target: inside('/', mountPath), readOnly: readOnly || made !== undefined }
  })
  return (await Promise.all(binds)).sort((a, b) => a.target.length - b.target.length)
}

/** Volumes are mounted in a file system of the container's own. */
async function layOutOwn(
  places: PodPlaces,
  container: Container,
  binds: readonly Bind[],
  { fileSystems, ...wish }: OwnFilesWish,
): Promise<LaidOut> {
  const scratch = places.scratch(container.name)
  await mkdir(scratch, { recursive: true })
  const hidden = isOwn(scratch) ? [{ source: scratch, target: scratch, readOnly: false }] : []
  const cwd = inside('/', container.workingDir ?? '/')
  const files = await prepareFiles(fileSystems, places.files(container.name), {
    ...wish,
    binds: [...binds, ...hidden],
    lastWords: terminationPath(container),
    cwd,
  })
  return { files, cwd, terminationLog: files.lastWords }
}

/** Volumes are links below the container's root, which is a directory of the machine's. */
async function layOutLinks(
  places: PodPlaces,
  container: Container,
  binds: readonly Bind[],
): Promise<LaidOut> {
  const root = places.root(container.name)
  for (const { source, target } of binds) {
    await link(source, path.join(root, target), places.directory)
  }
  const terminationLog = places.terminationLog(container)
  await mkdir(path.dirname(terminationLog), { recursive: true })
  await writeFile(terminationLog, '')
  const cwd = inside(root, container.workingDir ?? '/')
  await mkdir(cwd, { recursive: true })
  return { files: undefined, cwd, terminationLog }
}

/** Of earlier runs only the last one's log is kept, for `kubectl logs --previous`. */
async function removeLogs(places: PodPlaces, container: string, restart: number): Promise<void> {
  const old = places.log(container, restart - 2)
  await Promise.all([rm(old, { force: true }), rm(`${old}.1`, { force: true })])
}

async function mountTarget(
  places: PodPlaces,
  volume: Volume,
  subPath: string | undefined,
): Promise<string> {
  const target = volume.hostPath?.path ?? places.volume(volume.name)
  if (!subPath) return target
  checkRelative(subPath)
  const below = path.join(target, subPath)
  if (!(await exists(below))) await mkdir(below, { recursive: true })
  return below
}

/** A mount is a symbolic link: programs of this machine see the volume where the container expects it. */
async function link(target: string, at: string, podDirectory: string): Promise<void> {
  await mkdir(path.dirname(at), { recursive: true })
  const parent = await realpath(path.dirname(at))
  if (!parent.startsWith(`${await realpath(podDirectory)}${path.sep}`)) {
    throw new Error(`a mount inside a hostPath volume is not implemented by Podium (${at})`)
  }
  const there = await lstat(at).catch(() => undefined)
  if (there?.isSymbolicLink()) await rm(at)
  else if (there) await rmdir(at) // Only ever an empty directory: a volume's content is never removed.
  await symlink(target, at)
}

/** Makes the directory of a volume that is one; checks that of a hostPath. @throws Error when it is not as asked for. */
export async function prepareDirectory(places: PodPlaces, volume: Volume): Promise<void> {
  if (volume.hostPath) return checkHostPath(volume.hostPath)
  if (volume.emptyDir) {
    await mkdir(places.volume(volume.name), { recursive: true, mode: 0o777 })
    return
  }
  const [kind = 'this kind'] = Object.keys(volume).filter((key) => key !== 'name')
  throw new Error(`a volume of type ${kind} is not implemented by Podium`)
}

async function checkHostPath({ path: host, type }: NonNullable<Volume['hostPath']>): Promise<void> {
  if (type === 'DirectoryOrCreate') await mkdir(host, { recursive: true })
  if (type === 'FileOrCreate' && !(await exists(host))) await writeFile(host, '')
  const there = await stat(host).catch(() => undefined)
  const wrong =
    (type?.startsWith('Directory') && !there?.isDirectory()) ||
    (type?.startsWith('File') && !there?.isFile()) ||
    (type === 'Socket' && !there?.isSocket())
  if (wrong) throw new Error(`hostPath type check failed: ${host} is not a ${type}`)
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  )
}

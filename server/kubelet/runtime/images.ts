// The image catalogue: which program stands behind an image name. There is no registry; what is not here cannot be pulled.
import path from 'node:path'
import { parseImage } from '../../../shared/images.ts'
import type { HostPrograms } from './host-programs.ts'
import { nginxConfiguration } from './nginx.ts'
import { perlCommand, perlFiles } from './perl.ts'

/** What an image says about itself: the counterpart of ENTRYPOINT, CMD and STOPSIGNAL. */
export interface ImageProgram {
  entrypoint: readonly string[]
  /** Used when the container gives neither command nor args. */
  defaultArgs: readonly string[]
  /** Where the program lies in the image: a container's command that starts with it means the entry point. */
  binary?: string
  stopSignal: NodeJS.Signals
  /** Added to the scheduling priority (nice): the data plane steps back for the control plane. */
  niceness: number
  /** Changes how a container's command line is carried out. */
  wrapCommand?: (command: readonly string[], scratch: string) => readonly string[]
  /** Files the image brings, by name, written to the container's scratch directory before it starts. */
  files?: (env: Readonly<Record<string, string>>, scratch: string) => Record<string, string>
}

/** Replaced by the scratch directory in `entrypoint`. */
export const SCRATCH = '{scratch}'

const SHELL_IMAGES = new Set(['alpine', 'bash', 'busybox', 'debian', 'ubuntu'])
const PODIUM_PROGRAMS: Record<string, PodiumProgram> = {
  'podium/web': { file: 'web.js', heapMegabytes: 64 },
  'podium/loadbot': { file: 'loadbot.js', heapMegabytes: 128 },
  'podium/aggregator': { file: 'aggregator.js', heapMegabytes: 128 },
  'podium/ingress': { file: 'ingress-proxy.js', heapMegabytes: 128 },
  'podium/haproxy': { file: 'ingress-haproxy.js', heapMegabytes: 64 },
  'podium/hog': { file: 'hog.js', heapMegabytes: 64 },
  // What Kubernetes' documentation takes memory and processor time with.
  'polinux/stress': { file: 'hog.js', heapMegabytes: 64, binary: 'stress' },
  'vish/stress': { file: 'hog.js', heapMegabytes: 64, binary: 'stress' },
  // What Kubernetes' autoscaling walkthrough runs.
  'registry.k8s.io/hpa-example': { file: 'busy-web.js', heapMegabytes: 64 },
  'podium/mandelbrot': { file: 'mandelbrot.js', heapMegabytes: 32 },
  // The names of the keynote of 2015.
  'k8s.gcr.io/nginx-scale': { file: 'web.js', heapMegabytes: 64 },
  'k8s.gcr.io/loader': { file: 'loadbot.js', heapMegabytes: 128, binary: '/loader' },
  'k8s.gcr.io/aggregator': { file: 'aggregator.js', heapMegabytes: 128, binary: '/aggregator' },
}

/**
 * What answers and what asks steps back for the control plane: busy data must not make the buttons slow. A third of the
 * weight of what is not nice, so that the data plane still goes on beside other busy programs.
 */
const DATA_PLANE_NICENESS = 5

interface PodiumProgram {
  file: string
  heapMegabytes: number
  binary?: string
}

/** What kubectl users see when they ask for an image that is not there. */
const CATALOGUE =
  'nginx, podium/web, podium/loadbot, podium/aggregator, podium/mandelbrot, podium/hog, busybox, node, perl (when it is installed), and debian, ubuntu, alpine or bash (their commands run with the tools of this machine)'

export interface CatalogueOptions {
  /** The folder with web.js, loadbot.js, aggregator.js (dist/server). */
  programsDir: string
  host: HostPrograms
}

/** The program behind an image, or why there is none. */
export function findProgram(
  image: string,
  options: CatalogueOptions,
): { program: ImageProgram } | { missing: string } {
  const { repository, tag } = parseImage(image)
  const name = repository.replace(/^(docker\.io\/|registry\.k8s\.io\/)?(library\/)?/, '')
  const podium = PODIUM_PROGRAMS[name] ?? PODIUM_PROGRAMS[repository]
  if (podium) return { program: podiumProgram(podium, options) }
  if (name === 'nginx') return { program: nginxProgram(tag, options) }
  if (name === 'node') return { program: nodeProgram() }
  if (name === 'perl') return perlProgram(image, options.host)
  if (SHELL_IMAGES.has(name)) return { program: shellProgram(name, options.host) }
  return { missing: `"${image}" is not in Podium's catalogue, which has: ${CATALOGUE}` }
}

/** The image's perl is the one of this machine, with the modules that are installed here. */
function perlProgram(
  image: string,
  { perl }: HostPrograms,
): { program: ImageProgram } | { missing: string } {
  if (perl) {
    const wrapCommand = (line: readonly string[], scratch: string) =>
      perlCommand(perl, line, scratch)
    return { program: { ...command([], ['perl', '-de0']), wrapCommand, files: perlFiles } }
  }
  const why = 'there is no perl on this machine (Debian and Ubuntu: apt install perl)'
  return { missing: `"${image}" needs perl, and ${why}` }
}

function command(entrypoint: readonly string[], defaultArgs: readonly string[]): ImageProgram {
  return { entrypoint, defaultArgs, stopSignal: 'SIGTERM', niceness: 0 }
}

/**
 * Small heaps and few threads: fifty of these share one machine. A small young generation is collected often but
 * quickly, which keeps the slowest answers fast.
 */
function podiumProgram(
  { file, heapMegabytes, binary }: PodiumProgram,
  { programsDir }: CatalogueOptions,
): ImageProgram {
  const flags = [`--max-old-space-size=${heapMegabytes}`, '--v8-pool-size=1']
  const entrypoint = [process.execPath, ...flags, path.join(programsDir, file)]
  return {
    ...command(entrypoint, []),
    ...(binary !== undefined && { binary }),
    niceness: file === 'aggregator.js' ? 0 : DATA_PLANE_NICENESS,
  }
}

/** v3 is the bad release of every demo: the real nginx cannot play it, so `web` always does. */
function nginxProgram(tag: string, options: CatalogueOptions): ImageProgram {
  const { nginx } = options.host
  if (!nginx || tag === 'v3') return podiumProgram(PODIUM_PROGRAMS['podium/web']!, options)
  return {
    entrypoint: [nginx, '-p', SCRATCH, '-e', 'stderr', '-c', `${SCRATCH}/nginx.conf`],
    defaultArgs: [],
    // nginx stops gracefully on SIGQUIT, at once on SIGTERM; its image says STOPSIGNAL SIGQUIT.
    stopSignal: 'SIGQUIT',
    niceness: DATA_PLANE_NICENESS,
    files: (env, scratch) => ({ 'nginx.conf': nginxConfiguration(env, scratch) }),
  }
}

/** As the entry point of the image has it: `node` before the arguments is itself, not a script of that name. */
function nodeProgram(): ImageProgram {
  return {
    ...command([process.execPath], []),
    wrapCommand: (line) =>
      line[0] === process.execPath && line[1] === 'node' ? [line[0], ...line.slice(2)] : line,
  }
}

function shellProgram(name: string, host: HostPrograms): ImageProgram {
  const shell = command([], [name === 'debian' || name === 'ubuntu' ? 'bash' : 'sh'])
  const { busybox } = host
  if (name !== 'busybox' || !busybox) return shell
  return {
    ...shell,
    // In the image every name in /bin is a link to the one program.
    wrapCommand: ([first = 'sh', ...rest]) =>
      first.includes('/') && !/^(\/usr)?\/s?bin\//.test(first)
        ? [first, ...rest]
        : [busybox, path.basename(first), ...rest],
  }
}

/** The command line of a container: its command replaces the entry point, its args replace the image's. */
export function commandLine(
  program: ImageProgram,
  container: { command?: readonly string[] | undefined; args?: readonly string[] | undefined },
  scratch: string,
): readonly string[] {
  const own = container.command && container.command.length > 0 ? container.command : undefined
  const entrypoint = program.entrypoint.map((part) => part.replace(SCRATCH, scratch))
  const args = container.args ?? (own ? [] : program.defaultArgs)
  const isOwnBinary = own !== undefined && own[0] === program.binary
  const line = [...(isOwnBinary ? [...entrypoint, ...own.slice(1)] : (own ?? entrypoint)), ...args]
  return program.wrapCommand ? program.wrapCommand(line, scratch) : line
}

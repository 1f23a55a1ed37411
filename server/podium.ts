// Podium itself: one cluster, the demo that is performed on it, and the stage that shows it.
import { randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import type { Server } from 'node:http'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { RequestHandler } from 'express'
import packageJson from '../package.json' with { type: 'json' }
import type { Cluster } from './cluster.ts'
import { startCluster } from './cluster.ts'
import type { DataDir } from './data-dir.ts'
import { openDataDir } from './data-dir.ts'
import type { Clock } from './machinery/clock.ts'
import type { Log } from './machinery/log.ts'
import type { Running } from './machinery/room.ts'
import type { Options } from './options.ts'
import { lowestFreePort, requirePort } from './ports.ts'
import { createMissing } from './stage/demo/apply.ts'
import type { KeynoteSize } from './stage/demo/keynote.ts'
import { CAST, keynoteObjects, sizeKeynote } from './stage/demo/keynote.ts'
import { startFullLoad } from './stage/demo/full-load.ts'
import { startStage } from './stage/stage.ts'
import type { Stage } from './stage/stage.ts'

export { StartError } from './data-dir.ts'
export const VERSION: string = packageJson.version

/** dist/server, where this runs from once built. */
const PROGRAMS = fileURLToPath(new URL('.', import.meta.url))
const CLIENT = path.join(PROGRAMS, '../client')
const CLIENT_SOURCE = path.join(PROGRAMS, '../../client')

export interface Podium extends Running {
  /** What the terminal shows: where the stage is, how to use kubectl, what was chosen and why. */
  readonly banner: string
  /** Resolves when the demo serves requests, or without one when the cluster is up. */
  readonly ready: Promise<void>
}

export interface PodiumDeps {
  clock: Clock
  log: Log
  /** Serve the browser's files from their sources, with hot reload. */
  development: boolean
}

/**
 * Starts everything.
 * @throws StartError in one sentence; nothing is left running or written then but the data directory
 */
export async function startPodium(options: Options, deps: PodiumDeps): Promise<Podium> {
  await requirePort(options.host, options.port, '--port')
  await requirePort('127.0.0.1', options.apiPort, '--api-port')
  const dataDir = await openDataDir(options.dataDir)
  const running: Running[] = [{ close: () => dataDir.dispose() }]
  const closeAll = async (): Promise<void> => {
    for (const part of running.toReversed()) await part.close()
  }
  try {
    const token = options.token ?? (await keptToken(dataDir))
    const cluster = await startCluster(
      { ...options, dataDir, programsDir: PROGRAMS, version: VERSION },
      deps,
    )
    running.push(cluster)
    const size = sizeKeynote(lowestFreePort(), os.availableParallelism())
    const stage = await raiseStage(options, { token, cluster, size, ...deps })
    running.push(stage)
    const ownServer = !cluster.server.name.startsWith('nginx')
    if (options.demo === 'keynote') {
      await createMissing(cluster.depsFor('podium-demo').client, keynoteObjects(size, !ownServer))
    }
    const ready = untilReady(stage, deps.clock)
    if (options.demo === 'keynote') {
      const { clusterId } = dataDir
      const measuring = { programsDir: PROGRAMS, clusterId, ownServer, ready }
      running.push(startFullLoad(cluster.depsFor('podium-demo'), measuring))
    }
    return {
      banner: bannerOf(options, { stage, token, cluster }),
      ready,
      close: closeAll,
    }
  } catch (error) {
    await closeAll()
    throw error
  }
}

/** The stage's token, made on first use and kept beside the cluster for its owner alone. */
async function keptToken(dataDir: DataDir): Promise<string> {
  const file = path.join(dataDir.path, 'stage-token')
  try {
    return (await readFile(file, 'utf8')).trim()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    const token = randomBytes(18).toString('base64url')
    await writeFile(file, `${token}\n`, { mode: 0o600 })
    return token
  }
}

interface StageParts extends PodiumDeps {
  token: string
  cluster: Cluster
  size: KeynoteSize
}

function raiseStage(options: Options, parts: StageParts): Promise<Stage> {
  const { token, cluster, size, development } = parts
  const cores = os.availableParallelism()
  return startStage(cluster.depsFor('podium-stage'), {
    host: options.host,
    port: options.port,
    token,
    clientDir: CLIENT,
    api: cluster.access,
    rules: (service) => cluster.network.rules(service),
    onDeletion: cluster.onDeletion,
    info: {
      version: VERSION,
      cluster: 'podium',
      server: cluster.server.name,
      machine: `${cores} ${cores === 1 ? 'core' : 'cores'}, pipelining depth ${size.depth}`,
      versions: ['v1', 'v2', 'v3'],
      proxyModes: [...cluster.network.modes],
      limits: size.limits,
    },
    demo: options.demo === 'keynote' ? CAST : null,
    ...(development && { development: viteMiddleware }),
  })
}

/** Vite inside the stage's own server: the browser's files come from their sources. */
async function viteMiddleware(http: Server): Promise<RequestHandler> {
  const { createServer } = await import('vite')
  const vite = await createServer({
    configFile: path.join(CLIENT_SOURCE, 'vite.config.ts'),
    server: { middlewareMode: true, hmr: { server: http } },
  })
  return vite.middlewares
}

function bannerOf(
  { host, nodes, simulatedNodes }: Options,
  { stage, token, cluster }: { stage: Stage; token: string; cluster: Cluster },
): string {
  const gib = (os.totalmem() / 2 ** 30).toFixed(0)
  const machine = `${os.availableParallelism()} cores, ${gib} GiB`
  const simulated =
    simulatedNodes > 0 ? `, and ${simulatedNodes} simulated ones that run nothing` : ''
  const exposed = /^(127\.|localhost$|::1$)/.test(host)
    ? []
    : ['', `  The stage is open to the network at ${host}: whoever has the address above may act.`]
  return [
    '',
    `Podium ${VERSION}`,
    '',
    `  Stage     ${stage.url}/?token=${token}`,
    `  kubectl   kubectl --kubeconfig ${cluster.kubeconfig} get pods -o wide`,
    `  Nodes     ${nodes} on this machine (${machine}), their pods are processes${simulated}`,
    `  Proxy     ${cluster.network.mode}: ${cluster.network.why}`,
    `  nginx     ${cluster.server.why}`,
    `  Files     ${cluster.files}`,
    `  DNS       ${cluster.dns}`,
    `  CPU       shared ${cluster.cpu}`,
    ...exposed,
  ].join('\n')
}

const LOOK_AGAIN_MS = 50

/** Asks the stage itself, as a script would. */
async function untilReady(stage: Stage, clock: Clock): Promise<void> {
  while (!stage.isReady()) {
    await new Promise<void>((resolve) => clock.after(LOOK_AGAIN_MS, resolve))
  }
}

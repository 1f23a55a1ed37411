// The stage's public face: one HTTP server with the browser's files, the feed, and a few answers for scripts.
import { createServer } from 'node:http'
import type { Server as HttpServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { RequestHandler } from 'express'
import { CLUSTER_DOOR } from '../../shared/door.ts'
import type { OnDeletion } from '../../shared/deletions.ts'
import { PROTOCOL_VERSION } from '../../shared/stage.ts'
import type { ServiceRules, StageInfo } from '../../shared/stage.ts'
import type { RoomDeps, Running } from '../machinery/room.ts'
import { checkAll } from './access.ts'
import type { AccessRules } from './access.ts'
import type { Cast } from './cast.ts'
import { clusterDoor } from './clusterDoor.ts'
import { clusterUpgrades } from './clusterUpgrades.ts'
import { createHttp } from './http.ts'
import { startShow } from './show.ts'
import { summaryOf, whyNotReady } from './summary.ts'
import { createUpstream } from './upstream.ts'
import type { ClusterAccess } from './upstream.ts'

/** After so long connections that did not end by themselves are cut. */
const POLITE_MS = 200
/** Socket.io's own path: its upgrades are its own. */
const FEED_PATH = '/socket.io/'

export interface StageOptions {
  host: string
  /** 0: any free one. */
  port: number
  /** Whoever has it may look and act. */
  token: string
  /** Folder of the built client. */
  clientDir: string
  info: Omit<StageInfo, 'protocol'>
  /** The API that browsers reach through the stage's door; absent: they cannot. */
  api?: ClusterAccess
  /** What the service proxy has in force for a service (`namespace/name`); absent: it is not known. */
  rules?: (service: string) => readonly ServiceRules[]
  /** Tells what kubectl deletes; absent: it is not known. */
  onDeletion?: OnDeletion
  /** Names of the demo's objects; null: none is performed, the cluster is shown without load. */
  demo: Cast | null
  /** Serves the client while developing (Vite's middleware; it needs the server for its own socket). */
  development?: (http: HttpServer) => Promise<RequestHandler>
}

export interface Stage extends Running {
  readonly port: number
  /** Without the token. */
  readonly url: string
  /** What GET /readyz goes by: the demo serves requests, or without one the cluster is up. */
  isReady(): boolean
}

/**
 * Opens the stage. `deps.client` should act as the stage's own user agent, `podium-stage`.
 * @throws the listen error (`EADDRINUSE`, `EACCES` …) when the port cannot be had; nothing is left running then
 */
export async function startStage(deps: RoomDeps, options: StageOptions): Promise<Stage> {
  const http = createServer()
  const connections = new Set<Socket>()
  http.on('connection', (socket) => {
    connections.add(socket)
    socket.on('close', () => connections.delete(socket))
  })
  const port = await listen(http, options)
  const development = await options.development?.(http)
  const rules: AccessRules = { token: options.token, host: options.host, port }
  const info: StageInfo = { ...options.info, protocol: PROTOCOL_VERSION }
  const cast = options.demo
  const show = startShow(deps, {
    cast,
    info,
    http,
    admits: (request) => checkAll(request.headers, rules).admitted,
    rules: options.rules ?? (() => []),
    onDeletion: options.onDeletion ?? (() => () => undefined),
  })
  const notReady = () => (show.isSynced() ? whyNotReady(show, cast) : 'The cluster is starting.')
  const door = openDoor(http, rules, options)
  const app = createHttp({
    rules,
    cluster: door?.handler,
    info,
    clientDir: options.clientDir,
    development,
    summary: () => summaryOf(show.feed, show.load?.current(), cast),
    notReady,
    act: (action) => show.act(action),
    cue: (request) => show.cue(request),
    replay: (request) => show.replay(request),
    trace: () => show.trace(),
    failures: () => show.failures(),
    traffic: () => show.traffic(),
    scaling: () => show.scaling(),
    logError: (message, error) => deps.log.error(message, error),
  })
  http.on('request', app)
  const host = options.host.includes(':') ? `[${options.host}]` : options.host
  return {
    port,
    url: `http://${host}:${port}`,
    isReady: () => notReady() === undefined,
    async close() {
      const cut = deps.clock.after(POLITE_MS, () => {
        for (const socket of connections) socket.destroy()
      })
      door?.close()
      await show.close()
      cut.cancel()
    },
  }
}

interface Door {
  handler: RequestHandler
  close(): void
}

/** The way to the cluster's API, for requests and for upgrades; nobody else's upgrades are left hanging. */
function openDoor(http: HttpServer, rules: AccessRules, options: StageOptions): Door | undefined {
  const upstream = options.api && createUpstream(options.api, 'podium-stage')
  const upgrades =
    upstream &&
    clusterUpgrades({
      upstream,
      prefix: CLUSTER_DOOR,
      admits: ({ headers }) => checkAll(headers, rules),
    })
  http.on('upgrade', (request, socket, head) => {
    if (upgrades?.take(request, socket, head)) return
    const isTaken = request.url?.startsWith(FEED_PATH) || options.development !== undefined
    if (!isTaken) socket.destroy()
  })
  if (!upstream) return undefined
  return {
    handler: clusterDoor(upstream, CLUSTER_DOOR),
    close() {
      upgrades?.close()
      upstream.close()
    },
  }
}

function listen(http: HttpServer, { host, port }: StageOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    http.once('error', reject)
    http.listen(port, host, () => {
      http.off('error', reject)
      resolve((http.address() as AddressInfo).port)
    })
  })
}

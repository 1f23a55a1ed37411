// Follows the pods that a label selects, through the Kubernetes API, with the pod's own service account.
import { readFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import https from 'node:https'
import path from 'node:path'
import type { KubeList } from '../../../shared/kubernetes/meta.ts'
import type { Pod } from '../../../shared/kubernetes/pod.ts'
import { applyWatchEvent, replicaOf, type Replica, type WatchEvent } from '../../../shared/watch.ts'
import { LineSplitter } from './lines.ts'

const ACCOUNT = 'var/run/secrets/kubernetes.io/serviceaccount'
const FIRST_RETRY_MS = 100
const LONGEST_RETRY_MS = 2000
/** A watch on which nothing comes for this long (ms) is opened again; the server sends bookmarks more often. */
const SILENCE_MS = 120_000
const LIST_MS = 10_000

/** Where the API is and who asks. */
export interface ApiAccess {
  host: string
  port: string
  namespace: string
  /** Read for every request, for it is rotated. */
  token: () => string
  ca: Buffer
}

/**
 * What the kubelet gives every container.
 * @throws when this is not a container of a cluster, or its service account is not mounted.
 */
export function accessFromPod(): ApiAccess {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port = '443' } = process.env
  if (host === undefined) throw new Error('KUBERNETES_SERVICE_HOST is not set')
  const account = path.join(process.env.PODIUM_ROOT ?? '/', ACCOUNT)
  const read = (name: string): Buffer => readFileSync(path.join(account, name))
  const namespace = read('namespace').toString().trim()
  return { host, port, namespace, token: () => read('token').toString().trim(), ca: read('ca.crt') }
}

/** Follows pods until it is closed. */
export class PodWatch {
  private readonly access: ApiAccess
  private readonly selector: string
  private readonly onPods: (pods: ReadonlyMap<string, Pod>) => void
  private readonly say: (text: string) => void
  private replica: Replica<Pod> | null = null
  private closed = false
  private current: { destroy: () => void } | null = null
  private retryMs = FIRST_RETRY_MS

  constructor(
    access: ApiAccess,
    selector: string,
    onPods: (pods: ReadonlyMap<string, Pod>) => void,
    say: (text: string) => void,
  ) {
    this.access = access
    this.selector = selector
    this.onPods = onPods
    this.say = say
    void this.run()
  }

  close(): void {
    this.closed = true
    this.current?.destroy()
  }

  private isClosed(): boolean {
    return this.closed
  }

  private async run(): Promise<void> {
    while (!this.isClosed()) {
      try {
        this.replica ??= await this.list()
        await this.watch(this.replica)
      } catch (error) {
        this.replica = null
        if (this.isClosed()) return
        this.say(`watching pods: ${error instanceof Error ? error.message : String(error)}`)
        await new Promise((resolve) => setTimeout(resolve, this.retryMs))
        this.retryMs = Math.min(LONGEST_RETRY_MS, this.retryMs * 2)
      }
    }
  }

  private async list(): Promise<Replica<Pod>> {
    const response = await this.get({}, LIST_MS)
    let text = ''
    for await (const chunk of response.setEncoding('utf8')) text += String(chunk)
    const replica = replicaOf(JSON.parse(text) as KubeList<Pod>)
    this.retryMs = FIRST_RETRY_MS
    this.onPods(replica.objects)
    return replica
  }

  /** Watches until the server ends the watch; rejects when the list is to be fetched again. */
  private async watch(replica: Replica<Pod>): Promise<void> {
    const { resourceVersion } = replica
    const query = { watch: 'true', allowWatchBookmarks: 'true', resourceVersion }
    const response = await this.get(query, SILENCE_MS)
    await new Promise<void>((resolve, reject) => {
      const lines = new LineSplitter((line) => this.apply(replica, line))
      response.on('data', (chunk: Buffer) => {
        try {
          lines.push(chunk)
        } catch (error) {
          response.destroy(error instanceof Error ? error : new Error(String(error)))
        }
      })
      response.on('end', resolve)
      response.on('error', reject)
    })
  }

  private apply(replica: Replica<Pod>, line: string): void {
    const event = JSON.parse(line) as
      WatchEvent<Pod> | { type: 'ERROR'; object: { message?: string } }
    if (event.type === 'ERROR') throw new Error(event.object.message ?? 'watch failed')
    if (applyWatchEvent(replica, event) === 'applied') this.onPods(replica.objects)
  }

  private async get(query: Record<string, string>, timeout: number): Promise<IncomingMessage> {
    const { host, port, namespace, token, ca } = this.access
    const parameters = new URLSearchParams({ labelSelector: this.selector, ...query })
    return new Promise((resolve, reject) => {
      const request = https.get({
        host,
        port,
        ca,
        path: `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods?${parameters.toString()}`,
        headers: { authorization: `Bearer ${token()}`, accept: 'application/json' },
        agent: false,
        timeout,
      })
      this.current = request
      request.on('timeout', () => request.destroy(new Error('no answer from the API server')))
      request.on('error', reject)
      request.on('response', (response) => {
        if (response.statusCode === 200) resolve(response)
        else {
          response.resume()
          reject(new Error(`the API server answered ${response.statusCode ?? 0}`))
        }
      })
    })
  }
}

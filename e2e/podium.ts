// The built product, started the way a user starts it, and the words tests speak to it with.
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Summary } from '../shared/stage.ts'
import { kubectlPath } from './tools/kubectl.ts'
import type { KubectlRelease } from './tools/kubectl.ts'

const RUN = fileURLToPath(new URL('../server/launch/run.mjs', import.meta.url))

export interface ProgramResult {
  code: number
  stdout: string
  stderr: string
}

/** Runs a program to its end; never throws for its exit code. */
export function run(
  command: string,
  args: readonly string[],
  options: { env?: Record<string, string>; input?: string; timeoutMs?: number } = {},
): Promise<ProgramResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      env: { ...process.env, ...options.env },
      timeout: options.timeoutMs ?? 60_000,
    })
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', (chunk) => (stdout += String(chunk)))
    child.stderr.on('data', (chunk) => (stderr += String(chunk)))
    child.on('error', reject)
    child.on('close', (code) => resolve({ code: code ?? -1, stdout, stderr }))
    // What has ended before it read its input has said all it has to say.
    child.stdin.on('error', () => undefined)
    child.stdin.end(options.input ?? '')
  })
}

/**
 * Waits until `look` answers something other than undefined or false.
 * @param what was awaited, in words; a function is asked at the end, and so can tell what was there instead
 * @throws Error with those words after the bound.
 */
export async function eventually<T>(
  what: string | (() => string),
  look: () => Promise<T | undefined | false> | T | undefined | false,
  boundMs = 60_000,
): Promise<T> {
  const deadline = Date.now() + boundMs
  let lastError: unknown
  for (;;) {
    try {
      const seen = await look()
      if (seen !== undefined && seen !== false) return seen
      lastError = undefined
    } catch (error) {
      lastError = error
    }
    if (Date.now() > deadline) {
      const words = typeof what === 'string' ? what : what()
      throw new Error(`not within ${boundMs} ms: ${words}`, { cause: lastError })
    }
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** What Podium printed so far. */
interface Output {
  text: string
}

export interface Product {
  readonly process: ChildProcess
  readonly dataDir: string
  readonly output: Output
  /** The stage with its token: what a person opens. */
  readonly url: string
  readonly origin: string
  readonly token: string
  readonly kubeconfig: string
  /** Ctrl-C; answers how long it took (ms) and the exit code. */
  stop(): Promise<{ ms: number; code: number | null }>
  /** `kill -9`, of this one process only. */
  kill(): Promise<void>
  kubectl(...args: string[]): Promise<ProgramResult>
  /** `kubectl apply -f -` of these objects. */
  tryApply(...objects: readonly object[]): Promise<ProgramResult>
  /** The same; its failure fails the test. */
  apply(...objects: readonly object[]): Promise<string>
  /** Writes a manifest down; answers its file. */
  manifest(name: string, text: string): string
  /** kubectl, whose failure fails the test; answers stdout. */
  kubectlOk(...args: string[]): Promise<string>
  summary(): Promise<Summary>
  /** Fails the test when any request failed, and says which: cause, pod, phase and rule of each. */
  noneFailed(): Promise<void>
  fetch(pathname: string, init?: RequestInit): Promise<Response>
}

/** Whether HAProxy is installed, where Podium looks for it too. */
export const hasHaproxy = [
  ...(process.env['PATH'] ?? '').split(':'),
  '/usr/sbin',
  '/usr/local/sbin',
].some((folder) => existsSync(path.join(folder, 'haproxy')))

/** A directory for one test's cluster, gone with `removeDirectory`. */
export function makeDirectory(): string {
  return mkdtempSync(path.join(os.tmpdir(), 'podium-e2e-'))
}

export function removeDirectory(directory: string): void {
  rmSync(directory, { recursive: true, force: true })
}

/** Starts the product on free ports and waits until it says it is ready; its kubectl is of that release. */
export async function startProduct(
  args: readonly string[] = [],
  dataDir = makeDirectory(),
  release?: KubectlRelease,
): Promise<Product> {
  const output: Output = { text: '' }
  const all = ['--port', '0', '--api-port', '0', '--data-dir', dataDir, ...args]
  // The same server behind the image nginx wherever tests run, unless somebody asks for another.
  const env = { PODIUM_NGINX: 'builtin', ...process.env }
  const child = spawn(process.execPath, [RUN, ...all], { stdio: ['ignore', 'pipe', 'pipe'], env })
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => (output.text += String(chunk)))
  }
  await eventually(
    `Podium is ready; it said: ${output.text}`,
    () => {
      if (child.exitCode !== null) throw new Error(`Podium ended: ${output.text}`)
      return output.text.includes('Ready in')
    },
    60_000,
  ).catch((error: unknown) => {
    child.kill('SIGKILL')
    throw new Error(`Podium did not become ready; it said:\n${output.text}`, { cause: error })
  })
  return productOf(child, dataDir, output, release)
}

function productOf(
  child: ChildProcess,
  dataDir: string,
  output: Output,
  release: KubectlRelease | undefined,
): Product {
  const url = /https?:\/\/\S+\/\?token=\S+/.exec(output.text)?.[0] ?? ''
  const kubeconfig = /--kubeconfig (\S+)/.exec(output.text)?.[1] ?? ''
  const { origin, searchParams } = new URL(url)
  const token = searchParams.get('token') ?? ''
  const ended = new Promise<number | null>((resolve) => child.on('exit', (code) => resolve(code)))

  const product: Product = {
    process: child,
    dataDir,
    output,
    url,
    origin,
    token,
    kubeconfig,
    async stop() {
      const began = Date.now()
      child.kill('SIGINT')
      const code = child.exitCode ?? (await ended)
      return { ms: Date.now() - began, code }
    },
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
    async kubectl(...args) {
      return run(await kubectlPath(release), ['--kubeconfig', kubeconfig, ...args])
    },
    async tryApply(...objects) {
      const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects })
      const args = ['--kubeconfig', kubeconfig, 'apply', '-f', '-']
      return run(await kubectlPath(release), args, { input: list })
    },
    async apply(...objects) {
      const { code, stdout, stderr } = await product.tryApply(...objects)
      if (code !== 0) throw new Error(`kubectl apply failed: ${stderr || stdout}`)
      return stdout
    },
    manifest(name, text) {
      const file = path.join(dataDir, `${name}.yaml`)
      writeFileSync(file, text)
      return file
    },
    async kubectlOk(...args) {
      const { code, stdout, stderr } = await product.kubectl(...args)
      if (code !== 0) throw new Error(`kubectl ${args.join(' ')} failed: ${stderr || stdout}`)
      return stdout
    },
    async summary() {
      return (await (await product.fetch('/api/summary')).json()) as Summary
    },
    async noneFailed() {
      const { failed } = await product.summary()
      const why = failed > 0 ? await (await product.fetch('/api/failures')).text() : ''
      if (failed > 0) throw new Error(`${failed} requests failed: ${why}`)
    },
    fetch(pathname, init = {}) {
      const headers = new Headers(init.headers)
      headers.set('Authorization', `Bearer ${token}`)
      return fetch(`${origin}${pathname}`, { ...init, headers })
    },
  }
  return product
}

/** Processes on this machine whose environment names this data directory's cluster. */
export function processesOf(dataDir: string): number[] {
  const id = readFileSync(path.join(dataDir, 'cluster-id'), 'utf8').trim()
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .filter((pid) => environmentOf(pid).includes(`PODIUM_CLUSTER=${id}`))
    .map(Number)
}

/** The cluster's nginx masters, by where their files are: nginx writes over its environment to show a title. */
export function nginxMasters(dataDir: string): number[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .filter((pid) => {
      const title = commandOf(pid)
      return title.startsWith('nginx: master process') && title.includes(dataDir)
    })
    .map(Number)
}

/** The command line of a process; '' when it has ended. */
export function commandOf(pid: number | string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1')
  } catch {
    return '' // it ended while we looked
  }
}

function environmentOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1')
  } catch {
    return '' // it ended while we looked
  }
}

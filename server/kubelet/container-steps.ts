// Starts and stops the containers of one pod and keeps what is observed of them up to date.
import type { Container } from '../../shared/kubernetes/pod.ts'
import { backoffAfter } from '../machinery/backoff.ts'
import type { PodScope, Run } from './container-run.ts'
import {
  failedStart,
  ImageError,
  newContainerId,
  StartError,
  startProcess,
  targetOf,
} from './container-run.ts'
import { runHook, stopRun } from './container-stop.ts'
import { ConfigError } from './environment.ts'
import type { ContainerExit, ObservedContainer } from './observed.ts'
import { restartAt } from './observed.ts'
import { Prober } from './prober.ts'
import type { TrafficGate } from './traffic-gate.ts'

/** What could not be created as configured is tried again this often; a change of the missing object is not waited for. */
const CONFIG_RETRY_MS = 2_000
/** A postStart hook has no time limit in Kubernetes; a stopped pod interrupts it. */
const NO_LIMIT_MS = 2 ** 30

export class ContainerSteps {
  readonly #scope: PodScope
  readonly #gate: TrafficGate
  readonly #changed: () => void
  readonly #runs = new Map<ObservedContainer, Run>()
  /** Starts that have not come to a process or a failure yet. */
  readonly #starting = new Set<Promise<void>>()
  #interrupt: () => void = () => undefined
  readonly #interrupted: Promise<void>
  #outOfTraffic: Promise<unknown> | undefined
  #silent = false

  constructor(scope: PodScope, gate: TrafficGate, changed: () => void) {
    this.#scope = scope
    this.#gate = gate
    this.#changed = changed
    this.#interrupted = new Promise((resolve) => {
      this.#interrupt = resolve
    })
  }

  /** Starts a container; what comes of it shows in `container`. */
  start(container: ObservedContainer): void {
    const before = { ...container }
    if (container.phase === 'exited') container.restartCount++
    Object.assign(container, {
      phase: 'starting',
      previous: container.exit ?? container.previous,
      exit: undefined,
      startedAt: undefined,
      started: false,
      ready: false,
      condemned: undefined,
      outOfMemory: false,
    } satisfies Partial<ObservedContainer>)
    const start = this.#start(container, before).finally(() => {
      this.#starting.delete(start)
      this.#changed()
    })
    this.#starting.add(start)
  }

  /** Stops a running container in order. @param message says why, as an event. */
  stop(container: ObservedContainer, message: string): void {
    const run = this.#runs.get(container)
    if (!run || container.phase !== 'running') return
    container.phase = 'stopping'
    run.prober?.stopRestarting()
    void this.#stop(run, message)
  }

  /** Kills a container that took more memory than it may, as the kernel does: at once and without a word. */
  killOutOfMemory(container: ObservedContainer): boolean {
    const run = this.#runs.get(container)
    if (!run || container.outOfMemory) return false
    container.outOfMemory = true
    this.#scope.context.runtime.signal(run.id, 'kill')
    return true
  }

  /** The pod comes to an end: hooks of starts under way are not waited for. */
  interruptStarts(): void {
    this.#interrupt()
  }

  /** Brings SIGKILL of everything being stopped forward to `killAt` (ms since the epoch). */
  hurry(killAt: number): void {
    for (const run of this.#runs.values()) run.hurry?.(killAt)
  }

  /** Stops everything at once, without hooks: stop signal, `graceMs`, SIGKILL. */
  async endAll(graceMs: number): Promise<void> {
    this.#silent = true
    this.#interrupt()
    const { runtime, deps } = this.#scope.context
    while (this.#runs.size + this.#starting.size > 0) {
      const runs = [...this.#runs.values()]
      for (const run of runs) runtime.signal(run.id, graceMs > 0 ? 'stop' : 'kill')
      const kill = deps.clock.after(graceMs, () => {
        for (const run of runs) runtime.signal(run.id, 'kill')
      })
      await Promise.all([...runs.map(({ ended }) => ended), ...this.#starting])
      kill.cancel()
    }
  }

  async #start(container: ObservedContainer, before: ObservedContainer): Promise<void> {
    const id = newContainerId()
    const spec = this.#specOf(container)
    try {
      const run = await startProcess(this.#scope, spec, container, id, (exit) =>
        this.#ended(container, exit),
      )
      // A process may end before its start is told; then its end is known already.
      if (container.exit?.id === id) return
      container.id = id
      container.hold = undefined
      this.#runs.set(container, run)
      this.#event(spec, 'Normal', 'Pulled', pulledText(spec))
      this.#event(spec, 'Normal', 'Created', `Created container: ${spec.name}`)
      this.#event(spec, 'Normal', 'Started', `Started container ${spec.name}`)
      if (!this.#silent) await this.#afterStart(container, run)
    } catch (error) {
      this.#notStarted(container, before, id, spec, error)
    }
  }

  /** postStart, then probes (kuberuntime_container.go: the container is not running before its hook is done). */
  async #afterStart(container: ObservedContainer, run: Run): Promise<void> {
    const hook = run.spec.lifecycle?.postStart
    if (hook) {
      const outcome = await Promise.race([
        runHook(hook, this.#scope, run, NO_LIMIT_MS),
        Promise.race([run.ended, this.#interrupted]).then(() => ({ success: true, message: '' })),
      ])
      if (!outcome.success) {
        this.#event(
          run.spec,
          'Warning',
          'FailedPostStartHook',
          `PostStartHook failed: ${outcome.message}`,
        )
        container.condemned = { message: 'FailedPostStartHook', graceSeconds: undefined }
      }
    }
    if (container.phase !== 'starting') return
    container.phase = 'running'
    if (container.init || container.ephemeral || container.condemned || this.#silent) return
    run.prober = this.#proberFor(container, run)
    run.prober.start()
  }

  #proberFor(container: ObservedContainer, run: Run): Prober {
    const { clock } = this.#scope.context.deps
    return new Prober(targetOf(this.#scope, run), clock, {
      started: () => {
        container.started = true
        this.#changed()
      },
      ready: (ready) => {
        if (container.ready === ready) return
        container.ready = ready
        this.#changed()
      },
      unhealthy: (message) => this.#event(run.spec, 'Warning', 'Unhealthy', message),
      failed: (kind, probe) => {
        container.condemned = {
          message: `Container ${container.name} failed ${kind} probe, will be restarted`,
          graceSeconds: probe.terminationGracePeriodSeconds,
        }
        this.#changed()
      },
    })
  }

  /** Called once for every process that was started. */
  #ended(container: ObservedContainer, exit: ContainerExit): void {
    const run = this.#runs.get(container)
    run?.prober?.close()
    this.#runs.delete(container)
    const { restarts } = this.#scope.context
    const longRun = exit.finishedAt - exit.startedAt >= restarts.resetAfterMs
    Object.assign(container, {
      phase: 'exited',
      id: exit.id,
      exit,
      started: false,
      ready: false,
      condemned: undefined,
      hold: undefined,
      crashes: longRun ? 1 : container.crashes + 1,
    } satisfies Partial<ObservedContainer>)
    this.#announceBackOff(container)
    this.#changed()
  }

  #announceBackOff(container: ObservedContainer): void {
    const { context, pod } = this.#scope
    if (
      this.#silent ||
      container.ephemeral ||
      restartAt(container, context.restarts) <= context.deps.clock.now()
    )
      return
    const { metadata, spec } = pod()
    if (spec.restartPolicy === 'Never' || metadata.deletionTimestamp) return
    const text = `Back-off restarting failed container ${container.name} in pod ${metadata.name}_${metadata.namespace}(${metadata.uid})`
    this.#event(this.#specOf(container), 'Warning', 'BackOff', text)
  }

  #notStarted(
    container: ObservedContainer,
    before: ObservedContainer,
    id: string,
    spec: Container,
    error: unknown,
  ): void {
    const now = this.#scope.context.deps.clock.now()
    if (error instanceof StartError) {
      this.#event(spec, 'Warning', 'Failed', `Error: ${error.message}`)
      this.#ended(container, failedStart(id, error, now))
      return
    }
    // It never came to a start: the container is what it was, and waits.
    const { phase, exit, previous, restartCount } = before
    Object.assign(container, { phase, exit, previous, restartCount })
    container.hold =
      error instanceof ImageError
        ? this.#imageHold(before, spec, error, now)
        : this.#configHold(before, spec, error as Error, now)
  }

  #imageHold(
    { hold }: ObservedContainer,
    spec: Container,
    error: ImageError,
    now: number,
  ): NonNullable<ObservedContainer['hold']> {
    const { baseMs, maxMs } = this.#scope.context.restarts
    const failures = hold?.reason === 'ErrImagePull' ? hold.failures + 1 : 1
    const { image = '' } = spec
    this.#event(spec, 'Normal', 'Pulling', `Pulling image "${image}"`)
    this.#event(spec, 'Warning', 'Failed', `Failed to pull image "${image}": ${error.message}`)
    this.#event(spec, 'Warning', 'Failed', 'Error: ErrImagePull')
    this.#event(spec, 'Normal', 'BackOff', `Back-off pulling image "${image}"`)
    const wait = backoffAfter(failures, { baseMs: Math.max(baseMs, 10_000), maxMs })
    return {
      reason: 'ErrImagePull',
      message: error.message,
      failures,
      since: now,
      retryAt: now + wait,
    }
  }

  #configHold(
    { hold }: ObservedContainer,
    spec: Container,
    error: Error,
    now: number,
  ): NonNullable<ObservedContainer['hold']> {
    const reason =
      error instanceof ConfigError ? 'CreateContainerConfigError' : 'CreateContainerError'
    const failures = (hold?.failures ?? 0) + 1
    this.#event(spec, 'Warning', 'Failed', `Error: ${error.message}`)
    return { reason, message: error.message, failures, since: now, retryAt: now + CONFIG_RETRY_MS }
  }

  async #stop(run: Run, message: string): Promise<void> {
    const { context, pod } = this.#scope
    const { metadata, spec } = pod()
    const { condemned } = run.container
    const deleted = metadata.deletionTimestamp !== undefined
    const seconds = deleted
      ? (metadata.deletionGracePeriodSeconds ?? 30)
      : (condemned?.graceSeconds ?? spec.terminationGracePeriodSeconds ?? 30)
    this.#event(run.spec, 'Normal', 'Killing', message)
    const graceMs = seconds * 1000
    await stopRun(this.#scope, run, {
      killAt: context.deps.clock.now() + graceMs,
      outOfTraffic: deleted ? this.#waitOutOfTraffic(graceMs) : Promise.resolve(),
      hookFailed: (text) =>
        this.#event(run.spec, 'Warning', 'FailedPreStopHook', `PreStopHook failed: ${text}`),
    })
  }

  /** Once for all containers of the pod. */
  #waitOutOfTraffic(graceMs: number): Promise<unknown> {
    const address = this.#scope.podIP()
    if (address === undefined) return Promise.resolve()
    const namespace = this.#scope.pod().metadata.namespace ?? ''
    this.#outOfTraffic ??= this.#gate.closed(namespace, address, graceMs / 2)
    return this.#outOfTraffic
  }

  #specOf({ name, init, ephemeral }: ObservedContainer): Container {
    const { spec } = this.#scope.pod()
    const list =
      (ephemeral ? spec.ephemeralContainers : init ? spec.initContainers : spec.containers) ?? []
    const found = list.find((container) => container.name === name)
    if (!found) throw new Error(`no container ${name}`)
    return found
  }

  #event(spec: Container, type: 'Normal' | 'Warning', reason: string, message: string): void {
    if (this.#silent) return
    const pod = this.#scope.pod()
    const { namespace, name, uid, resourceVersion } = pod.metadata
    const { initContainers, ephemeralContainers } = pod.spec
    const field = initContainers?.includes(spec)
      ? 'initContainers'
      : ephemeralContainers?.includes(spec)
        ? 'ephemeralContainers'
        : 'containers'
    this.#scope.context.events.event(
      {
        apiVersion: 'v1',
        kind: 'Pod',
        ...(namespace !== undefined && { namespace }),
        ...(name !== undefined && { name }),
        ...(uid !== undefined && { uid }),
        ...(resourceVersion !== undefined && { resourceVersion }),
        fieldPath: `spec.${field}{${spec.name}}`,
      },
      type,
      reason,
      message,
    )
  }
}

function pulledText({ image = '' }: Container): string {
  return `Container image "${image}" already present on machine`
}

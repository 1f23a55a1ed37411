// Jobs: pods that run to their end, until enough of them have.
import {
  COMPLETION_INDEX,
  JOB_TRACKING,
  isIndexed,
  type Job,
  type JobStatus,
} from '../../shared/kubernetes/batch.ts'
import { jobs, pods } from '../../shared/kubernetes/kinds.ts'
import { controllerOf, keyOf, type OwnerReference } from '../../shared/kubernetes/meta.ts'
import type { Container, Pod } from '../../shared/kubernetes/pod.ts'
import { matcherOf } from '../../shared/selectors.ts'
import { isConflict, isNotFound } from '../../shared/status.ts'
import type { Controller, ReconcileResult } from '../machinery/controller.ts'
import { startController } from '../machinery/controller.ts'
import type { EventRecorder } from '../machinery/events.ts'
import { createEventRecorder } from '../machinery/events.ts'
import type { Informer, ObjectChange } from '../machinery/informer.ts'
import type { RoomDeps, Running } from '../machinery/room.ts'
import { allAtOnce, BURST, slowStart } from './batches.ts'
import { carryOutClaim } from './claims.ts'
import type { JobPlan } from './job-plan.ts'
import { planJob } from './job-plan.ts'
import { INDEX_FAILURES, isTracked } from './job-pods.ts'
import type { PodSlot } from './job-slots.ts'
import { controllerReference, ignoreNotFound, podFromTemplate, sameJson } from './objects.ts'
import { candidatesOf, indexOwners, ownedBy, referenceOf } from './owned.ts'
import { PendingWrites } from './pending-writes.ts'
import type { Throttle } from './throttle.ts'
import { createThrottle, restFor } from './throttle.ts'

/** Pods by the key of the Job they name as their controller, whether it exists or not. */
const BY_JOB = 'controllers/job'
const BY_NAMESPACE = 'controllers/namespace'
/** Keys of pods that are held for a Job which is not theirs any more. No namespace can begin so. */
const ORPHAN = 'orphan:'

/** Starts the Job controller. */
export function startJobs(deps: RoomDeps): Running {
  return new JobController(deps)
}

function jobKeyOf(pod: Pod): string | undefined {
  const owner = controllerOf(pod)
  return owner?.kind === jobs.kind ? `${pod.metadata.namespace}/${owner.name}` : undefined
}

class JobController implements Running {
  readonly #deps: RoomDeps
  readonly #pods: Informer<Pod>
  readonly #jobs: Informer<Job>
  readonly #podWrites: PendingWrites
  readonly #jobWrites: PendingWrites
  readonly #events: EventRecorder
  readonly #controller: Controller
  readonly #throttle: Throttle
  readonly #unsubscribe: () => void

  constructor(deps: RoomDeps) {
    this.#deps = deps
    this.#pods = deps.informers.of(pods)
    this.#jobs = deps.informers.of(jobs)
    indexOwners(this.#pods)
    this.#pods.addIndex(BY_JOB, (pod) => [jobKeyOf(pod) ?? ''])
    this.#jobs.addIndex(BY_NAMESPACE, ({ metadata }) => [metadata.namespace ?? ''])
    this.#podWrites = new PendingWrites(this.#pods)
    this.#jobWrites = new PendingWrites(this.#jobs)
    this.#events = createEventRecorder({ ...deps, component: 'job-controller' })
    const rest = (key: string): number =>
      restFor(ownedBy(this.#pods, this.#jobs.get(key)?.metadata.uid).length)
    this.#throttle = createThrottle(deps.clock, rest, (key) => this.#controller.enqueue(key))
    this.#controller = startController(deps, {
      name: 'job-controller',
      for: jobs,
      reconcile: (key) => this.#reconcile(key),
    })
    this.#unsubscribe = this.#pods.subscribe((change) => this.#podChanged(change))
  }

  #podChanged({ type, object, previous }: ObjectChange<Pod>): void {
    for (const pod of previous ? [object, previous] : [object]) {
      const key = jobKeyOf(pod)
      if (key !== undefined) this.#throttle.touch(key)
    }
    if (type === 'deleted' || controllerOf(object)) return
    if (isTracked(object)) this.#controller.enqueue(`${ORPHAN}${keyOf(object)}`)
    for (const job of this.#matching(object)) this.#throttle.touch(keyOf(job))
  }

  /** Jobs that may want this pod of nobody. */
  #matching({ metadata }: Pod): Job[] {
    const all = this.#jobs.byIndex(BY_NAMESPACE, metadata.namespace ?? '')
    return all.filter(({ spec }) => spec.selector && matcherOf(spec.selector)(metadata.labels))
  }

  async #reconcile(key: string): Promise<ReconcileResult> {
    await this.#pods.synced
    if (key.startsWith(ORPHAN)) return this.#freeOrphan(key.slice(ORPHAN.length))
    const job = this.#jobs.get(key)
    if (!job) return this.#forget(key)
    if (!this.#podWrites.areInView(key) || !this.#jobWrites.areInView(key)) return
    const candidates = candidatesOf(this.#pods, job.metadata)
    const plan = planJob(job, candidates, this.#deps.clock.now())
    if (plan.expired) return this.#expire(job)
    await this.#claim(key, job, plan)
    await allAtOnce(plan.withdraw, (pod) => this.#free(key, pod))
    await this.#remove(key, job, [...plan.withdraw, ...plan.remove])
    const { made, failure } = await this.#create(key, job, plan.create)
    await this.#writeStatus(key, job, { ...plan.status }, made)
    for (const { type, reason, message } of plan.says) this.#say(job, type, reason, message)
    await allAtOnce(plan.free, (pod) => this.#free(key, pod))
    if (failure) throw failure
    return plan.againInMs === undefined ? undefined : { againInMs: plan.againInMs }
  }

  /** The Job is gone: its pods are held for nobody. */
  async #forget(key: string): Promise<void> {
    this.#podWrites.forget(key)
    this.#jobWrites.forget(key)
    const held = this.#pods.byIndex(BY_JOB, key).filter(isTracked)
    await allAtOnce(held, (pod) => this.#free(key, pod))
    this.#podWrites.forget(key)
  }

  async #freeOrphan(key: string): Promise<void> {
    const pod = this.#pods.get(key)
    if (!pod || !isTracked(pod) || controllerOf(pod) || this.#matching(pod).length > 0) return
    await this.#free(key, pod)
    this.#podWrites.forget(key)
  }

  async #expire({ metadata: { namespace, name = '', uid, resourceVersion } }: Job): Promise<void> {
    const preconditions = {
      ...(uid && { uid }),
      ...(resourceVersion && { resourceVersion }),
    }
    const options = { propagationPolicy: 'Foreground' as const, preconditions }
    await this.#deps.client.delete(jobs, { namespace, name }, options).catch(ignoreNotFound)
  }

  async #claim(key: string, job: Job, plan: JobPlan): Promise<void> {
    const reference = controllerReference({ ...job, apiVersion: 'batch/v1' }, jobs.kind)
    const wrote = (pod: Pod): void => this.#podWrites.wrote(key, pod)
    const takeOn = (pod: Pod): Promise<Pod> => this.#adopt(pod, reference)
    await carryOutClaim(this.#deps.client, plan, reference, wrote, takeOn)
  }

  /** A pod that is taken on is held from then on, so that it counts. */
  #adopt({ metadata }: Pod, reference: OwnerReference): Promise<Pod> {
    const { namespace, name = '', uid, resourceVersion } = metadata
    const ownerReferences = [...(metadata.ownerReferences ?? []), reference]
    const finalizers = [...new Set([...(metadata.finalizers ?? []), JOB_TRACKING])]
    const patch = { metadata: { uid, resourceVersion, ownerReferences, finalizers } }
    return this.#deps.client.patch(pods, { namespace, name }, patch, { type: 'merge' })
  }

  async #remove(key: string, job: Job, surplus: readonly Pod[]): Promise<void> {
    await allAtOnce(surplus.slice(0, BURST), async (pod) => {
      const { namespace, name = '', uid = '' } = pod.metadata
      try {
        await this.#deps.client.delete(pods, { namespace, name }, { preconditions: { uid } })
        this.#say(job, 'Normal', 'SuccessfulDelete', `Deleted pod: ${name}`)
      } catch (error) {
        if (!isNotFound(error) && !isConflict(error)) {
          const { message } = error as Error
          this.#say(job, 'Warning', 'FailedDelete', `Error deleting: ${message}`)
          throw error
        }
      }
      this.#podWrites.deleted(key, pod)
    })
  }

  async #create(
    key: string,
    job: Job,
    slots: readonly PodSlot[],
  ): Promise<{ made: number; failure: Error | undefined }> {
    const waiting = slots.slice(0, BURST)
    let next = 0
    const { done, failure } = await slowStart(waiting.length, async () => {
      const created = await this.#deps.client.create(pods, podOf(job, waiting[next++]!))
      this.#podWrites.wrote(key, created)
      this.#say(job, 'Normal', 'SuccessfulCreate', `Created pod: ${created.metadata.name}`)
    })
    if (failure) {
      this.#say(job, 'Warning', 'FailedCreate', `Error creating: ${failure.message}`)
    } else if (slots.length > BURST) this.#controller.enqueue(key)
    return { made: done, failure }
  }

  async #writeStatus(key: string, job: Job, status: JobStatus, made: number): Promise<void> {
    if (made > 0) status.active = (status.active ?? 0) + made
    if (sameJson(status, job.status)) return
    const stored = await this.#deps.client.update(
      jobs,
      { ...job, status },
      { subresource: 'status' },
    )
    this.#jobWrites.wrote(key, stored)
  }

  async #free(key: string, { metadata }: Pod): Promise<void> {
    const { namespace, name = '', uid, resourceVersion } = metadata
    const finalizers = (metadata.finalizers ?? []).filter((held) => held !== JOB_TRACKING)
    const patch = { metadata: { uid, resourceVersion, finalizers } }
    const { client } = this.#deps
    await client
      .patch(pods, { namespace, name }, patch, { type: 'merge' })
      .then((pod) => this.#podWrites.wrote(key, pod), ignoreNotFound)
  }

  #say(job: Job, type: 'Normal' | 'Warning', reason: string, message: string): void {
    this.#events.event(referenceOf(jobs, job), type, reason, message)
  }

  async close(): Promise<void> {
    this.#unsubscribe()
    this.#throttle.close()
    await this.#controller.close()
  }
}

const INDEX_VARIABLE = 'JOB_COMPLETION_INDEX'

/** The pod of a slot: of the Job's template, held until it is counted, told its index. */
export function podOf(job: Job, { index, failures }: PodSlot): Pod {
  const reference = controllerReference({ ...job, apiVersion: 'batch/v1' }, jobs.kind)
  const pod = podFromTemplate(job.spec.template, reference, job.metadata.namespace ?? '')
  pod.metadata.finalizers = [...new Set([...(pod.metadata.finalizers ?? []), JOB_TRACKING])]
  if (!isIndexed(job) || index === undefined) return pod
  const text = String(index)
  pod.metadata.generateName = `${job.metadata.name}-${index}-`
  pod.metadata.labels = { ...pod.metadata.labels, [COMPLETION_INDEX]: text }
  pod.metadata.annotations = {
    ...pod.metadata.annotations,
    [COMPLETION_INDEX]: text,
    ...(failures !== undefined && { [INDEX_FAILURES]: String(failures) }),
  }
  pod.spec = {
    ...pod.spec,
    hostname: `${job.metadata.name}-${index}`,
    containers: pod.spec.containers.map(withIndex),
    ...(pod.spec.initContainers && { initContainers: pod.spec.initContainers.map(withIndex) }),
  }
  return pod
}

function withIndex(container: Container): Container {
  const { env = [] } = container
  if (env.some(({ name }) => name === INDEX_VARIABLE)) return container
  const fieldPath = `metadata.labels['${COMPLETION_INDEX}']`
  return {
    ...container,
    env: [...env, { name: INDEX_VARIABLE, valueFrom: { fieldRef: { fieldPath } } }],
  }
}

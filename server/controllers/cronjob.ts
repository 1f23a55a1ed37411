// CronJobs: a Job each time that the schedule says.
import type { CronJob, CronJobStatus, Job } from '../../shared/kubernetes/batch.ts'
import { cronJobs, jobs } from '../../shared/kubernetes/kinds.ts'
import { isAlreadyExists, isNotFound } from '../../shared/status.ts'
import type { Controller, ReconcileResult } from '../machinery/controller.ts'
import { startController } from '../machinery/controller.ts'
import type { EventRecorder } from '../machinery/events.ts'
import { createEventRecorder } from '../machinery/events.ts'
import type { Informer } from '../machinery/informer.ts'
import type { RoomDeps, Running } from '../machinery/room.ts'
import { allAtOnce } from './batches.ts'
import type { CronJobPlan, Said } from './cronjob-plan.ts'
import { activeReference, normal, planCronJob, warning } from './cronjob-plan.ts'
import { ignoreNotFound, sameJson } from './objects.ts'
import { timeText } from '../machinery/clock.ts'
import { indexOwners, ownedBy, referenceOf } from './owned.ts'
import { PendingWrites } from './pending-writes.ts'

/** Starts the CronJob controller. */
export function startCronJobs(deps: RoomDeps): Running {
  return new CronJobController(deps).controller
}

class CronJobController {
  readonly controller: Controller
  readonly #deps: RoomDeps
  readonly #cronJobs: Informer<CronJob>
  readonly #jobs: Informer<Job>
  readonly #jobWrites: PendingWrites
  readonly #ownWrites: PendingWrites
  readonly #events: EventRecorder

  constructor(deps: RoomDeps) {
    this.#deps = deps
    this.#cronJobs = deps.informers.of(cronJobs)
    this.#jobs = deps.informers.of(jobs)
    indexOwners(this.#jobs)
    this.#jobWrites = new PendingWrites(this.#jobs)
    this.#ownWrites = new PendingWrites(this.#cronJobs)
    this.#events = createEventRecorder({ ...deps, component: 'cronjob-controller' })
    this.controller = startController(deps, {
      name: 'cronjob-controller',
      for: cronJobs,
      owns: [jobs],
      reconcile: (key) => this.#reconcile(key),
    })
  }

  async #reconcile(key: string): Promise<ReconcileResult> {
    const cronJob = this.#cronJobs.get(key)
    if (!cronJob) {
      this.#jobWrites.forget(key)
      this.#ownWrites.forget(key)
      return
    }
    if (!this.#jobWrites.areInView(key) || !this.#ownWrites.areInView(key)) return
    const own = ownedBy(this.#jobs, cronJob.metadata.uid)
    const plan = planCronJob(cronJob, own, this.#deps.clock.now())
    for (const said of plan.says) this.#say(cronJob, said)
    await allAtOnce(plan.remove, (job) => this.#remove(key, cronJob, job))
    const status = await this.#create(key, cronJob, plan)
    if (!sameJson(status, cronJob.status)) {
      await this.#deps.client
        .update(cronJobs, { ...cronJob, status }, { subresource: 'status' })
        .then((stored) => this.#ownWrites.wrote(key, stored), ignoreNotFound)
    }
    return plan.againInMs === undefined ? undefined : { againInMs: Math.max(1, plan.againInMs) }
  }

  async #remove(key: string, cronJob: CronJob, job: Job): Promise<void> {
    const { namespace, name = '', uid } = job.metadata
    const options = {
      propagationPolicy: 'Background' as const,
      ...(uid && { preconditions: { uid } }),
    }
    try {
      await this.#deps.client.delete(jobs, { namespace, name }, options)
      this.#say(cronJob, normal('SuccessfulDelete', `Deleted job ${name}`))
    } catch (error) {
      if (!isNotFound(error)) throw error
    }
    this.#jobWrites.deleted(key, job)
  }

  /** Makes the Job that is due, if one is; answers the status that tells of it. */
  async #create(key: string, cronJob: CronJob, plan: CronJobPlan): Promise<CronJobStatus> {
    const { create: job, due, status } = plan
    if (!job || due === undefined) return status
    const lastScheduleTime = timeText(due)
    try {
      const created = await this.#deps.client.create<Job>(jobs, job)
      this.#jobWrites.wrote(key, created)
      this.#say(cronJob, normal('SuccessfulCreate', `Created job ${created.metadata.name}`))
      const active = [...(status.active ?? []), activeReference(created)]
      return { ...status, active, lastScheduleTime }
    } catch (error) {
      // Somebody else's Job has the name: this time is used up.
      if (isAlreadyExists(error)) return { ...status, lastScheduleTime }
      this.#say(cronJob, warning('FailedCreate', `Error creating job: ${(error as Error).message}`))
      throw error
    }
  }

  #say(cronJob: CronJob, { type, reason, message }: Said): void {
    this.#events.event(referenceOf(cronJobs, cronJob), type, reason, message)
  }
}

// Jobs and their pods for the tests of this room.
import {
  COMPLETION_INDEX,
  JOB_TRACKING,
  type Job,
  type JobSpec,
  type JobStatus,
} from '../../../shared/kubernetes/batch.ts'
import type { Pod, PodPhase } from '../../../shared/kubernetes/pod.ts'
import { INDEX_FAILURES } from '../job-pods.ts'
import { timeText } from '../../machinery/clock.ts'
import { T0 } from './objects.ts'

const selected = { 'batch.kubernetes.io/controller-uid': 'uid-sum' }

/** Job `sum` of one pod, begun at T0 unless said otherwise. */
export function makeJob(spec: Partial<JobSpec> = {}, status: JobStatus = {}): Job {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'sum', namespace: 'default', uid: 'uid-sum', generation: 1 },
    spec: {
      parallelism: 1,
      completions: 1,
      backoffLimit: 6,
      completionMode: 'NonIndexed',
      suspend: false,
      podReplacementPolicy: 'TerminatingOrFailed',
      selector: { matchLabels: selected },
      template: {
        metadata: { labels: selected },
        spec: { containers: [{ name: 'main', image: 'busybox' }], restartPolicy: 'Never' },
      },
      ...spec,
    },
    status: { startTime: timeText(T0), ...status },
  }
}

export interface JobPodOptions {
  phase?: PodPhase
  index?: number
  /** Failures of the index before. */
  failures?: number
  exitCode?: number
  /** When it ended, ms since epoch. */
  ended?: number
  deleting?: boolean
  /** False: its finalizer is gone. */
  held?: boolean
  restarts?: number
}

let counter = 0

/** A running pod of Job `sum`. */
export function jobPod(options: JobPodOptions = {}): Pod {
  counter += 1
  const { phase = 'Running', index, failures, held = true } = options
  const name = `sum-${counter}`
  const ended = phase === 'Succeeded' || phase === 'Failed'
  const exitCode = options.exitCode ?? (phase === 'Failed' ? 1 : 0)
  return {
    metadata: {
      name,
      namespace: 'default',
      uid: `uid-${name}`,
      creationTimestamp: timeText(T0),
      labels: selected,
      annotations: {
        ...(index !== undefined && { [COMPLETION_INDEX]: String(index) }),
        ...(failures !== undefined && { [INDEX_FAILURES]: String(failures) }),
      },
      ...(held && { finalizers: [JOB_TRACKING] }),
      ...(options.deleting && { deletionTimestamp: timeText(T0) }),
      ownerReferences: [
        { apiVersion: 'batch/v1', kind: 'Job', name: 'sum', uid: 'uid-sum', controller: true },
      ],
    },
    spec: { containers: [{ name: 'main' }], nodeName: 'node-1', restartPolicy: 'Never' },
    status: {
      phase,
      containerStatuses: [
        {
          name: 'main',
          ready: !ended,
          restartCount: options.restarts ?? 0,
          image: 'busybox',
          imageID: '',
          state: ended
            ? { terminated: { exitCode, finishedAt: timeText(options.ended ?? T0) } }
            : { running: {} },
        },
      ],
    },
  }
}

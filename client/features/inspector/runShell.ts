// `kubectl run -i --tty shell --image=busybox -- sh` from the page: a pod to look around the cluster with.
import { pods } from '../../../shared/kubernetes/kinds.ts'
import type { Pod } from '../../../shared/kubernetes/pod.ts'
import { ApiError } from '../../../shared/status.ts'
import { kube } from '../../live/kubernetes.ts'
import type { Findable } from './findable.ts'

const NAME = 'shell'

/** What that line makes (k8s.io/kubectl/pkg/cmd/run): it is given no restart policy, so the shell begins anew. */
const POD: Pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: NAME, namespace: 'default', labels: { run: NAME } },
  spec: {
    containers: [
      {
        name: NAME,
        image: 'busybox',
        args: ['sh'],
        stdin: true,
        stdinOnce: true,
        tty: true,
        resources: {},
      },
    ],
    dnsPolicy: 'ClusterFirst',
    restartPolicy: 'Always',
  },
}

/** Runs a shell in a pod of its own, unless it is there already, to be talked to in the inspector. */
export const RUN_SHELL: Findable = {
  selection: { kind: 'pods', namespace: 'default', name: NAME },
  kind: 'Run',
  detail: 'kubectl run -i --tty shell --image=busybox -- sh',
  async make() {
    try {
      await kube.create(pods, POD)
    } catch (error) {
      const isThere = error instanceof ApiError && error.reason === 'AlreadyExists'
      if (!isThere) throw error
    }
  },
}

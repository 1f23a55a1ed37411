// Carries a claim out: pods that no longer fit are let go, pods of nobody that do fit are taken on.
import type { KubeClient } from '../../shared/client.ts'
import { pods } from '../../shared/kubernetes/kinds.ts'
import type { OwnerReference } from '../../shared/kubernetes/meta.ts'
import type { Pod } from '../../shared/kubernetes/pod.ts'
import { allAtOnce } from './batches.ts'
import { ignoreNotFound } from './objects.ts'
import type { Claim } from './owned.ts'
import { adopt, release } from './owned.ts'

/**
 * Lets go and takes on. Pods that have gone meanwhile are passed over.
 * @param wrote told each pod that was written
 * @param takeOn how a pod is made the owner's, where more than its owner references changes
 * @throws ApiError 409 when a pod changed meanwhile
 */
export async function carryOutClaim(
  client: KubeClient,
  claim: Pick<Claim<Pod>, 'adopt' | 'release'>,
  owner: OwnerReference,
  wrote: (pod: Pod) => void,
  takeOn = (pod: Pod): Promise<Pod> => adopt(client, pods, pod, owner),
): Promise<void> {
  await allAtOnce(claim.release, (pod) =>
    release(client, pods, pod, owner.uid).then(wrote, ignoreNotFound),
  )
  await allAtOnce(claim.adopt, (pod) => takeOn(pod).then(wrote, ignoreNotFound))
}

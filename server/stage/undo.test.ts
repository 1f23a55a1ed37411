import { expect, test } from 'vitest'
import { deployment, replicaSet } from './testing/objects.ts'
import { undoPatch } from './undo.ts'

test('the template comes back without its hash; each keeps the annotations that are its own', () => {
  const present = deployment('v2', 3)
  present.metadata.annotations = {
    'deployment.kubernetes.io/revision': '2',
    'kubernetes.io/change-cause': 'to v2',
    'kubectl.kubernetes.io/last-applied-configuration': '{}',
  }
  const set = replicaSet('v1', 1)
  set.metadata.annotations!['kubernetes.io/change-cause'] = 'to v1'
  set.metadata.annotations!['deployment.kubernetes.io/desired-replicas'] = '3'
  expect(undoPatch(present, set)).toEqual([
    { op: 'replace', path: '/spec/template', value: deployment('v1', 3).spec.template },
    {
      op: 'add',
      path: '/metadata/annotations',
      value: {
        'deployment.kubernetes.io/revision': '2',
        'kubernetes.io/change-cause': 'to v1',
        'kubectl.kubernetes.io/last-applied-configuration': '{}',
      },
    },
  ])
  expect(set.spec.template?.metadata?.labels).toHaveProperty('pod-template-hash')
})

import { expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { beginningDraft, manifestsOf, manifestsText } from './manifests.ts'
import type { Draft } from './manifests.ts'

const draft = (change: Partial<Draft> = {}): Draft => ({
  ...beginningDraft('shop'),
  name: 'web',
  image: 'registry.example/podium/web:v2',
  ...change,
})

const kinds = (change: Partial<Draft>): string[] =>
  manifestsOf(draft(change)).map((object) => (object as { kind: string }).kind)

test('as many objects as were asked for', () => {
  expect(kinds({ reach: 'pods' })).toEqual(['Deployment'])
  expect(kinds({ reach: 'service' })).toEqual(['Deployment', 'Service'])
  expect(kinds({ reach: 'ingress', isScaled: true })).toEqual([
    'Deployment',
    'Service',
    'Ingress',
    'HorizontalPodAutoscaler',
  ])
})

test('the container is named after its image, and what was left empty is not written', () => {
  const bare = { replicas: '', port: '', cpu: '', memory: '', reach: 'pods' } as const
  expect(manifestsOf(draft(bare))).toEqual([
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web', namespace: 'shop', labels: { app: 'web' } },
      spec: {
        selector: { matchLabels: { app: 'web' } },
        template: {
          metadata: { labels: { app: 'web' } },
          spec: { containers: [{ name: 'web', image: 'registry.example/podium/web:v2' }] },
        },
      },
    },
  ])
})

test('the Service and the Ingress lead to the port of the container', () => {
  const [, service, ingress] = manifestsOf(
    draft({ reach: 'ingress', port: '8080', servicePort: '81', ingressClass: 'podium' }),
  )
  expect(service).toMatchObject({
    spec: { selector: { app: 'web' }, ports: [{ port: 81, targetPort: 8080 }] },
  })
  expect(ingress).toMatchObject({
    spec: {
      ingressClassName: 'podium',
      rules: [
        {
          host: 'example.test',
          http: {
            paths: [{ path: '/', backend: { service: { name: 'web', port: { number: 81 } } } }],
          },
        },
      ],
    },
  })
})

test('an autoscaler owns the number of replicas', () => {
  const [deployment, scaler] = manifestsOf(draft({ reach: 'pods', isScaled: true }))
  expect(deployment).not.toHaveProperty('spec.replicas')
  expect(scaler).toMatchObject({
    spec: { scaleTargetRef: { name: 'web' }, minReplicas: 2, maxReplicas: 10 },
  })
})

test('limits repeat the requests, written out', () => {
  const text = manifestsText(draft({ isLimited: true }))
  expect(text).toContain('limits:\n')
  expect(text).not.toContain('&')
  expect(parseAllDocuments(text)).toHaveLength(2)
})

test('what is no number stays what was typed', () => {
  expect(manifestsOf(draft({ replicas: 'two' }))[0]).toHaveProperty('spec.replicas', 'two')
})

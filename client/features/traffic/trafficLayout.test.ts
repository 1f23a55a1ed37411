import { expect, test } from 'vitest'
import { trafficLayout } from './trafficLayout.ts'
import type { ServiceNode, TrafficModel } from './trafficModel.ts'

const SIZE = { width: 1840, height: 500 }

const service = (name: string): ServiceNode => ({
  key: `default/${name}`,
  name,
  address: '127.96.0.9:80',
  rate: 1_000,
  problem: null,
  pods: [],
  byPod: {},
})

const ingress = (className: string) => ({
  className,
  controller: className,
  hosts: ['a.test'],
  address: '127.96.0.8:80',
  rate: 10,
})

const route = (className: string, name: string) => ({
  id: `${className} ${name}`,
  className,
  service: `default/${name}`,
  paths: [`/${name}`],
  rate: 10,
  failed: 0,
})

function layoutOf(names: string[], classes: string[]) {
  const model: TrafficModel = {
    sources: [
      {
        id: 'loadbots',
        title: '2 loadbots',
        detail: '',
        rate: 50_000,
        to: { service: 'default/a' },
      },
    ],
    ingresses: classes.map(ingress),
    routes: classes.flatMap((className) => names.map((name) => route(className, name))),
    services: names.map(service),
  }
  return trafficLayout(model, SIZE.width, SIZE.height, ['v1'])
}

test.each([
  [['a'], ['podium']],
  [['a', 'b'], ['podium']],
  [
    ['a', 'b', 'c', 'd'],
    ['podium', 'haproxy'],
  ],
])('what is sent to a Service past the Ingresses flows under them: %j by %j', (names, classes) => {
  const { sources, services, ingresses } = layoutOf(names, classes)
  const target = services.at(-1)!
  expect(target.node.key).toBe('default/a')
  const top = Math.min(sources[0]!.y - sources[0]!.height / 2, target.y - target.height / 2)
  for (const { y, height } of ingresses) expect(y + height / 2).toBeLessThan(top)
})

// A part of the picture that has its place, and what follows from places. Pure.
import type { IngressNode, RouteEdge, ServiceNode, SourceNode } from './trafficModel.ts'

export interface Placed<T> {
  node: T
  /** Middle, and height of what flows. */
  y: number
  height: number
}

export interface RoutePlaced extends Placed<RouteEdge> {
  /** Where it leaves its Ingress, and how high it is there; null while that is not served. */
  start: { y: number; height: number } | null
  /** Where its label stands. */
  label: { x: number; y: number }
}

export interface Places {
  x: { source: number; ingress: number; service: number; port: number; pods: number }
  sources: readonly Placed<SourceNode>[]
  ingresses: readonly Placed<IngressNode>[]
  routes: readonly RoutePlaced[]
  services: readonly Placed<ServiceNode>[]
}

/** Height of the line on which a Service's pods stand. */
export function portHeight({ height }: Placed<unknown>): number {
  return Math.max(48, height * 1.25)
}

/** In the order they have, one above the other, filling what they lead to. */
export function stacked<T>(
  items: readonly Placed<T>[],
  into: Placed<unknown>,
): { item: Placed<T>; y: number; height: number }[] {
  const sum = items.reduce((all, { height }) => all + height, 0)
  let top = into.y - into.height / 2
  return items.map((item) => {
    const height = (item.height / Math.max(1, sum)) * into.height
    top += height
    return { item, y: top - height / 2, height }
  })
}

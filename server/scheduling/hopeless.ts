// When one pod fits nowhere, another that asks for the same need not be tried until something has opened up: a thousand
// pods too many cost one search, not a thousand.
import type { PodInfo } from './snapshot.ts'

const shapes = new WeakMap<PodInfo, string>()

/** Everything of a pod that matters to the plugins, as a text. */
export function shapeOf(info: PodInfo): string {
  let shape = shapes.get(info)
  if (shape === undefined) {
    shape = `${info.group} ${JSON.stringify(info.pod.spec)}`
    shapes.set(info, shape)
  }
  return shape
}

export class Hopeless {
  readonly #messages = new Map<string, string>()
  #openings = -1

  /** The pod fits nowhere, as long as the count of openings does not move. */
  add(info: PodInfo, openings: number, message: string): void {
    if (openings !== this.#openings) this.#messages.clear()
    this.#openings = openings
    this.#messages.set(shapeOf(info), message)
  }

  /** Why the pod is known to fit nowhere. */
  get(info: PodInfo, openings: number): string | undefined {
    if (openings !== this.#openings) return undefined
    return this.#messages.get(shapeOf(info))
  }
}

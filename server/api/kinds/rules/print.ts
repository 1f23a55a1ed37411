// How `kubectl get` shows things (k8s.io/kubernetes/pkg/printers/internalversion/printers.go).
import type { KubeObject } from '../../../../shared/kubernetes/meta.ts'
import type { PodTemplateSpec } from '../../../../shared/kubernetes/pod.ts'
import type { Column } from '../strategy.ts'

const MINUTE = 60
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const YEAR = 365 * DAY

/** `2d`, and `3h` when there is a rest: `2d3h`. */
function twoUnits(
  seconds: number,
  unit: number,
  letter: string,
  smaller: number,
  rest: string,
): string {
  const more = Math.floor((seconds % unit) / smaller)
  return `${Math.floor(seconds / unit)}${letter}${more === 0 ? '' : `${more}${rest}`}`
}

/** A duration with two to three digits of precision (apimachinery/pkg/util/duration HumanDuration). */
export function humanDuration(ms: number): string {
  const seconds = Math.trunc(ms / 1000)
  if (seconds < -1) return '<invalid>'
  if (seconds < 0) return '0s'
  if (seconds < 2 * MINUTE) return `${seconds}s`
  if (seconds < 10 * MINUTE) return twoUnits(seconds, MINUTE, 'm', 1, 's')
  if (seconds < 3 * HOUR) return `${Math.floor(seconds / MINUTE)}m`
  if (seconds < 8 * HOUR) return twoUnits(seconds, HOUR, 'h', MINUTE, 'm')
  if (seconds < 2 * DAY) return `${Math.floor(seconds / HOUR)}h`
  if (seconds < 8 * DAY) return twoUnits(seconds, DAY, 'd', HOUR, 'h')
  if (seconds < 2 * YEAR) return `${Math.floor(seconds / DAY)}d`
  if (seconds < 8 * YEAR) return twoUnits(seconds, YEAR, 'y', DAY, 'd')
  return `${Math.floor(seconds / YEAR)}y`
}

/** How long ago a timestamp was; `<unknown>` when there is none. */
export function since(timestamp: string | null | undefined, now: number): string {
  const at = Date.parse(timestamp ?? '')
  return Number.isNaN(at) ? '<unknown>' : humanDuration(now - at)
}

export const NONE = '<none>'

/** `a=1,b=2` (labels.FormatLabels). */
export function formatLabels(labels: Record<string, string> | undefined): string {
  const pairs = Object.entries(labels ?? {}).map(([key, value]) => `${key}=${value}`)
  return pairs.sort().join(',') || NONE
}

/** The first three, and how many more there are. */
export function firstThree(texts: readonly string[], whenEmpty: string): string {
  if (texts.length === 0) return whenEmpty
  const more = texts.length > 3 ? ` + ${texts.length - 3} more...` : ''
  return texts.slice(0, 3).join(',') + more
}

export const nameColumn: Column<KubeObject> = {
  name: 'Name',
  type: 'string',
  format: 'name',
  description: 'Name of the object, unique among its kind in its namespace.',
  cell: ({ metadata }) => metadata.name ?? '',
}

export const ageColumn: Column<KubeObject> = {
  name: 'Age',
  type: 'string',
  description: 'Time since the object was created.',
  cell: ({ metadata }, now) => since(metadata.creationTimestamp, now),
}

/** A column of text. */
export function text<T extends KubeObject>(
  name: string,
  cell: (object: T, now: number) => string,
  priority: 0 | 1 = 0,
): Column<T> {
  return { name, type: 'string', priority, cell }
}

/** A column of whole numbers. */
export function count<T extends KubeObject>(name: string, cell: (object: T) => number): Column<T> {
  return { name, type: 'integer', cell }
}

/** Names and images of a template's containers, and the selector: the wide columns of workloads. */
export function workloadColumns<T extends KubeObject & { spec: { template?: PodTemplateSpec } }>(
  selector: (object: T) => string,
): Column<T>[] {
  const containers = (object: T) => object.spec.template?.spec.containers ?? []
  return [
    text(
      'Containers',
      (object) =>
        containers(object)
          .map(({ name }) => name)
          .join(','),
      1,
    ),
    text(
      'Images',
      (object) =>
        containers(object)
          .map(({ image = '' }) => image)
          .join(','),
      1,
    ),
    text('Selector', selector, 1),
  ]
}

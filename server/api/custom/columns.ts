// additionalPrinterColumns: values found by JSON paths (client-go/util/jsonpath, as far as columns use it).
import type { PrinterColumn } from '../../../shared/kubernetes/custom.ts'
import type { KubeObject } from '../../../shared/kubernetes/meta.ts'
import { ageColumn, nameColumn, since } from '../kinds/rules/print.ts'
import type { Column } from '../kinds/strategy.ts'
import { isJsonObject } from '../values.ts'

const STEP =
  /\.((?:\\.|[^.[\\])+)|\['((?:\\.|[^'\\])+)'\]|\[(\d+)\]|(\[\*\])|\[\?\(@\.([\w.]+)\s*==\s*['"]([^'"]*)['"]\)\]/y

/** Everything a path such as `.status.conditions[?(@.type=="Ready")].status` leads to; undefined for a path that is none. */
export function findAll(object: unknown, path: string): unknown[] | undefined {
  let found: unknown[] = [object]
  const step = new RegExp(STEP)
  while (step.lastIndex < path.length) {
    const match = step.exec(path)
    if (!match) return undefined
    const [, dotted, quoted, index, all, field, wanted] = match
    const name = (dotted ?? quoted)?.replaceAll(/\\(.)/g, '$1')
    if (name !== undefined) found = found.flatMap((value) => member(value, name))
    else if (index !== undefined) {
      found = found.flatMap((value) =>
        Array.isArray(value) ? value.slice(+index, +index + 1) : [],
      )
    } else {
      const items = found.flatMap((value) => (Array.isArray(value) ? (value as unknown[]) : []))
      found = all ? items : items.filter((item) => findAll(item, `.${field}`)?.[0] === wanted)
    }
  }
  return found
}

function member(value: unknown, name: string): unknown[] {
  return isJsonObject(value) && Object.hasOwn(value, name) ? [value[name]] : []
}

const TYPES: Readonly<Record<string, Column<KubeObject>['type']>> = {
  integer: 'integer',
  boolean: 'boolean',
  date: 'date',
}

/** What `kubectl get` shows of a custom kind: its name, and its columns or its age. */
export function columnsOf(columns: readonly PrinterColumn[] | undefined): Column<KubeObject>[] {
  if (!columns || columns.length === 0) return [nameColumn, ageColumn]
  return [nameColumn, ...columns.map(columnOf)]
}

function columnOf({
  name,
  type,
  description,
  priority,
  jsonPath,
}: PrinterColumn): Column<KubeObject> {
  return {
    name,
    type: TYPES[type] ?? 'string',
    ...(description !== undefined && { description }),
    priority: priority ? 1 : 0,
    cell(object, now) {
      const found = findAll(object, jsonPath) ?? []
      const [value] = found
      if (value === undefined || value === null) return null
      if (type === 'date') return since(typeof value === 'string' ? value : undefined, now)
      if (typeof value === 'number' || typeof value === 'boolean') return value
      return found.map((item) => (typeof item === 'string' ? item : JSON.stringify(item))).join(',')
    },
  }
}

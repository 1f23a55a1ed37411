// An informer that tells a part of what happens.
import type { KubeObject } from '../../shared/kubernetes/meta.ts'
import type { Informer, Informers, ObjectChange } from '../machinery/informer.ts'

/** The same informers, whose subscribers hear only of changes that concern them. */
export function hearingOnly(
  informers: Informers,
  concerns: (change: ObjectChange<KubeObject>) => boolean,
): Informers {
  const filtered = <T extends KubeObject>(informer: Informer<T>): Informer<T> => ({
    kind: informer.kind,
    synced: informer.synced,
    get: (key) => informer.get(key),
    all: () => informer.all(),
    byIndex: (index, value) => informer.byIndex(index, value),
    addIndex: (index, valuesOf) => informer.addIndex(index, valuesOf),
    subscribe: (onChange) =>
      informer.subscribe((change) => {
        if (concerns(change)) onChange(change)
      }),
    get resourceVersion() {
      return informer.resourceVersion
    },
  })
  return { of: (kind) => filtered(informers.of(kind)), close: () => informers.close() }
}
